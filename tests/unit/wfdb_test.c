/* The WFDB reader: every signal format by known bytes, headers good and bad, damaged files, annotations by known bytes,
and the real records of HEARTLINE_DATA (default ../shared/data, seen from the root of the checkout). Without that folder
the tests that need it are skipped, and say so. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/wfdb.h"

/* ---- a folder of its own for each test ---- */

struct world {
    char folder[64];
    char path[128];
    struct hl_error error;
};

static int world_new(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->folder, sizeof world->folder, "/tmp/hl-wfdb-XXXXXX");
    if (!mkdtemp(world->folder))
        return -1;
    snprintf(world->path, sizeof world->path, "%s/r", world->folder);
    *state = world;
    return 0;
}

static const char *const world_files[] = {"r.hea", "r.dat", "r.xyz", "r.atr"};

static int world_free(void **state)
{
    struct world *world = *state;
    char path[160];
    for (size_t i = 0; i < sizeof world_files / sizeof world_files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", world->folder, world_files[i]);
        (void)remove(path);
    }
    rmdir(world->folder);
    free(world);
    return 0;
}

static void put(struct world *world, const char *name, const void *bytes, size_t length)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static struct wfdb_record *open_with(struct world *world, const char *header, const void *bytes, size_t length)
{
    struct wfdb_record *record = NULL;
    put(world, "r.hea", header, strlen(header));
    put(world, "r.dat", bytes, length);
    hl_result result = wfdb_open(world->path, &record, &world->error);
    if (result != HL_OK)
        fail_msg("%s: %s", world->error.field, world->error.detail);
    return record;
}

static void expect_refused(struct world *world, const char *header, hl_result expected, const char *words)
{
    struct wfdb_record *record = NULL;
    static const uint8_t zeros[64];
    put(world, "r.hea", header, strlen(header));
    put(world, "r.dat", zeros, sizeof zeros);
    hl_result result = wfdb_open(world->path, &record, &world->error);
    assert_null(record);
    if (result != expected || !strstr(world->error.detail, words))
        fail_msg("%s: gave %d \"%s\", not %d \"%s\"", header, (int)result, world->error.detail, (int)expected, words);
}

/* ---- formats ---- */

struct format_case {
    int format;
    size_t length;
    uint8_t bytes[24];
    size_t count;
    int32_t adu[8];
};

static const struct format_case format_cases[] = {
    {16, 8, {0x01, 0x00, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x80}, 4, {1, -1, 32767, WFDB_MISSING}},
    {61, 8, {0x00, 0x01, 0xff, 0xff, 0x7f, 0xff, 0x80, 0x00}, 4, {1, -1, 32767, WFDB_MISSING}},
    {160, 8, {0x01, 0x80, 0xff, 0x7f, 0xff, 0xff, 0x00, 0x00}, 4, {1, -1, 32767, WFDB_MISSING}},
    {80, 4, {0x81, 0x7f, 0xff, 0x00}, 4, {1, -1, 127, WFDB_MISSING}},
    {24, 12, {1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0x80}, 4, {1, -1, 8388607, WFDB_MISSING}},
    {32, 12, {1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80}, 3, {1, -1, WFDB_MISSING}},
    {212, 6, {0x01, 0xf0, 0xff, 0xff, 0x87, 0x00}, 4, {1, -1, 2047, WFDB_MISSING}},
    {212, 5, {0x01, 0xf0, 0xff, 0xff, 0x07}, 3, {1, -1, 2047}}, /* ends in half a unit */
    /* 310: 1, -1, 511; then -512 (missing), 2, 0 */
    {310, 8, {0x02, 0xf8, 0xfe, 0x7f, 0x00, 0x04, 0x04, 0x00}, 6, {1, -1, 511, WFDB_MISSING, 2, 0}},
    /* 311: 1, -1, 511; then -512 (missing) in two bytes */
    {311, 6, {0x01, 0xfc, 0xff, 0x1f, 0x00, 0x02}, 4, {1, -1, 511, WFDB_MISSING}},
};

