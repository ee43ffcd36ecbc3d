/* Reading a WFDB header: one record line, one line per signal, comments. Each line is cut into words of limited length,
each number is read whole or refused, and every refusal names the line. Fields that a header may leave out take the
defaults of header(5), with one difference: a missing or zero gain is not read as 200 per mV, because counts of unknown
gain must never be shown as millivolts. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "record/wfdb_private.h"

#define FS_MAX_HZ        1e6
#define FS_DEFAULT_HZ    250.0
#define SAMPLES_MAX      ((int64_t)1 << 40)
#define OFFSET_MAX_BYTES ((int64_t)1 << 40)

enum { WORD_SIZE = 96 };

struct reader {
    const char *at; /* the rest of the text; ends in NUL */
    unsigned line_number;
    struct hl_error *error;
};

/* ---- words and numbers ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Cut the next line out of the text, in place: ends at LF or CRLF. NULL at the end. */
static char *next_line(char **rest)
{
    char *line = *rest;
    if (*line == '\0')
        return NULL;
    size_t length = strcspn(line, "\n");
    *rest = line + length + (line[length] == '\n');
    line[length] = '\0';
    while (length > 0 && (line[length - 1] == '\r' || is_blank(line[length - 1])))
        line[--length] = '\0';
    while (is_blank(*line))
        line++;
    return line;
}

HL_PRINTF(3, 4)
static hl_result refuse(const struct reader *reader, hl_result result, const char *format, ...)
{
    char field[32];
    char detail[200];
    snprintf(field, sizeof field, "line %u", reader->line_number);
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return hl_fail(reader->error, result, field, "%s", detail);
}

/* The next word of the line into `word`; empty at its end. */
static hl_result next_word(struct reader *reader, char word[static WORD_SIZE])
{
    size_t length = strcspn(reader->at, " \t");
    if (length >= WORD_SIZE)
        return refuse(reader, HL_INVALID, "a word of %zu characters", length);
    memcpy(word, reader->at, length);
    word[length] = '\0';
    reader->at += length;
    while (is_blank(*reader->at))
        reader->at++;
    return HL_OK;
}

/* The decimal integer that *at begins with; *at moves behind it. */
static bool take_integer(const char **at, int64_t min, int64_t max, int64_t *value)
{
    const char *digits = *at + (**at == '-' || **at == '+');
    if (*digits < '0' || *digits > '9')
        return false;
    char *end = NULL;
    long long number = strtoll(*at, &end, 10);
    if (number < min || number > max)
        return false;
    *at = end;
    *value = number;
    return true;
}

/* A finite decimal number; hexadecimal, "nan" and "inf" are none. */
static bool take_real(const char **at, double *value)
{
    size_t length = strspn(*at, "+-.0123456789eE");
    char text[WORD_SIZE];
    if (length == 0 || length >= sizeof text)
        return false;
    memcpy(text, *at, length);
    text[length] = '\0';
    char *end = NULL;
    *value = strtod(text, &end);
    *at += end - text;
    return end != text && isfinite(*value);
}

/* An optional integer field: an empty word leaves *value alone and *present false. */
static hl_result read_integer(struct reader *reader, const char *what, int64_t min, int64_t max, int64_t *value,
                              bool *present)
{
    char word[WORD_SIZE];
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    *present = word[0] != '\0';
    if (!*present)
        return HL_OK;
    const char *at = word;
    if (!take_integer(&at, min, max, value) || *at != '\0')
        return refuse(reader, HL_INVALID, "%s \"%s\" is not a whole number within %lld .. %lld", what, word,
                      (long long)min, (long long)max);
    return HL_OK;
}

/* ---- the record line ---- */

static hl_result read_name(struct reader *reader, struct wfdb_record *record)
{
    char word[WORD_SIZE];
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    if (strchr(word, '/'))
        return refuse(reader, HL_UNSUPPORTED, "\"%s\" has several segments; multi-segment records are not read", word);
    if (word[0] == '\0' || strlen(word) >= sizeof record->name)
        return refuse(reader, HL_INVALID, "the record name \"%s\" is empty or too long", word);
    memcpy(record->name, word, strlen(word) + 1);
    return HL_OK;
}

