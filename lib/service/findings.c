/* Figures are written with as many digits as mean something: microvolts, tenths of milliseconds, of beats per minute
and of degrees. That keeps a row of measurements small, and it is written for each patient every ten seconds. */
#include "service/findings.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "ecg/lead.h"

enum { TENTHS = 10, THOUSANDTHS = 1000 };

/* `value` with one or three decimals, without trailing zeros. */
static void put_fixed(struct buf *out, double value, int scale)
{
    double scaled = rint(value * scale);
    if (!(fabs(scaled) < 1e15)) {
        buf_json_number(out, value);
        return;
    }
    int64_t whole = (int64_t)fabs(scaled);
    char text[24];
    size_t at = sizeof text;
    bool any = false;
    for (int left = scale; left > 1; left /= 10, whole /= 10) {
        any = any || whole % 10 > 0;
        if (any)
            text[--at] = (char)('0' + whole % 10);
    }
    if (any)
        text[--at] = '.';
    do {
        text[--at] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (scaled < 0)
        text[--at] = '-';
    buf_add(out, text + at, sizeof text - at);
}

static void put_unsigned(struct buf *out, const char *name, unsigned value)
{
    buf_text(out, name);
    buf_int(out, value);
}

static void put_name(struct buf *out, const char *name, bool first)
{
    buf_text(out, first ? "\"" : ",\"");
    buf_text(out, name); /* of a table: letters and underscores */
    buf_text(out, "\":");
}

/* ---- measurements ---- */

void findings_values(struct buf *out, const struct ecg_measurements *measurements)
{
    for (size_t i = 0; i < ECG_M_COUNT; i++) {
        put_name(out, ecg_measure_rows[i].name, i == 0);
        put_fixed(out, measurements->all[i].value, TENTHS);
    }
}

static void put_figure(struct buf *out, const struct ecg_figure *figure)
{
    buf_text(out, "{\"value\":");
    put_fixed(out, figure->value, TENTHS);
    buf_text(out, ",\"spread\":");
    put_fixed(out, figure->spread, TENTHS);
    put_unsigned(out, ",\"beats\":", figure->beats);
    buf_text(out, ",\"resolution\":");
    put_fixed(out, figure->resolution, THOUSANDTHS);
    buf_char(out, '}');
}

/* Heights of millivolts to the microvolt, of counts and durations to the tenth. */
static int scale_of(const struct ecg_measurements *measurements, size_t row)
{
    return ecg_lead_measure_rows[row].unit || measurements->units != ECG_UNITS_MV ? TENTHS : THOUSANDTHS;
}

static void put_lead(struct buf *out, const struct ecg_measurements *measurements, size_t lead)
{
    put_name(out, ecg_lead_name(measurements->leads[lead]), lead == 0);
    buf_text(out, "{\"quality\":\"");
    buf_text(out, ecg_quality_name(measurements->quality[lead]));
    buf_char(out, '"');
    for (size_t i = 0; i < ECG_LM_COUNT; i++) {
        const struct ecg_figure *figure = &measurements->lead[lead][i];
        if (isnan(figure->value))
            continue;
        put_name(out, ecg_lead_measure_rows[i].name, false);
        buf_char(out, '[');
        put_fixed(out, figure->value, scale_of(measurements, i));
        buf_char(out, ',');
        put_fixed(out, figure->spread, scale_of(measurements, i));
        put_unsigned(out, ",", figure->beats);
        buf_char(out, ']');
    }
    buf_char(out, '}');
}

/* What a lead's figures can resolve is the same in all leads. */
static void put_lead_resolution(struct buf *out, const struct ecg_measurements *measurements)
{
    bool first = true;
    buf_text(out, ",\"lead_resolution\":{");
    for (size_t i = 0; i < ECG_LM_COUNT; i++) {
        size_t lead = 0;
        while (lead < measurements->lead_count && isnan(measurements->lead[lead][i].value))
            lead++;
        if (lead == measurements->lead_count)
            continue;
        put_name(out, ecg_lead_measure_rows[i].name, first);
        put_fixed(out, measurements->lead[lead][i].resolution, THOUSANDTHS);
        first = false;
    }
    buf_char(out, '}');
}

void findings_measurements(struct buf *out, const struct ecg_measurements *measurements)
{
    buf_printf(out, "\"units\":\"%s\"", measurements->units == ECG_UNITS_MV ? "mV" : "adu");
    put_unsigned(out, ",\"beats\":", measurements->beats);
    put_unsigned(out, ",\"normal_beats\":", measurements->normal_beats);
    put_unsigned(out, ",\"ventricular_beats\":", measurements->ventricular_beats);
    put_unsigned(out, ",\"atrial_beats\":", measurements->atrial_beats);
    buf_text(out, ",\"p_present\":");
    put_fixed(out, measurements->p_present, THOUSANDTHS);
    buf_text(out, ",\"figures\":{");
    for (size_t i = 0; i < ECG_M_COUNT; i++) {
        put_name(out, ecg_measure_rows[i].name, i == 0);
        put_figure(out, &measurements->all[i]);
    }
    buf_text(out, "},\"leads\":{");
    for (size_t lead = 0; lead < measurements->lead_count; lead++)
        put_lead(out, measurements, lead);
    buf_char(out, '}');
    put_lead_resolution(out, measurements);
}

/* ---- variability ---- */

void findings_hrv(struct buf *out, const struct ecg_hrv *hrv)
{
    put_unsigned(out, "\"intervals\":", hrv->intervals);
    put_unsigned(out, ",\"beats\":", hrv->beats);
    put_unsigned(out, ",\"excluded\":", hrv->excluded);
    for (size_t i = 0; i < ecg_hrv_name_count; i++) {
        double value;
        memcpy(&value, (const char *)hrv + ecg_hrv_names[i].offset, sizeof value);
        put_name(out, ecg_hrv_names[i].name, false);
        put_fixed(out, value, THOUSANDTHS);
    }
    buf_text(out, ",\"withheld\":");
    if (hrv->withheld)
        buf_json_str(out, hrv->withheld);
    else
        buf_text(out, "null");
}

/* ---- rhythms ---- */

void findings_rhythm(struct buf *out, enum ecg_rhythm rhythm, bool open)
{
    const struct ecg_rhythm_row *row = &ecg_rhythm_rows[rhythm];
    buf_printf(out, "\"rhythm\":\"%s\",\"label\":\"%s\",\"basic\":%s,\"open\":%s", row->name, row->label,
               row->basic ? "true" : "false", open ? "true" : "false");
}

void findings_rates(struct buf *out, bool known, unsigned beats, const double rates_bpm[3])
{
    static const char *const names[] = {"rate_min_bpm", "rate_max_bpm", "rate_mean_bpm"};
    buf_text(out, "\"beats\":");
    if (known)
        buf_int(out, beats);
    else
        buf_text(out, "null");
    for (size_t i = 0; i < 3; i++) {
        put_name(out, names[i], false);
        put_fixed(out, known ? rates_bpm[i] : NAN, TENTHS);
    }
}

/* ---- statements ---- */

static const char *const group_names[] = {
    [ECG_GROUP_RHYTHM] = "rhythm",       [ECG_GROUP_AXIS] = "axis",       [ECG_GROUP_CONDUCTION] = "conduction",
    [ECG_GROUP_CHAMBER] = "chamber",     [ECG_GROUP_ST_T] = "st_t",       [ECG_GROUP_QT] = "qt",
    [ECG_GROUP_TECHNICAL] = "technical", [ECG_GROUP_SUMMARY] = "summary",
};

void findings_statements(struct buf *out, const struct ecg_statements *statements)
{
    buf_char(out, '[');
    for (size_t i = 0; i < statements->count; i++) {
        const struct ecg_statement *statement = &statements->items[i];
        buf_text(out, i ? ",{\"code\":" : "{\"code\":");
        buf_json_str(out, statement->code);
        buf_text(out, ",\"text\":");
        buf_json_str(out, statement->text);
        buf_printf(out, ",\"group\":\"%s\",\"reason\":", group_names[statement->group]);
        buf_json_strn(out, statement->reason, strnlen(statement->reason, sizeof statement->reason));
        buf_char(out, '}');
    }
    buf_char(out, ']');
}

/* ---- words back to codes ---- */

enum ecg_rhythm findings_rhythm_of(const char *name)
{
    for (size_t i = 0; name && i < ECG_RHYTHM_COUNT; i++)
        if (strcmp(ecg_rhythm_rows[i].name, name) == 0)
            return (enum ecg_rhythm)i;
    return ECG_RHYTHM_UNKNOWN;
}

enum ecg_quality findings_quality_of(const char *name)
{
    for (size_t i = 0; name && i < ECG_QUALITY_COUNT; i++)
        if (strcmp(ecg_quality_name((enum ecg_quality)i), name) == 0)
            return (enum ecg_quality)i;
    return ECG_QUALITY_UNKNOWN;
}

enum ecg_sex findings_sex_of(const char *gender)
{
    static const struct {
        const char *word;
        enum ecg_sex sex;
    } words[] = {{"female", ECG_SEX_FEMALE}, {"woman", ECG_SEX_FEMALE}, {"f", ECG_SEX_FEMALE}, {"w", ECG_SEX_FEMALE},
                 {"male", ECG_SEX_MALE},     {"man", ECG_SEX_MALE},     {"m", ECG_SEX_MALE}};
    for (size_t i = 0; gender && i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(words[i].word, gender) == 0)
            return words[i].sex;
    return ECG_SEX_UNKNOWN;
}