static void formats_decode_known_bytes(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof format_cases / sizeof format_cases[0]; i++) {
        const struct format_case *c = &format_cases[i];
        char header[128];
        int32_t adu[8] = {0};
        int32_t *rows[] = {adu};
        snprintf(header, sizeof header, "r 1 100\nr.dat %d 100 0 0\n", c->format);
        struct wfdb_record *record = open_with(world, header, c->bytes, c->length);
        if (record->sample_count != (int64_t)c->count)
            fail_msg("format %d: %d samples", c->format, (int)record->sample_count);
        assert_int_equal(wfdb_read_adu(record, 0, c->count, rows, &world->error), HL_OK);
        for (size_t s = 0; s < c->count; s++)
            if (adu[s] != c->adu[s])
                fail_msg("format %d sample %zu: %d, not %d", c->format, s, (int)adu[s], (int)c->adu[s]);
        wfdb_close(record);
    }
}

static void other_formats_are_unsupported_by_name(void **state)
{
    expect_refused(*state, "r 1 100 4\nr.dat 8 100\n", HL_UNSUPPORTED, "format 8");
    expect_refused(*state, "r 1 100 4\nr.dat 516 100\n", HL_UNSUPPORTED, "format 516");
    expect_refused(*state, "r 1 100 4\nr.dat 16x2 100\n", HL_UNSUPPORTED, "2 samples per frame");
    expect_refused(*state, "r 1 100 4\nr.dat 16:3 100\n", HL_UNSUPPORTED, "skew of 3");
    expect_refused(*state, "r/3 1 100 4\nr_1 2\n", HL_UNSUPPORTED, "multi-segment");
    expect_refused(*state, "r 1 100 4\n- 16 100\n", HL_UNSUPPORTED, "not a file");
}

/* Three interleaved signals of format 212: frames begin in the middle of a unit. */
static void odd_interleaving_reads_from_any_sample(void **state)
{
    struct world *world = *state;
    enum { FRAMES = 7, SIGNALS = 3, SAMPLES = FRAMES * SIGNALS };
    uint8_t bytes[32] = {0};
    for (int i = 0; i < SAMPLES; i++) {
        unsigned value = (unsigned)(i * 37 - 300) & 0xfffu;
        uint8_t *unit = bytes + i / 2 * 3;
        unit[i % 2 * 2] = (uint8_t)value;
        unit[1] = (uint8_t)(unit[1] | (i % 2 ? value >> 4 & 0xf0u : value >> 8));
    }
    struct wfdb_record *record = open_with(world, "r 3 100 7\nr.dat 212\nr.dat 212\nr.dat 212\n", bytes, 32);
    for (int first = 0; first < FRAMES; first++) {
        int32_t rows_of[SIGNALS][FRAMES] = {{0}};
        int32_t *rows[] = {rows_of[0], NULL, rows_of[2]};
        assert_int_equal(wfdb_read_adu(record, first, (size_t)(FRAMES - first), rows, &world->error), HL_OK);
        for (int i = first; i < FRAMES; i++) {
            assert_int_equal(rows_of[0][i - first], (i * SIGNALS) * 37 - 300);
            assert_int_equal(rows_of[1][i - first], 0);
            assert_int_equal(rows_of[2][i - first], (i * SIGNALS + 2) * 37 - 300);
        }
    }
    wfdb_close(record);
}

/* ---- headers ---- */

static struct wfdb_record *parse(const char *header)
{
    struct wfdb_record *record = NULL;
    struct hl_error error = {0};
    if (wfdb_header_parse(header, strlen(header), &record, &error) != HL_OK)
        fail_msg("%s: %s", error.field, error.detail);
    return record;
}