/* "360", "250/360", "250/360(12.5)": only the first number is of use here, the counter's rate is not. */
static hl_result read_fs(struct reader *reader, struct wfdb_record *record)
{
    char word[WORD_SIZE];
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    record->fs_hz = FS_DEFAULT_HZ;
    if (word[0] == '\0')
        return HL_OK;
    const char *at = word;
    if (!take_real(&at, &record->fs_hz) || (*at != '\0' && *at != '/'))
        return refuse(reader, HL_INVALID, "the sampling rate \"%s\" is not a number", word);
    if (!(record->fs_hz > 0.0) || record->fs_hz > FS_MAX_HZ)
        return refuse(reader, HL_INVALID, "a sampling rate of %g Hz", record->fs_hz);
    return HL_OK;
}

/* "HH:MM:SS" or "HH:MM:SS.ffffff"; other forms are elapsed times, which say nothing of the clock. */
static bool parse_clock(const char *word, struct tm *when, int64_t *fraction_us)
{
    int used = 0;
    if (sscanf(word, "%2d:%2d:%2d%n", &when->tm_hour, &when->tm_min, &when->tm_sec, &used) != 3)
        return false;
    if (when->tm_hour < 0 || when->tm_hour > 23 || when->tm_min < 0 || when->tm_min > 59 || when->tm_sec < 0 ||
        when->tm_sec > 59)
        return false;
    *fraction_us = 0;
    const char *at = word + used;
    if (*at == '.')
        at++;
    for (int64_t scale_us = 100000; *at >= '0' && *at <= '9'; at++, scale_us /= 10)
        *fraction_us += (*at - '0') * scale_us;
    return *at == '\0';
}

/* "DD/MM/YYYY", a day that exists. */
static bool parse_date(const char *word, struct tm *when)
{
    int used = 0;
    if (sscanf(word, "%2d/%2d/%4d%n", &when->tm_mday, &when->tm_mon, &when->tm_year, &used) != 3 || word[used] != '\0')
        return false;
    when->tm_mon -= 1;
    when->tm_year -= 1900;
    struct tm normal = *when;
    return timegm(&normal) != (time_t)-1 && normal.tm_mday == when->tm_mday && normal.tm_mon == when->tm_mon;
}

/* A start that cannot be read is an unknown start, not an error: the signal does not depend on it. */
static hl_result read_start(struct reader *reader, struct wfdb_record *record)
{
    char clock[WORD_SIZE];
    char date[WORD_SIZE];
    hl_result result = next_word(reader, clock);
    if (result == HL_OK)
        result = next_word(reader, date);
    if (result != HL_OK)
        return result;
    struct tm when = {0};
    int64_t fraction_us = 0;
    if (!parse_clock(clock, &when, &fraction_us) || !parse_date(date, &when))
        return HL_OK;
    record->has_start = true;
    record->start_us = (int64_t)timegm(&when) * 1000000 + fraction_us;
    return HL_OK;
}

static hl_result read_record_line(struct reader *reader, struct wfdb_record *record)
{
    int64_t signal_count = 0;
    bool present = false;
    hl_result result = read_name(reader, record);
    if (result == HL_OK)
        result = read_integer(reader, "the number of signals", 0, WFDB_MAX_SIGNALS, &signal_count, &present);
    if (result == HL_OK && !present)
        result = refuse(reader, HL_INVALID, "the number of signals is missing");
    if (result == HL_OK)
        result = read_fs(reader, record);
    if (result == HL_OK)
        result = read_integer(reader, "the number of samples", 0, SAMPLES_MAX, &record->sample_count, &present);
    if (result == HL_OK)
        result = read_start(reader, record);
    record->signal_count = result == HL_OK ? (size_t)signal_count : 0;
    return result;
}

/* ---- a signal line ---- */

/* A file name out of a header may only mean a file in the header's own folder. */
static hl_result read_file_name(struct reader *reader, struct wfdb_signal *signal)
{
    char word[WORD_SIZE];
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    if (strcmp(word, "-") == 0 || strcmp(word, "~") == 0)
        return refuse(reader, HL_UNSUPPORTED, "the signal file \"%s\" is not a file", word);
    bool plain = word[0] != '\0' && strlen(word) < sizeof signal->file && strcmp(word, ".") != 0 &&
                 !strpbrk(word, "/\\") && !strstr(word, "..");
    for (const char *at = word; *at; at++)
        plain = plain && (unsigned char)*at > 0x20 && *at != 0x7f;
    if (!plain)
        return refuse(reader, HL_INVALID, "\"%s\" is not the name of a file beside the header", word);
    memcpy(signal->file, word, strlen(word) + 1);
    return HL_OK;
}

