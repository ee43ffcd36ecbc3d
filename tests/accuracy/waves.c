/* Waves: tables of the error of each edge, lead by lead, across the leads, with one lead and at other rates, and the
records that are worst; with a limit over each figure. */
#include "waves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ludb.h"
#include "wave_score.h"

static const char preamble[] =
    "## Waves\n"
    "\n"
    "Told less marked, milliseconds: mean and standard deviation; Se: of the marks, the share that was found within\n"
    "150 ms; +P: of what was told where cardiologists marked, the share that has a mark. \"Each\" compares what was\n"
    "told of a lead with the marks of that lead; \"across\" the earliest onset and the latest end of all leads that\n"
    "two more leads confirm within 14 ms, told and marked. The models that place the edges were learnt on these\n"
    "records; each half of them judged by what was learnt on the other half, the standard deviations of each lead\n"
    "came to 19 ms for P onset, 15 P end, 11 QRS onset, 11 QRS end, 24 T end (`build/accuracy --train-waves FILE`\n"
    "learns anew and prints these figures). Those are the ones to expect elsewhere.\n"
    "\n";

/* Limits: 0 promises nothing. */
struct limits {
    double sd_ms, mean_ms, sensitivity, predictivity;
};

enum { WAYS = 7 };

static const struct way {
    const char *title;
    double fs_hz; /* 0: as recorded */
    size_t lead_count;
    enum ecg_lead leads[1];
    bool across;
} ways[WAYS] = {
    {"each of 12 leads", 0.0, 0, {ECG_LEAD_I}, false},
    {"across 12 leads", 0.0, 0, {ECG_LEAD_I}, true},
    {"lead II alone", 0.0, 1, {ECG_LEAD_II}, false},
    {"each of 12 leads, 250 Hz", 250.0, 0, {ECG_LEAD_I}, false},
    {"each of 12 leads, 125 Hz", 125.0, 0, {ECG_LEAD_I}, false},
    {"each of 12 leads, 80 Hz", 80.0, 0, {ECG_LEAD_I}, false},
    {"lead II alone, 80 Hz", 80.0, 1, {ECG_LEAD_II}, false},
};

static const struct edge {
    const char *title;
    enum ecg_wave wave;
    enum wave_point point;
    struct limits limits; /* of the first way; for the others see check_way */
} edges[] = {
    {"P onset", ECG_WAVE_P, WAVE_POINT_ONSET, {19.5, 3.0, 94.5, 95.0}},
    {"P peak", ECG_WAVE_P, WAVE_POINT_PEAK, {16.5, 6.5, 94.5, 95.0}},
    {"P end", ECG_WAVE_P, WAVE_POINT_END, {15.5, 3.0, 94.5, 95.0}},
    {"QRS onset", ECG_WAVE_QRS, WAVE_POINT_ONSET, {10.5, 2.0, 98.5, 99.0}},
    {"QRS peak", ECG_WAVE_QRS, WAVE_POINT_PEAK, {22.0, 6.0, 98.5, 99.0}},
    {"QRS end", ECG_WAVE_QRS, WAVE_POINT_END, {11.5, 2.0, 98.5, 99.0}},
    {"T onset", ECG_WAVE_T, WAVE_POINT_ONSET, {25.0, 3.0, 98.0, 97.5}},
    {"T peak", ECG_WAVE_T, WAVE_POINT_PEAK, {23.0, 5.5, 98.0, 97.5}},
    {"T end", ECG_WAVE_T, WAVE_POINT_END, {24.5, 3.5, 98.0, 97.5}},
};
enum { EDGES = sizeof edges / sizeof edges[0] };

#define OTHER_WAYS_SD 1.35 /* the other ways' standard deviation may be so many times that of the first one's limit */
#define DELAY_P95_MS  900.0

struct delays {
    unsigned ms[LUDB_RECORDS * 64];
    size_t count;
};

struct scored {
    struct wave_tally ways[WAYS];
    struct wave_tally records[LUDB_RECORDS]; /* of the first way */
    struct delays delays;
};

/* ---- measuring ---- */

static void note_delays(const struct ludb_told *told, double length_s, struct delays *delays)
{
    for (size_t i = 0; i < told->count; i++) {
        bool in_time = (double)told->beats[i].sample / told->fs_hz < length_s - 1.0; /* else the end told them */
        if (in_time && delays->count < sizeof delays->ms / sizeof delays->ms[0])
            delays->ms[delays->count++] = told->delay_ms[i];
    }
}

static hl_result score_way(const struct ludb_heart *ludb, const struct way *way, struct wave_tally *tally,
                           struct delays *delays)
{
    struct heart other = {0};
    struct ludb_told told = {0};
    hl_result result = way->fs_hz > 0.0 ? heart_resample(&ludb->heart, way->fs_hz, &other) : HL_OK;
    const struct heart *heart = way->fs_hz > 0.0 ? &other : &ludb->heart;
    struct ludb_way run = ludb_way(heart, way->leads, way->lead_count);
    if (result == HL_OK)
        result = ludb_run(heart, &run, &told);
    if (result == HL_OK && way->across)
        wave_tally_lead(&ludb->all, &told, WAVE_ALL_LEADS, tally);
    for (size_t l = 0; result == HL_OK && !way->across && l < run.lead_count; l++)
        wave_tally_lead(&ludb->leads[run.leads[l]], &told, l, tally);
    if (result == HL_OK && delays)
        note_delays(&told, (double)heart->sample_count / heart->fs_hz, delays);
    ludb_told_free(&told);
    heart_free(&other);
    return result;
}