static void header_fields_are_read(void **state)
{
    (void)state;
    struct wfdb_record *record = parse("# before\r\n"
                                       "rec 3 443.34/360(7.5) 1000 05:05:15.25 08/05/2014\r\n"
                                       "\r\n"
                                       "a.mat 16x1+24 30061.276794035417(-161790)/uV 16 0 -10581 64292 0 lead I\r\n"
                                       "a.mat 16+24 0 12 2048 5 -5959 0 some thing else\r\n"
                                       "b.dat 212 200 11 1024\r\n"
                                       "#  <age>: 51 \r\n");
    assert_string_equal(record->name, "rec");
    assert_true(record->fs_hz == 443.34);
    assert_int_equal(record->sample_count, 1000);
    assert_true(record->has_start);
    assert_int_equal(record->start_us, INT64_C(1399525515250000));
    assert_int_equal(record->comment_count, 2);
    assert_string_equal(record->comments[1], "<age>: 51");

    const struct wfdb_signal *s = record->signals;
    assert_int_equal(s[0].offset_bytes, 24);
    assert_true(s[0].gain_adu_per_unit == 30061.276794035417 && s[0].baseline_adu == -161790.0);
    assert_int_equal(s[0].quantity, WFDB_MILLIVOLTS);
    assert_int_equal(s[0].checksum, 64292);
    assert_true(s[0].has_lead && s[0].lead == ECG_LEAD_I);
    assert_int_equal(s[1].quantity, WFDB_COUNTS);
    assert_string_equal(s[1].name, "some thing else");
    assert_false(s[1].has_lead);
    assert_true(s[2].baseline_adu == 1024.0 && !s[2].has_first && !s[2].has_checksum);
    assert_string_equal(s[2].name, "signal 2");
    assert_string_equal(s[2].units, "mV");
    wfdb_close(record);
}

static void unreadable_start_is_unknown(void **state)
{
    (void)state;
    static const char *const headers[] = {"r 0 100 0 10:20:30", "r 0 100 0 10:20:30 31/02/2014",
                                          "r 0 100 0 25:00:00 01/02/2014", "r 0 100 0 12 01/02/2014"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct wfdb_record *record = parse(headers[i]);
        assert_false(record->has_start);
        wfdb_close(record);
    }
}

static void leads_are_picked_once_and_of_one_unit(void **state)
{
    (void)state;
    struct wfdb_record *record = parse("r 5 100 4\na 16 0 0 0 0 0 0 V1\na 16 200 0 0 0 0 0 MLII\n"
                                       "a 16 200/mmHg 0 0 0 0 0 II\na 16 200 0 0 0 0 0 mlii\na 16 9/V 0 0 0 0 0 V2\n");
    assert_int_equal(record->lead_count, 2);
    assert_int_equal(record->lead_units, ECG_UNITS_MV);
    assert_int_equal(record->lead_signals[0], 1);
    assert_int_equal(record->lead_signals[1], 4);
    wfdb_close(record);
}