/* FORMAT[xSAMPLES][:SKEW][+OFFSET] */
static bool parse_format(const char *word, struct wfdb_signal *signal, int64_t *per_frame, int64_t *skew)
{
    int64_t format = 0;
    if (!take_integer(&word, 0, 100000, &format))
        return false;
    signal->format = (int)format;
    *per_frame = 1;
    *skew = 0;
    signal->offset_bytes = 0;
    if (*word == 'x' && (word++, !take_integer(&word, 0, 1000000, per_frame)))
        return false;
    if (*word == ':' && (word++, !take_integer(&word, 0, 1000000000, skew)))
        return false;
    if (*word == '+' && (word++, !take_integer(&word, 0, OFFSET_MAX_BYTES, &signal->offset_bytes)))
        return false;
    return *word == '\0';
}

static hl_result read_format(struct reader *reader, struct wfdb_signal *signal)
{
    char word[WORD_SIZE];
    int64_t per_frame = 1;
    int64_t skew = 0;
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    if (!parse_format(word, signal, &per_frame, &skew))
        return refuse(reader, HL_INVALID, "\"%s\" is not a signal format", word);
    if (!wfdb_format_find(signal->format))
        return refuse(reader, HL_UNSUPPORTED, "signal format %d is not read", signal->format);
    if (per_frame > 1) /* x0 is written by some and means 1 */
        return refuse(reader, HL_UNSUPPORTED, "%lld samples per frame; only 1 is read", (long long)per_frame);
    if (skew != 0)
        return refuse(reader, HL_UNSUPPORTED, "a skew of %lld samples; skewed signals are not read", (long long)skew);
    return HL_OK;
}

/* GAIN[(BASELINE)][/UNITS] */
static bool parse_gain(const char *word, struct wfdb_signal *signal, bool *has_baseline)
{
    if (!take_real(&word, &signal->gain_adu_per_unit))
        return false;
    if (*word == '(') {
        word++;
        if (!take_real(&word, &signal->baseline_adu) || *word != ')')
            return false;
        word++;
        *has_baseline = true;
    }
    if (*word == '/' && word[1] != '\0') {
        snprintf(signal->units, sizeof signal->units, "%.*s", (int)sizeof signal->units - 1, word + 1);
        return true;
    }
    return *word == '\0';
}

static hl_result read_gain(struct reader *reader, struct wfdb_signal *signal, bool *has_baseline)
{
    char word[WORD_SIZE];
    hl_result result = next_word(reader, word);
    if (result != HL_OK)
        return result;
    snprintf(signal->units, sizeof signal->units, "mV");
    if (word[0] != '\0' && !parse_gain(word, signal, has_baseline))
        return refuse(reader, HL_INVALID, "the gain \"%s\" is not GAIN(BASELINE)/UNITS", word);
    return HL_OK;
}

static hl_result read_adc_fields(struct reader *reader, struct wfdb_signal *signal, bool has_baseline)
{
    int64_t resolution = 0;
    int64_t zero = 0;
    int64_t first = 0;
    int64_t checksum = 0;
    int64_t block_size = 0;
    bool present = false;
    hl_result result = read_integer(reader, "the ADC resolution", 0, 64, &resolution, &present);
    if (result == HL_OK)
        result = read_integer(reader, "the ADC zero", INT32_MIN, INT32_MAX, &zero, &present);
    if (result == HL_OK)
        result = read_integer(reader, "the initial value", INT32_MIN, INT32_MAX, &first, &signal->has_first);
    if (result == HL_OK)
        result = read_integer(reader, "the checksum", INT32_MIN, INT32_MAX, &checksum, &signal->has_checksum);
    if (result == HL_OK)
        result = read_integer(reader, "the block size", 0, INT32_MAX, &block_size, &present);
    signal->resolution_bits = (int)resolution;
    signal->first_adu = (int32_t)first;
    signal->checksum = (int32_t)checksum;
    if (!has_baseline)
        signal->baseline_adu = (double)zero;
    return result;
}

static void find_quantity(struct wfdb_signal *signal)
{
    static const char *const volts[] = {"mV", "uV", "V", "nV"};
    if (signal->gain_adu_per_unit == 0.0) {
        signal->quantity = WFDB_COUNTS;
        return;
    }
    signal->quantity = WFDB_OTHER;
    for (size_t i = 0; i < sizeof volts / sizeof volts[0]; i++)
        if (strcasecmp(signal->units, volts[i]) == 0)
            signal->quantity = WFDB_MILLIVOLTS;
}

