/* Reads resting ECGs with their diagnoses (SNOMED CT codes of the PhysioNet/CinC Challenge 2021, words of LUDB), has
them interpreted, and counts by statement. */
#include "statements.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ecg/pipeline.h"
#include "heart.h"
#include "ludb.h"
#include "record/wfdb.h"

/* LUDB's headers give each lead the gain that makes it 1 mV from top to bottom; its counts obey II = I + III, and are
   microvolts. */
#define LUDB_COUNTS_PER_MV 1000.0

enum { WORDS = 6, ALIKE_MIN = 5 };

static const char preamble[] =
    "## Statements\n"
    "\n"
    "What is written under resting ECGs of ten seconds against the diagnoses in their headers: 21 of the PhysioNet\n"
    "Challenge 2021 and 24 of LUDB. Labelled: the ECGs whose header has it; told: those it was written under; right:\n"
    "both. A header names what its reader found worth naming, by limits of his own, so neither column is the truth:\n"
    "read the small numbers as a sample, not as a rate. Not in the table: statements without a label of that kind.\n"
    "\n";

/* A statement, by the codes that count for it, and its labels. */
static const struct kind {
    const char *name;
    const char *codes[WORDS];
    const char *snomed[WORDS];
    const char *words[WORDS]; /* any of them, in a line of LUDB's header */
    double floor_se, floor_p; /* percent; 0 where nothing is promised */
} kinds[] = {
    {"Sinus rhythm", {"sinus_rhythm"}, {"426783006"}, {"Rhythm: Sinus rhythm"}, 0.0, 0.0},
    {"Sinus bradycardia", {"sinus_bradycardia"}, {"426177001"}, {"Rhythm: Sinus bradycardia"}, 85.0, 60.0},
    {"Sinus tachycardia", {"sinus_tachycardia"}, {"427084000"}, {"Rhythm: Sinus tachycardia"}, 40.0, 60.0},
    {"Sinus arrhythmia",
     {"sinus_arrhythmia"},
     {"427393009"},
     {"Rhythm: Sinus arrhythmia", "Rhythm: Irregular sinus"},
     0.0,
     0.0},
    {"Atrial fibrillation", {"atrial_fibrillation"}, {"164889003"}, {"Rhythm: Atrial fibrillation"}, 0.0, 0.0},
    {"Atrial flutter", {"atrial_flutter"}, {"164890007"}, {"Rhythm: Atrial flutter"}, 0.0, 0.0},
    {"Paced rhythm", {"paced"}, {"10370003"}, {"ventricular pacing", "atrial pacing"}, 0.0, 0.0},
    {"Complete AV block", {"av_block_3"}, {"27885002"}, {"III degree AV"}, 0.0, 0.0},
    {"Ventricular premature complexes",
     {"ventricular_premature"},
     {"17338001", "427172004", "164884008"},
     {"Ventricular extrasystole"},
     0.0,
     0.0},
    {"Atrial premature complexes", {"atrial_premature"}, {"284470004", "63593006"}, {"Atrial extrasystole"}, 0.0, 0.0},
    {"Left-axis deviation", {"left_axis"}, {"39732003"}, {"left axis deviation"}, 0.0, 0.0},
    {"Right-axis deviation", {"right_axis"}, {"47665007"}, {"right axis deviation"}, 0.0, 0.0},
    {"Left bundle branch block", {"lbbb"}, {"164909002", "733534002"}, {"Complete left bundle"}, 0.0, 0.0},
    {"Right bundle branch block", {"rbbb"}, {"59118001", "713427006"}, {"Complete right bundle"}, 0.0, 0.0},
    {"Incomplete RBBB", {"incomplete_rbbb"}, {"713426002"}, {"Incomplete right bundle"}, 0.0, 0.0},
    {"Incomplete LBBB", {"incomplete_lbbb"}, {"251120003"}, {"Incomplete left bundle"}, 0.0, 0.0},
    {"Intraventricular conduction delay", {"ivcd"}, {"698252002"}, {NULL}, 0.0, 0.0},
    {"Left anterior fascicular block",
     {"left_anterior_fascicular_block"},
     {"445118002"},
     {"Left anterior hemiblock"},
     0.0,
     0.0},
    {"First-degree AV block", {"first_degree_av_block"}, {"270492004"}, {"\nI degree AV"}, 0.0, 0.0},
    {"Left ventricular hypertrophy", {"lvh"}, {"164873001", "55827005"}, {"Left ventricular hypertrophy"}, 40.0, 45.0},
    {"Right ventricular hypertrophy", {"rvh"}, {"89792004"}, {"Right ventricular hypertrophy"}, 0.0, 0.0},
    {"Left atrial enlargement",
     {"left_atrial_enlargement"},
     {"67741000119109", "253352002", "446813000"},
     {"Left atrial"},
     0.0,
     0.0},
    {"Low voltage", {"low_voltage"}, {"251146004"}, {NULL}, 0.0, 0.0},
    {"ST elevation",
     {"anterior_st_elevation", "inferior_st_elevation", "lateral_st_elevation"},
     {"164931005", "164865005"},
     {"\nSTEMI:", "Early repolarization"},
     0.0,
     0.0},
    {"T-wave inversion",
     {"anterior_t_inversion", "inferior_t_inversion", "lateral_t_inversion"},
     {"59931005"},
     {NULL},
     0.0,
     0.0},
    {"ST or T abnormality of any kind",
     {"anterior_t_inversion", "inferior_t_inversion", "lateral_t_inversion", "nonspecific_t", "anterior_st_depression",
      "lateral_st_depression"},
     {"164934002", "428750005", "55930002", "59931005"},
     {"repolarization abnormalities", "ischemia", "Ischemia", "overload"},
     30.0,
     45.0},
    {"Infarct by Q waves",
     {"anterior_infarct", "inferior_infarct", "lateral_infarct"},
     {"164917005", "164867002"},
     {"Scar formation"},
     0.0,
     0.0},
    {"Prolonged QT", {"long_qt"}, {"111975006"}, {NULL}, 0.0, 0.0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *const challenge_records[] = {
    "E07500",  "E07501",  "E07502",  "E07503",  "E07504",  "E07505",  "E07506",
    "E07507",  "HR06000", "HR06001", "HR06002", "HR06003", "HR06004", "JS20000",
    "JS20001", "JS20002", "JS20003", "JS20004", "JS20005", "JS20006", "JS20007",
};
enum { CHALLENGE_RECORDS = sizeof challenge_records / sizeof challenge_records[0] };

/* Headers that name nothing but a normal rhythm and axis. */
static const char *const harmless[] = {"age",
                                       "sex",
                                       "Age",
                                       "Sex",
                                       "Rhythm: Sinus rhythm",
                                       "diagnoses",
                                       "axis of the heart: normal",
                                       "axis of the heart: vertical",
                                       "Dx: 426783006"};

struct counts {
    unsigned labelled[KINDS], told[KINDS], right[KINDS];
    unsigned harmless, normal, normal_right;
    unsigned records;
};

/* ---- the header ---- */

struct label {
    char text[2048]; /* all lines, each behind a line's end */
    struct ecg_person person;
    bool harmless;
};

static bool is_harmless(const char *line)
{
    static const char *const others[] = {"Rx", "Hx", "Sx", "Unknown"};
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        const char *at = strstr(line, harmless[i]);
        if (at && !strchr(at, ','))
            return true;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strstr(line, others[i]))
            return true;
    return line[0] == '\0';
}

static void take_person(const char *line, struct ecg_person *person)
{
    const char *value = strstr(line, ": ");
    if (!value)
        return;
    if (strstr(line, "age") || strstr(line, "Age"))
        person->age_years = strtod(value + 2, NULL) > 0.0 ? strtod(value + 2, NULL) : NAN;
    if (strstr(line, "sex") || strstr(line, "Sex"))
        person->sex = value[2] == 'M' ? ECG_SEX_MALE : value[2] == 'F' ? ECG_SEX_FEMALE : ECG_SEX_UNKNOWN;
}

static void take_label(const struct wfdb_record *record, struct label *label)
{
    size_t length = 0;
    *label = (struct label){.person = {NAN, ECG_SEX_UNKNOWN}, .harmless = true};
    for (size_t i = 0; i < record->comment_count; i++) {
        const char *line = record->comments[i];
        int put = snprintf(label->text + length, sizeof label->text - length, "\n%s", line);
        length += put > 0 && (size_t)put < sizeof label->text - length ? (size_t)put : 0;
        take_person(line, &label->person);
        label->harmless = label->harmless && is_harmless(line);
    }
}

static bool has_label(const struct label *label, const struct kind *kind, bool ludb)
{
    const char *const *names = ludb ? kind->words : kind->snomed;
    for (size_t i = 0; i < WORDS && names[i]; i++)
        if (strstr(label->text, names[i]))
            return true;
    return false;
}

/* ---- reading and interpreting ---- */

static hl_result interpret(struct wfdb_record *record, float *const *samples, const struct ecg_person *person,
                           struct ecg_statements *out, struct hl_error *error)
{
    struct ecg_config config = {.fs_hz = record->fs_hz, .units = ECG_UNITS_MV, .lead_count = record->lead_count};
    struct ecg_pipeline *pipeline = NULL;
    const float *leads[ECG_MAX_LEADS];
    for (size_t lead = 0; lead < record->lead_count; lead++) {
        config.leads[lead] = record->signals[record->lead_signals[lead]].lead;
        leads[lead] = samples[record->lead_signals[lead]];
    }
    hl_result result = ecg_pipeline_new(&config, &pipeline, error);
    if (result != HL_OK)
        return result;
    struct ecg_measurements measurements;
    ecg_pipeline_feed(pipeline, leads, (size_t)record->sample_count, NULL);
    ecg_pipeline_flush(pipeline, NULL);
    if (!ecg_pipeline_interpret(pipeline, person, &measurements, out))
        out->count = 0;
    ecg_pipeline_free(pipeline);
    return HL_OK;
}

static hl_result read_and_interpret(struct wfdb_record *record, bool ludb, const struct ecg_person *person,
                                    struct ecg_statements *out, struct hl_error *error)
{
    size_t count = (size_t)record->sample_count;
    float *memory = calloc(count * record->lead_count, sizeof *memory);
    float *samples[WFDB_MAX_SIGNALS] = {NULL};
    for (size_t lead = 0; memory && lead < record->lead_count; lead++)
        samples[record->lead_signals[lead]] = memory + lead * count;
    hl_result result = memory ? wfdb_read(record, 0, count, samples, error) : HL_NO_MEMORY;
    for (size_t lead = 0; ludb && result == HL_OK && lead < record->lead_count; lead++) {
        double scale = record->signals[record->lead_signals[lead]].gain_adu_per_unit / LUDB_COUNTS_PER_MV;
        for (size_t i = 0; i < count; i++)
            memory[lead * count + i] = (float)((double)memory[lead * count + i] * scale);
    }
    if (result == HL_OK)
        result = interpret(record, samples, person, out, error);
    free(memory);
    return result;
}

/* ---- counting ---- */

static bool says(const struct ecg_statements *said, const char *code)
{
    for (size_t i = 0; i < said->count; i++)
        if (strcmp(said->items[i].code, code) == 0)
            return true;
    return false;
}

static bool says_kind(const struct ecg_statements *said, const struct kind *kind)
{
    for (size_t i = 0; i < WORDS && kind->codes[i]; i++)
        if (says(said, kind->codes[i]))
            return true;
    return false;
}

static void count_record(const struct label *label, const struct ecg_statements *said, bool ludb, struct counts *counts)
{
    for (size_t i = 0; i < KINDS; i++) {
        if (ludb && !kinds[i].words[0])
            continue; /* its readers do not name that */
        bool labelled = has_label(label, &kinds[i], ludb);
        bool told = says_kind(said, &kinds[i]);
        counts->labelled[i] += labelled;
        counts->told[i] += told;
        counts->right[i] += labelled && told;
    }
    counts->harmless += label->harmless;
    counts->normal += says(said, "normal");
    counts->normal_right += label->harmless && says(said, "normal");
    counts->records++;
}

/* HEARTLINE_STATEMENTS=1 prints what was written under each. */
static void show(const char *name, const struct label *label, const struct ecg_statements *said)
{
    if (!getenv("HEARTLINE_STATEMENTS"))
        return;
    printf("== %s%s\n", name, label->text);
    for (size_t i = 0; i < said->count; i++)
        printf("   %s [%s]\n", said->items[i].text, said->items[i].reason);
}

static hl_result score_record(const char *folder, const char *name, bool ludb, struct counts *counts,
                              struct hl_error *error)
{
    char path[512];
    struct wfdb_record *record = NULL;
    struct label label;
    struct ecg_statements said = {0};
    snprintf(path, sizeof path, "%s/%s/%s", data_folder(), folder, name);
    hl_result result = wfdb_open(path, &record, error);
    if (result != HL_OK)
        return result;
    take_label(record, &label);
    result = read_and_interpret(record, ludb, &label.person, &said, error);
    wfdb_close(record);
    if (result != HL_OK)
        return result;
    show(name, &label, &said);
    count_record(&label, &said, ludb, counts);
    return HL_OK;
}

/* ---- the table ---- */

static void put_share(struct buf *out, unsigned part, unsigned whole)
{
    if (whole < ALIKE_MIN)
        buf_text(out, " - |");
    else
        buf_printf(out, " %.0f |", 100.0 * part / whole);
}

static void put_row(struct buf *out, const char *name, unsigned labelled, unsigned told, unsigned right)
{
    buf_printf(out, "| %s | %u | %u | %u |", name, labelled, told, right);
    put_share(out, right, labelled);
    put_share(out, right, told);
    buf_char(out, '\n');
}

static void put_table(struct buf *out, const struct counts *counts)
{
    buf_text(out, preamble);
    buf_text(out, "| statement | labelled | told | right | Se % | +P % |\n"
                  "| --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (size_t i = 0; i < KINDS; i++)
        if (counts->labelled[i] + counts->told[i] > 0)
            put_row(out, kinds[i].name, counts->labelled[i], counts->told[i], counts->right[i]);
    put_row(out, "No abnormality (nothing but sinus rhythm in the header)", counts->harmless, counts->normal,
            counts->normal_right);
    buf_char(out, '\n');
}

static void check(const struct counts *counts, unsigned *broken)
{
    for (size_t i = 0; i < KINDS; i++) {
        char what[96];
        snprintf(what, sizeof what, "statements, %s: Se", kinds[i].name);
        section_floor(what, kinds[i].floor_se, 100.0 * counts->right[i] / fmax(counts->labelled[i], 1.0), broken);
        snprintf(what, sizeof what, "statements, %s: +P", kinds[i].name);
        section_floor(what, kinds[i].floor_p, 100.0 * counts->right[i] / fmax(counts->told[i], 1.0), broken);
    }
}

hl_result statements_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    struct counts counts = {0};
    hl_result result = HL_OK;
    (void)quick;
    for (size_t i = 0; i < CHALLENGE_RECORDS && result == HL_OK; i++)
        result = score_record("challenge-2021", challenge_records[i], false, &counts, error);
    for (size_t i = 0; i < LUDB_RECORDS && result == HL_OK; i++)
        result = score_record("ludb/data", ludb_records[i], true, &counts, error);
    if (result != HL_OK)
        return result;
    check(&counts, broken);
    put_table(markdown, &counts);
    return HL_OK;
}