static void malformed_headers_are_refused(void **state)
{
    static const struct {
        const char *header;
        hl_result result;
        const char *words;
    } cases[] = {
        {"", HL_INVALID, "empty"},
        {"r\n", HL_INVALID, "number of signals"},
        {"r x 100\n", HL_INVALID, "number of signals"},
        {"r -1 100\n", HL_INVALID, "number of signals"},
        {"r 65 100\n", HL_INVALID, "0 .. 64"},
        {"r 1 0 4\nr.dat 16\n", HL_INVALID, "sampling rate"},
        {"r 1 nan 4\nr.dat 16\n", HL_INVALID, "sampling rate"},
        {"r 1 1e400 4\nr.dat 16\n", HL_INVALID, "sampling rate"},
        {"r 1 100 99999999999999999999\nr.dat 16\n", HL_INVALID, "number of samples"},
        {"r 2 100 4\nr.dat 16\n", HL_INVALID, "promises 2 signals and describes 1"},
        {"r 1 100 4\n../r.dat 16\n", HL_INVALID, "beside the header"},
        {"r 1 100 4\n/etc/passwd 16\n", HL_INVALID, "beside the header"},
        {"r 1 100 4\n.. 16\n", HL_INVALID, "beside the header"},
        {"r 1 100 4\n. 16\n", HL_INVALID, "beside the header"},
        {"r 1 100 4\nr.dat\n", HL_INVALID, "signal format"},
        {"r 1 100 4\nr.dat 16+-4\n", HL_INVALID, "signal format"},
        {"r 1 100 4\nr.dat 16 200(x)\n", HL_INVALID, "line 2: the gain"},
        {"r 1 100 4\nr.dat 16 inf\n", HL_INVALID, "gain"},
        {"r 1 100 4\nr.dat 16 200 99\n", HL_INVALID, "ADC resolution"},
        {"r 1 100 33\nr.dat 16 200\n", HL_INVALID, "holds 32 samples per signal, the header promises 33"},
        {"r 1 100 33\nr.dat 16+64 200\n", HL_INVALID, "holds 0 samples"},
        {"r 2 100 4\nr.dat 16\nr.dat 61\n", HL_INVALID, "differ in format"},
        {"r 1 100 4\nnone.dat 16\n", HL_NOT_FOUND, "none.dat"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(*state, cases[i].header, cases[i].result, cases[i].words);
}

static void missing_records_and_odd_files_are_refused(void **state)
{
    struct world *world = *state;
    struct wfdb_record *record = NULL;
    char folder[160];
    assert_int_equal(wfdb_open(world->path, &record, &world->error), HL_NOT_FOUND);
    assert_non_null(strstr(world->error.detail, "r.hea"));
    put(world, "r.hea", "r 1 100 4\nr.dat 16\n", 19);
    snprintf(folder, sizeof folder, "%s/r.dat", world->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(wfdb_open(world->path, &record, &world->error), HL_INVALID);
    assert_non_null(strstr(world->error.detail, "not a regular file"));
    rmdir(folder);
    assert_int_equal(mkfifo(folder, 0600), 0); /* must not wait for a writer */
    assert_int_equal(wfdb_open(world->path, &record, &world->error), HL_INVALID);
    assert_null(record);
}

/* ---- physical values and chunks ---- */

static void values_are_physical_and_missing_is_nan(void **state)
{
    struct world *world = *state;
    static const int16_t samples[] = {1224, 500, 7, -32768, -32768, -32768};
    struct wfdb_record *record =
        open_with(world, "r 3 100\nr.dat 16 200 11 1024 1224 0 0 II\nr.dat 16 1/uV 0 0 0 0 0 V1\nr.dat 16 0 12 3\n",
                  samples, sizeof samples);
    float values[3][2];
    float *rows[] = {values[0], values[1], values[2]};
    assert_int_equal(record->sample_count, 2);
    assert_int_equal(wfdb_read(record, 0, 2, rows, &world->error), HL_OK);
    assert_true(values[0][0] == 1.0f && values[1][0] == 0.5f && values[2][0] == 7.0f);
    assert_true(isnan(values[0][1]) && isnan(values[1][1]) && isnan(values[2][1]));
    assert_int_equal(wfdb_read(record, 1, 2, rows, &world->error), HL_INVALID);
    assert_int_equal(wfdb_read(record, -1, 1, rows, &world->error), HL_INVALID);
    assert_int_equal(wfdb_read(record, 0, SIZE_MAX, rows, &world->error), HL_INVALID);
    assert_int_equal(wfdb_read(record, 2, 0, rows, &world->error), HL_OK);

    struct wfdb_check checks[3];
    assert_int_equal(wfdb_verify(record, checks, &world->error), HL_OK);
    assert_true(checks[0].first_matches && !checks[0].checksum_matches);
    assert_int_equal(checks[0].missing_count, 1);
    wfdb_close(record);
}

static void chunks_carry_known_leads_and_do_not_drift(void **state)
{
    struct world *world = *state;
    static const int16_t samples[] = {100, 9, 200, 9, 300, 9, -100, 9};
    struct wfdb_record *record =
        open_with(world, "r 2 3 4\nr.dat 16 100 0 0 0 0 0 V5\nr.dat 16 1 0 0 0 0 0 breath\n", samples, sizeof samples);
    struct ecg_chunk chunk;
    float buffer[4];
    assert_int_equal(wfdb_chunk(record, 1, 3, 5000000, buffer, 4, &chunk, &world->error), HL_OK);
    assert_int_equal(chunk.start_us, 5333333);
    assert_int_equal(chunk.lead_count, 1);
    assert_int_equal(chunk.leads[0], ECG_LEAD_V5);
    assert_int_equal(chunk.sample_count, 3);
    assert_int_equal(chunk.units, ECG_UNITS_MV);
    assert_true(chunk.samples[0][0] == 2.0f && chunk.samples[0][2] == -1.0f);
    assert_int_equal(wfdb_chunk(record, 0, 4, 0, buffer, 3, &chunk, &world->error), HL_INVALID);
    wfdb_close(record);
}

/* ---- annotations ---- */

static void annotation_words_are_decoded(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        0x05, 0x58, 0x02, 0xfc, 'h',  'i',              /* NOTE at 5, AUX "hi" */
        0x0a, 0x04,                                     /* N at 15 */
        0x00, 0xec, 0x01, 0x00, 0x02, 0x00, 0x03, 0x14, /* SKIP 65538, V 3 later */
        0xff, 0xf4, 0x02, 0xf8, 0xfe, 0xf0,             /* SUB -1, CHN 2, NUM -2 */
        0x00, 0xec, 0xff, 0xff, 0xf0, 0xff, 0x01, 0x70, /* SKIP -16, + 1 later */
        0x03, 0xfc, '(',  'N',  0x00, 0x00,             /* AUX "(N\0" padded */
        0x02, 0xc0,                                     /* type 48, 2 later */
        0x00, 0x00,
    };
    struct wfdb_annotations *set = NULL;
    struct hl_error error = {0};
    assert_int_equal(wfdb_annotations_parse(bytes, sizeof bytes, &set, &error), HL_OK);
    const struct wfdb_annotation *a = set->items;
    assert_int_equal(set->count, 5);
    assert_true(a[0].sample == 5 && a[0].mnemonic == '"' && !a[0].is_beat && strcmp(a[0].aux, "hi") == 0);
    assert_true(a[1].sample == 15 && a[1].mnemonic == 'N' && a[1].is_beat && !a[1].aux);
    assert_true(a[2].sample == 65556 && a[2].mnemonic == 'V' && a[2].is_beat);
    assert_true(a[2].subtype == -1 && a[2].channel == 2 && a[2].number == -2);
    assert_true(a[3].sample == 65541 && a[3].mnemonic == '+' && strcmp(a[3].aux, "(N") == 0);
    assert_true(a[3].subtype == 0 && a[3].channel == 2 && a[3].number == -2);
    assert_true(a[4].sample == 65543 && a[4].type == 48 && a[4].mnemonic == ' ' && !a[4].is_beat);
    wfdb_annotations_free(set);

    for (size_t cut = 0; cut < sizeof bytes - 1; cut++) { /* every truncation is noticed */
        assert_int_equal(wfdb_annotations_parse(bytes, cut, &set, &error), HL_INVALID);
        assert_null(set);
    }
    assert_non_null(strstr(error.detail, "after 4 of them"));
}

static void stated_time_resolution_is_kept(void **state)
{
    (void)state;
    static const char text[] = "## time resolution: 1000";
    uint8_t bytes[4 + sizeof text - 1 + 4] = {0x00, 0x58, sizeof text - 1, 0xfc};
    memcpy(bytes + 4, text, sizeof text - 1);
    memcpy(bytes + sizeof bytes - 4, "\x07\x04\0", 4);
    struct wfdb_annotations *set = NULL;
    assert_int_equal(wfdb_annotations_parse(bytes, sizeof bytes, &set, NULL), HL_OK);
    assert_true(set->time_resolution_hz == 1000.0);
    assert_int_equal(set->count, 1);
    assert_int_equal(set->items[0].sample, 7);
    wfdb_annotations_free(set);
}

static void codes_are_unique_and_found_both_ways(void **state)
{
    (void)state;
    size_t beats = 0;
    size_t count = 0;
    for (unsigned type = 0; type < 64; type++) {
        const struct wfdb_code *code = wfdb_code_by_type(type);
        if (!code)
            continue;
        count++;
        beats += code->is_beat;
        assert_ptr_equal(wfdb_code_by_mnemonic(code->mnemonic), code);
    }
    assert_int_equal(count, 39);
    assert_int_equal(beats, 19);
    assert_null(wfdb_code_by_mnemonic(' '));
}

/* ---- real records ---- */

static const char *data_path(char path[static 512], const char *name)
{
    const char *root = getenv("HEARTLINE_DATA");
    snprintf(path, 512, "%s/%s", root && *root ? root : "../shared/data", name);
    if (access(path, R_OK) != 0) {
        print_message("no data at %s\n", path);
        skip();
    }
    return path;
}

struct real_case {
    const char *name;
    int64_t samples;
    size_t signals;
    size_t leads;
    double fs_hz;
    bool has_checksums; /* false: the database publishes 0 */
};

#define LUDB(n)                                                                                                        \
    {                                                                                                                  \
        "ludb/data/" n ".hea", 5000, 12, 12, 500, true                                                                 \
    }
#define CHALLENGE(n)                                                                                                   \
    {                                                                                                                  \
        "challenge-2021/" n ".hea", 5000, 12, 12, 500, true                                                            \
    }
#define MITDB(n)                                                                                                       \
    {                                                                                                                  \
        "mitdb/" n ".hea", 650000, 2, 2, 360, true                                                                     \
    }

static const struct real_case real_cases[] = {
    MITDB("100"),
    MITDB("101"),
    MITDB("103"),
    MITDB("105"),
    MITDB("106"),
    MITDB("108"),
    MITDB("114"),
    MITDB("119"),
    MITDB("200"),
    MITDB("203"),
    MITDB("207"),
    MITDB("208"),
    MITDB("222"),
    MITDB("228"),
    LUDB("1"),
    LUDB("2"),
    LUDB("8"),
    LUDB("10"),
    LUDB("13"),
    LUDB("22"),
    LUDB("24"),
    LUDB("33"),
    LUDB("34"),
    LUDB("35"),
    LUDB("38"),
    LUDB("41"),
    LUDB("44"),
    LUDB("45"),
    LUDB("56"),
    LUDB("60"),
    LUDB("63"),
    LUDB("70"),
    LUDB("128"),
    LUDB("132"),
    LUDB("135"),
    LUDB("142"),
    LUDB("157"),
    LUDB("184"),
    CHALLENGE("E07500"),
    CHALLENGE("E07501"),
    CHALLENGE("E07502"),
    CHALLENGE("E07503"),
    CHALLENGE("E07504"),
    CHALLENGE("E07505"),
    CHALLENGE("E07506"),
    CHALLENGE("E07507"),
    CHALLENGE("HR06000"),
    CHALLENGE("HR06001"),
    CHALLENGE("HR06002"),
    CHALLENGE("HR06003"),
    CHALLENGE("HR06004"),
    CHALLENGE("JS20000"),
    CHALLENGE("JS20001"),
    CHALLENGE("JS20002"),
    CHALLENGE("JS20003"),
    CHALLENGE("JS20004"),
    CHALLENGE("JS20005"),
    CHALLENGE("JS20006"),
    CHALLENGE("JS20007"),
    {"cpsc2021/data_101_6.hea", 22355, 2, 2, 200, true},
    {"cpsc2021/data_101_8.hea", 24244, 2, 2, 200, true},
    {"cpsc2021/data_101_9.hea", 49839, 2, 2, 200, true},
    {"cpsc2021/data_21_7.hea", 47201, 2, 2, 200, true},
    {"cpsc2021/data_84_2.hea", 71642, 2, 2, 200, true},
    {"cpsc2021/data_84_3.hea", 39513, 2, 2, 200, true},
    {"challenge-2017/A00001.hea", 9000, 1, 1, 300, false},
    {"challenge-2017/A00004.hea", 9000, 1, 1, 300, false},
    {"challenge-2017/A00008.hea", 18000, 1, 1, 300, false},
    {"nstdb/119e00.hea", 650000, 2, 2, 360, true},
    {"nstdb/119e06.hea", 650000, 2, 2, 360, true},
    {"nstdb/em.hea", 650000, 2, 0, 360, true},
    {"ptbdb/s0010_re.hea", 38400, 15, 15, 1000, true},
    {"qtdb/sel100.hea", 225000, 2, 2, 250, true},
};

static void check_real(const struct real_case *c)
{
    char path[512];
    struct hl_error error = {0};
    struct wfdb_record *record = NULL;
    struct wfdb_check checks[WFDB_MAX_SIGNALS];
    if (wfdb_open(data_path(path, c->name), &record, &error) != HL_OK || wfdb_verify(record, checks, &error) != HL_OK)
        fail_msg("%s: %s %s", c->name, error.field, error.detail);
    if (record->sample_count != c->samples || record->signal_count != c->signals || record->lead_count != c->leads ||
        record->fs_hz != c->fs_hz)
        fail_msg("%s: %lld samples, %zu signals, %zu leads, %g Hz", c->name, (long long)record->sample_count,
                 record->signal_count, record->lead_count, record->fs_hz);
    for (size_t s = 0; s < record->signal_count; s++)
        if (!checks[s].first_matches || checks[s].checksum_matches != c->has_checksums || checks[s].missing_count)
            fail_msg("%s signal %zu: first %d, checksum %u", c->name, s, (int)checks[s].first_adu, checks[s].checksum);
    wfdb_close(record);
}

static void real_records_agree_with_their_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof real_cases / sizeof real_cases[0]; i++)
        check_real(&real_cases[i]);
    print_message("%zu records: lengths, first values and checksums as declared\n",
                  sizeof real_cases / sizeof real_cases[0]);
}