static hl_result read_signal_line(struct reader *reader, struct wfdb_signal *signal, size_t index)
{
    bool has_baseline = false;
    hl_result result = read_file_name(reader, signal);
    if (result == HL_OK)
        result = read_format(reader, signal);
    if (result == HL_OK)
        result = read_gain(reader, signal, &has_baseline);
    if (result == HL_OK)
        result = read_adc_fields(reader, signal, has_baseline);
    if (result != HL_OK)
        return result;
    if (*reader->at)
        snprintf(signal->name, sizeof signal->name, "%.*s", (int)sizeof signal->name - 1, reader->at);
    else
        snprintf(signal->name, sizeof signal->name, "signal %zu", index);
    signal->has_lead = ecg_lead_from_name(signal->name, strlen(signal->name), &signal->lead);
    find_quantity(signal);
    return HL_OK;
}

/* ---- the whole ---- */

static bool lead_is_picked(const struct wfdb_record *record, enum ecg_lead lead)
{
    for (size_t i = 0; i < record->lead_count; i++)
        if (record->signals[record->lead_signals[i]].lead == lead)
            return true;
    return false;
}

static void pick_leads_of(struct wfdb_record *record, enum wfdb_quantity quantity)
{
    for (size_t i = 0; i < record->signal_count && record->lead_count < ECG_MAX_LEADS; i++) {
        const struct wfdb_signal *signal = &record->signals[i];
        if (signal->has_lead && signal->quantity == quantity && !lead_is_picked(record, signal->lead))
            record->lead_signals[record->lead_count++] = i;
    }
}

static void pick_leads(struct wfdb_record *record)
{
    record->lead_units = ECG_UNITS_MV;
    pick_leads_of(record, WFDB_MILLIVOLTS);
    if (record->lead_count > 0)
        return;
    record->lead_units = ECG_UNITS_ADU;
    pick_leads_of(record, WFDB_COUNTS);
}

static hl_result add_comment(struct reader *reader, struct wfdb_record *record, const char *line)
{
    if (record->comment_count == WFDB_MAX_COMMENTS)
        return refuse(reader, HL_TOO_LARGE, "more than %d comments", WFDB_MAX_COMMENTS);
    while (*line == '#' || is_blank(*line))
        line++;
    record->comments[record->comment_count++] = line;
    return HL_OK;
}

static hl_result read_lines(struct wfdb_record *record, struct hl_error *error)
{
    struct reader reader = {.error = error};
    char *rest = record->text;
    bool has_record_line = false;
    size_t signals_read = 0;
    hl_result result = HL_OK;
    for (char *line; result == HL_OK && (line = next_line(&rest)) != NULL;) {
        reader.line_number++;
        reader.at = line;
        if (*line == '#') {
            result = add_comment(&reader, record, line);
        } else if (*line != '\0' && !has_record_line) {
            result = read_record_line(&reader, record);
            has_record_line = true;
        } else if (*line != '\0' && signals_read < record->signal_count) {
            result = read_signal_line(&reader, &record->signals[signals_read], signals_read);
            signals_read++;
        }
    }
    if (result == HL_OK && !has_record_line)
        return hl_fail(error, HL_INVALID, "", "the header is empty");
    if (result == HL_OK && signals_read < record->signal_count)
        return hl_fail(error, HL_INVALID, "", "the header promises %zu signals and describes %zu", record->signal_count,
                       signals_read);
    return result;
}

hl_result wfdb_header_parse(const char *text, size_t length, struct wfdb_record **out, struct hl_error *error)
{
    *out = NULL;
    if (length > WFDB_MAX_HEADER_BYTES)
        return hl_fail(error, HL_TOO_LARGE, "", "a header of %zu bytes", length);
    if (length > 0 && memchr(text, '\0', length))
        return hl_fail(error, HL_INVALID, "", "the header is not text");
    struct wfdb_record *record = calloc(1, sizeof *record);
    if (!record || !(record->text = malloc(length + 1))) {
        free(record);
        return hl_fail(error, HL_NO_MEMORY, "", "no memory for a header");
    }
    if (length > 0)
        memcpy(record->text, text, length);
    record->text[length] = '\0';
    hl_result result = read_lines(record, error);
    if (result != HL_OK) {
        wfdb_close(record);
        return result;
    }
    pick_leads(record);
    *out = record;
    return HL_OK;
}