static hl_result score_record(size_t record, struct scored *scored, struct hl_error *error)
{
    struct ludb_heart *ludb = calloc(1, sizeof *ludb);
    hl_result result = ludb ? ludb_load(ludb_records[record], ludb, error) : HL_NO_MEMORY;
    for (size_t w = 0; result == HL_OK && w < WAYS; w++) {
        struct wave_tally tally = {0};
        result = score_way(ludb, &ways[w], &tally, w == 0 ? &scored->delays : NULL);
        wave_tally_add(&scored->ways[w], &tally);
        if (w == 0)
            scored->records[record] = tally;
    }
    if (ludb)
        ludb_free(ludb);
    free(ludb);
    return result;
}

static int in_order(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a;
    unsigned y = *(const unsigned *)b;
    return (x > y) - (x < y);
}

static unsigned delay_p95(struct delays *delays)
{
    if (delays->count == 0)
        return 0;
    qsort(delays->ms, delays->count, sizeof delays->ms[0], in_order);
    return delays->ms[delays->count * 95 / 100];
}

/* ---- limits ---- */

static void check_way(size_t w, const struct wave_tally *tally, unsigned *broken)
{
    for (size_t e = 0; e < EDGES; e++) {
        const struct limits *limits = &edges[e].limits;
        struct point_score score = point_score(&tally->points[edges[e].wave][edges[e].point]);
        char what[96];
        snprintf(what, sizeof what, "%s, %s: SD, ms", ways[w].title, edges[e].title);
        section_ceiling(what, limits->sd_ms * (w == 0 ? 1.0 : OTHER_WAYS_SD), score.sd_ms, broken);
        if (w != 0)
            continue;
        snprintf(what, sizeof what, "%s, %s: mean, ms", ways[w].title, edges[e].title);
        section_ceiling(what, limits->mean_ms, score.mean_ms, broken);
        snprintf(what, sizeof what, "%s, %s: Se", ways[w].title, edges[e].title);
        section_floor(what, limits->sensitivity, score.sensitivity, broken);
        snprintf(what, sizeof what, "%s, %s: +P", ways[w].title, edges[e].title);
        section_floor(what, limits->predictivity, score.predictivity, broken);
    }
}

/* ---- tables ---- */

static void put_ways(struct buf *out, const struct scored *scored)
{
    for (size_t w = 0; w < WAYS; w++) {
        buf_printf(out,
                   "### %s\n\n| edge | marks | mean | SD | Se | +P |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
                   ways[w].title);
        for (size_t e = 0; e < EDGES; e++) {
            const struct point_tally *tally = &scored->ways[w].points[edges[e].wave][edges[e].point];
            struct point_score score = point_score(tally);
            buf_printf(out, "| %s | %lu | %.1f | %.1f | %.2f | %.2f |\n", edges[e].title, tally->there, score.mean_ms,
                       score.sd_ms, score.sensitivity, score.predictivity);
        }
        buf_char(out, '\n');
    }
}

/* How much a record adds to the whole's squared error. */
static double burden(const struct wave_tally *tally, const struct edge *edge)
{
    return tally->points[edge->wave][edge->point].square_ms;
}

static void put_worst(struct buf *out, const struct scored *scored, const struct edge *edge)
{
    bool shown[LUDB_RECORDS] = {false};
    buf_printf(out, "| %s |", edge->title);
    for (int place = 0; place < 5; place++) {
        size_t worst = LUDB_RECORDS;
        for (size_t i = 0; i < LUDB_RECORDS; i++)
            if (!shown[i] &&
                (worst == LUDB_RECORDS || burden(&scored->records[i], edge) > burden(&scored->records[worst], edge)))
                worst = i;
        struct point_score score = point_score(&scored->records[worst].points[edge->wave][edge->point]);
        buf_printf(out, " %s: %.0f +- %.0f |", ludb_records[worst], score.mean_ms, score.sd_ms);
        shown[worst] = true;
    }
    buf_char(out, '\n');
}

static void put_table(struct buf *out, struct scored *scored, unsigned p95_ms)
{
    buf_text(out, preamble);
    put_ways(out, scored);
    buf_text(out, "### The worst records, each of 12 leads: mean and SD, ms\n\n"
                  "| edge | 1 | 2 | 3 | 4 | 5 |\n| --- | --- | --- | --- | --- | --- |\n");
    for (size_t e = 0; e < EDGES; e++)
        put_worst(out, scored, &edges[e]);
    buf_printf(out, "\n95 %% of the beats had their waves told within %u ms of their R peak.\n\n", p95_ms);
}

hl_result waves_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error)
{
    struct scored *scored = calloc(1, sizeof *scored);
    hl_result result = scored ? HL_OK : HL_NO_MEMORY;
    (void)quick;
    for (size_t i = 0; result == HL_OK && i < LUDB_RECORDS; i++)
        result = score_record(i, scored, error);
    if (result == HL_OK) {
        unsigned p95_ms = delay_p95(&scored->delays);
        for (size_t w = 0; w < WAYS; w++)
            check_way(w, &scored->ways[w], broken);
        section_ceiling("waves told after, ms (p95)", DELAY_P95_MS, (double)p95_ms, broken);
        put_table(markdown, scored, p95_ms);
    }
    free(scored);
    return result;
}