static void chunks_of_a_record_join_without_seam(void **state)
{
    (void)state;
    enum { COUNT = 20000, PIECE = 777 };
    char path[512];
    struct wfdb_record *record = NULL;
    struct hl_error error = {0};
    assert_int_equal(wfdb_open(data_path(path, "ptbdb/s0010_re.hea"), &record, &error), HL_OK);
    float *whole = malloc(sizeof(float) * COUNT * 15);
    float *piece = malloc(sizeof(float) * PIECE * 15);
    assert_true(whole && piece);
    struct ecg_chunk all;
    struct ecg_chunk part;
    assert_int_equal(wfdb_chunk(record, 0, COUNT, 0, whole, (size_t)COUNT * 15, &all, &error), HL_OK);
    for (int64_t at = 0; at + PIECE <= COUNT; at += PIECE) {
        assert_int_equal(wfdb_chunk(record, at, PIECE, 0, piece, (size_t)PIECE * 15, &part, &error), HL_OK);
        for (size_t lead = 0; lead < part.lead_count; lead++)
            assert_memory_equal(part.samples[lead], all.samples[lead] + at, sizeof(float) * PIECE);
        assert_int_equal(part.start_us, at * 1000);
    }
    free(whole);
    free(piece);
    wfdb_close(record);
}

static void real_annotations_are_counted_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *record;
        size_t beats;
        size_t normal;
        size_t ventricular;
    } cases[] = {
        {"mitdb/100", 2273, 2239, 1},   {"mitdb/119", 1987, 1543, 444}, {"mitdb/200", 2601, 1743, 826},
        {"mitdb/208", 2955, 1586, 992}, {"mitdb/228", 2053, 1688, 362},
    };
    char path[512];
    char hea[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wfdb_annotations *set = NULL;
        struct hl_error error = {0};
        snprintf(hea, sizeof hea, "%s.hea", cases[i].record);
        if (wfdb_annotations_read(data_path(path, hea), "atr", &set, &error) != HL_OK)
            fail_msg("%s: %s", error.field, error.detail);
        size_t counts[128] = {0};
        size_t beats = 0;
        for (size_t a = 0; a < set->count; a++) {
            counts[(unsigned char)set->items[a].mnemonic & 0x7f]++;
            beats += set->items[a].is_beat;
        }
        if (beats != cases[i].beats || counts['N'] != cases[i].normal || counts['V'] != cases[i].ventricular)
            fail_msg("%s: %zu beats, %zu N, %zu V", cases[i].record, beats, counts['N'], counts['V']);
        wfdb_annotations_free(set);
    }
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_new, world_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(formats_decode_known_bytes),
        IN_WORLD(other_formats_are_unsupported_by_name),
        IN_WORLD(odd_interleaving_reads_from_any_sample),
        cmocka_unit_test(header_fields_are_read),
        cmocka_unit_test(unreadable_start_is_unknown),
        cmocka_unit_test(leads_are_picked_once_and_of_one_unit),
        IN_WORLD(malformed_headers_are_refused),
        IN_WORLD(missing_records_and_odd_files_are_refused),
        IN_WORLD(values_are_physical_and_missing_is_nan),
        IN_WORLD(chunks_carry_known_leads_and_do_not_drift),
        cmocka_unit_test(annotation_words_are_decoded),
        cmocka_unit_test(stated_time_resolution_is_kept),
        cmocka_unit_test(codes_are_unique_and_found_both_ways),
        cmocka_unit_test(real_records_agree_with_their_headers),
        cmocka_unit_test(chunks_of_a_record_join_without_seam),
        cmocka_unit_test(real_annotations_are_counted_as_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
