/* Measurements.

A figure is the median over the beats of ten seconds, as a resting ECG gives one value of each: normal beats only, or,
when there are none, the commonest kind. A beat that is misread now and then does not move a median.

Sources. Intervals are global: from the earliest onset to the latest end of all leads (Willems et al., CSE Working
Party, Eur Heart J 1985; 6: 815-825; Kligfield et al., Circulation 2007; 115: 1306-1324). QTc: Bazett, Heart 1920; 7:
353-370 (QT / root of RR); Fridericia, Acta Med Scand 1920; 53: 469-486 (QT / cube root of RR); Sagie, Larson, Goldberg,
Bengtson and Levy (Framingham), Am J Cardiol 1992; 70: 797-801 (QT + 154 ms (1 - RR)); Hodges, Salerno and Erlien, J Am
Coll Cardiol 1983; 1: 694 (QT + 1.75 (rate - 60)); RR in seconds, the mean of the window, as Rautaharju, Surawicz and
Gettes ask for (Circulation 2009; 119: e241-e250); they also ask not to correct where RR varies much, as in
fibrillation.

Axes: the electrical vector that explains the net areas in the limb leads best (least squares; any two of the six will
do, and with I and aVF alone it is the usual arc tangent of 1.155 aVF / I). */
#include "ecg/measure.h"

#include <math.h>
#include <string.h>

#define BEATS_MIN          2 /* fewer say nothing */
#define SPREAD_BEATS_MIN   3
#define MAD_TO_SD          1.4826
#define GRID_RESOLUTION_MS 2.0  /* the delineator's own: half of its grid */
#define RR_VARIES          0.20 /* spread of RR over its mean from which on QT is not corrected */
#define AXIS_SPREAD_MAX    45.0 /* degrees: beats that differ more have no axis together */
#define DEGREES            57.29577951308232
#define HALF_ROOT_3        0.8660254037844386

const struct ecg_measure_row ecg_measure_rows[ECG_M_COUNT] = {
    [ECG_M_HEART_RATE] = {"heart_rate", "bpm", "Heart rate"},
    [ECG_M_RR] = {"rr_interval", "ms", "RR interval"},
    [ECG_M_P_DURATION] = {"p_duration", "ms", "P duration"},
    [ECG_M_PR] = {"pr_interval", "ms", "PR interval"},
    [ECG_M_QRS] = {"qrs_duration", "ms", "QRS duration"},
    [ECG_M_QT] = {"qt_interval", "ms", "QT interval"},
    [ECG_M_QTC_BAZETT] = {"qtc_bazett", "ms", "QTc (Bazett)"},
    [ECG_M_QTC_FRIDERICIA] = {"qtc_fridericia", "ms", "QTc (Fridericia)"},
    [ECG_M_QTC_FRAMINGHAM] = {"qtc_framingham", "ms", "QTc (Framingham)"},
    [ECG_M_QTC_HODGES] = {"qtc_hodges", "ms", "QTc (Hodges)"},
    [ECG_M_P_AXIS] = {"p_axis", "deg", "P axis"},
    [ECG_M_QRS_AXIS] = {"qrs_axis", "deg", "QRS axis"},
    [ECG_M_T_AXIS] = {"t_axis", "deg", "T axis"},
};

const struct ecg_measure_row ecg_lead_measure_rows[ECG_LM_COUNT] = {
    [ECG_LM_P] = {"p", NULL, "P"},
    [ECG_LM_Q] = {"q", NULL, "Q"},
    [ECG_LM_R] = {"r", NULL, "R"},
    [ECG_LM_S] = {"s", NULL, "S"},
    [ECG_LM_R2] = {"r2", NULL, "R'"},
    [ECG_LM_S2] = {"s2", NULL, "S'"},
    [ECG_LM_T] = {"t", NULL, "T"},
    [ECG_LM_Q_MS] = {"q_duration", "ms", "Q duration"},
    [ECG_LM_R_MS] = {"r_duration", "ms", "R duration"},
    [ECG_LM_S_MS] = {"s_duration", "ms", "S duration"},
    [ECG_LM_ST_J] = {"st_j", NULL, "ST at J"},
    [ECG_LM_ST_J60] = {"st_j60", NULL, "ST at J + 60 ms"},
    [ECG_LM_ST_J80] = {"st_j80", NULL, "ST at J + 80 ms"},
    [ECG_LM_ST_SLOPE] = {"st_slope", NULL, "ST slope, per second"},
    [ECG_LM_R_PEAK_MS] = {"r_peak_time", "ms", "R peak time"},
};

/* Rates at which a correction holds, bpm. Bazett's root goes wrong first: against Fridericia's it is 43 ms too long at
   110 bpm (Luo, Michler, Johnston and Macfarlane, J Electrocardiol 2004; 37 Suppl: 81-90); the straight lines of
   Framingham and Hodges were drawn through resting hearts. */
struct correction {
    enum ecg_measure measure;
    double rate_min_bpm, rate_max_bpm;
    double (*correct)(double qt_ms, double rr_s);
};

static double bazett(double qt_ms, double rr_s)
{
    return qt_ms / sqrt(rr_s);
}

static double fridericia(double qt_ms, double rr_s)
{
    return qt_ms / cbrt(rr_s);
}

static double framingham(double qt_ms, double rr_s)
{
    return qt_ms + 154.0 * (1.0 - rr_s);
}

static double hodges(double qt_ms, double rr_s)
{
    return qt_ms + 1.75 * (60.0 / rr_s - 60.0);
}

static const struct correction corrections[] = {
    {ECG_M_QTC_BAZETT, 50.0, 110.0, bazett},
    {ECG_M_QTC_FRIDERICIA, 40.0, 140.0, fridericia},
    {ECG_M_QTC_FRAMINGHAM, 45.0, 120.0, framingham},
    {ECG_M_QTC_HODGES, 40.0, 140.0, hodges},
};

/* ---- the beats ---- */

/* What a beat gives in itself. */
enum own { OWN_P_DURATION, OWN_PR, OWN_QRS, OWN_QT, OWN_COUNT };
enum area { AREA_P, AREA_QRS, AREA_T, AREA_COUNT };

struct measured_lead {
    float value[ECG_LM_COUNT];
    float area[AREA_COUNT];
    float noise;
    enum ecg_t_form t_form;
};

struct measured_beat {
    int64_t sample;
    double rr_ms;
    double own[OWN_COUNT];
    int p_count;
    char code;
    bool paced;
    enum ecg_wave_state p;
};

/* The memory: how many beats there were, the beats (a ring), and the leads of each of them. */
struct memory {
    size_t at, count;
    struct measured_beat beats[ECG_MEASURE_BEATS];
    struct measured_lead leads[];
};

size_t ecg_measurer_bytes(size_t lead_count)
{
    return sizeof(struct memory) + ECG_MEASURE_BEATS * lead_count * sizeof(struct measured_lead);
}

void ecg_measurer_init(struct ecg_measurer *measurer, double fs_hz, enum ecg_units units, size_t lead_count,
                       const enum ecg_lead *leads, void *memory)
{
    *measurer = (struct ecg_measurer){.fs_hz = fs_hz, .units = units, .lead_count = lead_count, .memory = memory};
    for (size_t lead = 0; lead < lead_count; lead++)
        measurer->leads[lead] = leads[lead];
    if (memory)
        ecg_measurer_reset(measurer);
}

void ecg_measurer_reset(struct ecg_measurer *measurer)
{
    struct memory *memory = measurer->memory;
    memory->at = memory->count = 0;
}

static double between(float from_ms, float to_ms)
{
    return (double)to_ms - (double)from_ms;
}

static void take_lead(const struct ecg_lead_levels *levels, struct measured_lead *out)
{
    *out = (struct measured_lead){
        .value =
            {
                [ECG_LM_P] = levels->p,
                [ECG_LM_Q] = levels->q,
                [ECG_LM_R] = levels->r,
                [ECG_LM_S] = levels->s,
                [ECG_LM_R2] = levels->r2,
                [ECG_LM_S2] = levels->s2,
                [ECG_LM_T] = levels->t,
                [ECG_LM_Q_MS] = levels->q_ms,
                [ECG_LM_R_MS] = levels->r_ms,
                [ECG_LM_S_MS] = levels->s_ms,
                [ECG_LM_ST_J] = levels->j,
                [ECG_LM_ST_J60] = levels->j60,
                [ECG_LM_ST_J80] = levels->j80,
                [ECG_LM_ST_SLOPE] = levels->st_slope_per_s,
                [ECG_LM_R_PEAK_MS] = levels->r_peak_ms,
            },
        .area = {levels->p_area, levels->qrs_area, levels->t_area},
        .noise = levels->noise,
        .t_form = levels->t_form,
    };
}

void ecg_measurer_beat(struct ecg_measurer *measurer, const struct ecg_beat_waves *waves)
{
    struct memory *memory = measurer->memory;
    const struct ecg_wave_times *p = &waves->all[ECG_WAVE_P];
    const struct ecg_wave_times *qrs = &waves->all[ECG_WAVE_QRS];
    const struct ecg_wave_times *t = &waves->all[ECG_WAVE_T];
    size_t at = memory->at;
    memory->at = (at + 1) % ECG_MEASURE_BEATS;
    memory->count += memory->count < ECG_MEASURE_BEATS;
    memory->beats[at] = (struct measured_beat){
        .sample = waves->sample,
        .rr_ms = waves->rr_ms,
        .own =
            {
                [OWN_P_DURATION] = between(p->onset_ms, p->end_ms),
                [OWN_PR] = between(p->onset_ms, qrs->onset_ms),
                [OWN_QRS] = between(qrs->onset_ms, qrs->end_ms),
                [OWN_QT] = between(qrs->onset_ms, t->end_ms),
            },
        .p_count = waves->p_count,
        .code = waves->code,
        .paced = !isnan(waves->pace_spike_ms),
        .p = p->state,
    };
    for (size_t lead = 0; lead < measurer->lead_count; lead++)
        take_lead(&waves->levels[lead], &memory->leads[at * measurer->lead_count + lead]);
}

/* ---- the window ---- */

/* The beats that are measured, by their places in the memory. */
struct chosen {
    size_t at[ECG_MEASURE_BEATS];
    size_t count;
};

static struct chosen choose(const struct memory *memory, int64_t from, int64_t to, char code)
{
    struct chosen chosen = {.count = 0};
    for (size_t i = 0; i < memory->count; i++) {
        const struct measured_beat *beat = &memory->beats[i];
        if (beat->sample >= from && beat->sample <= to && (code == '\0' || beat->code == code))
            chosen.at[chosen.count++] = i;
    }
    return chosen;
}

static char commonest(const struct memory *memory, const struct chosen *all)
{
    unsigned counts[128] = {0};
    char best = 'N';
    for (size_t i = 0; i < all->count; i++)
        counts[(unsigned char)memory->beats[all->at[i]].code & 127]++;
    if (counts['N'] > 0)
        return 'N';
    for (int code = 0; code < 128; code++)
        if (counts[code] > counts[(int)best])
            best = (char)code;
    return best;
}

/* ---- statistics ---- */

static void sort(double *values, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        double value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

static double median(double *values, size_t count)
{
    if (count == 0)
        return (double)NAN;
    sort(values, count);
    return 0.5 * (values[(count - 1) / 2] + values[count / 2]);
}

/* Values that are NAN do not count. `values` is spent. */
static struct ecg_figure figure_of(double *values, size_t count, double resolution)
{
    struct ecg_figure figure = {(double)NAN, (double)NAN, resolution, 0};
    size_t known = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            values[known++] = values[i];
    figure.beats = (unsigned)known;
    if (known < BEATS_MIN)
        return figure;
    figure.value = median(values, known);
    for (size_t i = 0; i < known; i++)
        values[i] = fabs(values[i] - figure.value);
    if (known >= SPREAD_BEATS_MIN)
        figure.spread = MAD_TO_SD * median(values, known);
    return figure;
}

static double time_resolution_ms(const struct ecg_measurer *measurer)
{
    return fmax(1000.0 / measurer->fs_hz, GRID_RESOLUTION_MS);
}

/* ---- rate and intervals ---- */

static void measure_rate(const struct ecg_measurer *measurer, const struct chosen *all, struct ecg_measurements *out)
{
    const struct memory *memory = measurer->memory;
    double rates[ECG_MEASURE_BEATS] = {0.0};
    double intervals[ECG_MEASURE_BEATS] = {0.0};
    double sum_ms = 0.0;
    size_t known = 0;
    for (size_t i = 0; i < all->count; i++) {
        double rr_ms = memory->beats[all->at[i]].rr_ms;
        if (!(rr_ms > 0.0))
            continue;
        intervals[known] = rr_ms;
        rates[known++] = 60000.0 / rr_ms;
        sum_ms += rr_ms;
    }
    double sample_ms = 1000.0 / measurer->fs_hz;
    double mean_ms = known > 0 ? sum_ms / (double)known : (double)NAN;
    out->all[ECG_M_RR] = figure_of(intervals, known, sample_ms);
    out->all[ECG_M_HEART_RATE] = figure_of(rates, known, 60000.0 / mean_ms * sample_ms / mean_ms);
    if (known >= BEATS_MIN)
        out->all[ECG_M_HEART_RATE].value = 60000.0 / mean_ms;
}

static void measure_intervals(const struct ecg_measurer *measurer, const struct chosen *chosen,
                              struct ecg_measurements *out)
{
    static const enum ecg_measure measures[OWN_COUNT] = {ECG_M_P_DURATION, ECG_M_PR, ECG_M_QRS, ECG_M_QT};
    const struct memory *memory = measurer->memory;
    for (int own = 0; own < OWN_COUNT; own++) {
        double values[ECG_MEASURE_BEATS];
        for (size_t i = 0; i < chosen->count; i++)
            values[i] = memory->beats[chosen->at[i]].own[own];
        out->all[measures[own]] = figure_of(values, chosen->count, time_resolution_ms(measurer));
    }
}

static void correct_qt(struct ecg_measurements *out)
{
    const struct ecg_figure *qt = &out->all[ECG_M_QT];
    const struct ecg_figure *rr = &out->all[ECG_M_RR];
    double rate_bpm = out->all[ECG_M_HEART_RATE].value;
    double rr_s = 60.0 / rate_bpm;
    bool varies = rr->spread > RR_VARIES * rr->value;
    for (size_t i = 0; i < sizeof corrections / sizeof corrections[0]; i++) {
        const struct correction *row = &corrections[i];
        struct ecg_figure figure = {(double)NAN, (double)NAN, qt->resolution, qt->beats};
        if (!varies && rate_bpm >= row->rate_min_bpm && rate_bpm <= row->rate_max_bpm) {
            figure.value = row->correct(qt->value, rr_s);
            figure.spread = row->correct(qt->spread, rr_s) - row->correct(0.0, rr_s);
            figure.resolution = row->correct(qt->resolution, rr_s) - row->correct(0.0, rr_s);
        }
        out->all[row->measure] = figure;
    }
}

/* ---- axes ---- */

/* Where a limb lead looks from, and how much of the vector it shows. */
static const struct limb_lead {
    enum ecg_lead lead;
    double degrees, share;
} limb_leads[] = {
    {ECG_LEAD_I, 0.0, 1.0},
    {ECG_LEAD_II, 60.0, 1.0},
    {ECG_LEAD_III, 120.0, 1.0},
    {ECG_LEAD_AVR, -150.0, HALF_ROOT_3},
    {ECG_LEAD_AVL, -30.0, HALF_ROOT_3},
    {ECG_LEAD_AVF, 90.0, HALF_ROOT_3},
};

static const struct limb_lead *limb_lead_of(enum ecg_lead lead)
{
    for (size_t i = 0; i < sizeof limb_leads / sizeof limb_leads[0]; i++)
        if (limb_leads[i].lead == lead)
            return &limb_leads[i];
    return NULL;
}

/* NAN without two leads that look from different sides. */
static double axis_of(const struct ecg_measurer *measurer, const struct measured_lead *leads, enum area area,
                      const bool *readable)
{
    double xx = 0.0;
    double xy = 0.0;
    double yy = 0.0;
    double x = 0.0;
    double y = 0.0;
    for (size_t l = 0; l < measurer->lead_count; l++) {
        const struct limb_lead *limb = limb_lead_of(measurer->leads[l]);
        double value = (double)leads[l].area[area];
        if (!limb || !readable[l] || !isfinite(value))
            continue;
        double cx = limb->share * cos(limb->degrees / DEGREES);
        double cy = limb->share * sin(limb->degrees / DEGREES);
        xx += cx * cx;
        xy += cx * cy;
        yy += cy * cy;
        x += cx * value;
        y += cy * value;
    }
    double determinant = xx * yy - xy * xy;
    if (determinant < 0.05)
        return (double)NAN;
    double across = (yy * x - xy * y) / determinant;
    double down = (xx * y - xy * x) / determinant;
    return across == 0.0 && down == 0.0 ? (double)NAN : DEGREES * atan2(down, across);
}

static double turned(double degrees)
{
    return degrees - 360.0 * floor((degrees + 180.0) / 360.0);
}

static void measure_axis(const struct ecg_measurer *measurer, const struct chosen *chosen, const bool *readable,
                         enum area area, struct ecg_figure *out)
{
    const struct memory *memory = measurer->memory;
    double axes[ECG_MEASURE_BEATS];
    double across = 0.0;
    double down = 0.0;
    for (size_t i = 0; i < chosen->count; i++) {
        axes[i] = axis_of(measurer, &memory->leads[chosen->at[i] * measurer->lead_count], area, readable);
        across += isnan(axes[i]) ? 0.0 : cos(axes[i] / DEGREES);
        down += isnan(axes[i]) ? 0.0 : sin(axes[i] / DEGREES);
    }
    double mean = DEGREES * atan2(down, across);
    for (size_t i = 0; i < chosen->count; i++)
        axes[i] = turned(axes[i] - mean);
    *out = figure_of(axes, chosen->count, 1.0);
    out->value = out->spread > AXIS_SPREAD_MAX ? (double)NAN : turned(out->value + mean);
}

static void measure_axes(const struct ecg_measurer *measurer, const struct chosen *chosen, const bool *readable,
                         struct ecg_measurements *out)
{
    static const enum ecg_measure measures[AREA_COUNT] = {ECG_M_P_AXIS, ECG_M_QRS_AXIS, ECG_M_T_AXIS};
    for (int area = 0; area < AREA_COUNT; area++)
        measure_axis(measurer, chosen, readable, (enum area)area, &out->all[measures[area]]);
    if (!(out->p_present > 0.5))
        out->all[ECG_M_P_AXIS].value = (double)NAN;
}

/* ---- leads ---- */

static bool is_time(enum ecg_lead_measure measure)
{
    const char *unit = ecg_lead_measure_rows[measure].unit;
    return unit && strcmp(unit, "ms") == 0;
}

static double noise_of(const struct ecg_measurer *measurer, const struct chosen *chosen, size_t lead)
{
    const struct memory *memory = measurer->memory;
    double values[ECG_MEASURE_BEATS];
    for (size_t i = 0; i < chosen->count; i++)
        values[i] = (double)memory->leads[chosen->at[i] * measurer->lead_count + lead].noise;
    double noise = figure_of(values, chosen->count, 0.0).value;
    return measurer->units == ECG_UNITS_ADU ? fmax(noise, 1.0) : noise; /* a count is the least there is */
}

static enum ecg_t_form t_form_of(const struct ecg_measurer *measurer, const struct chosen *chosen, size_t lead)
{
    const struct memory *memory = measurer->memory;
    unsigned counts[ECG_T_FLAT + 1] = {0};
    enum ecg_t_form best = ECG_T_UNKNOWN;
    for (size_t i = 0; i < chosen->count; i++)
        counts[memory->leads[chosen->at[i] * measurer->lead_count + lead].t_form]++;
    for (int form = ECG_T_UPRIGHT; form <= ECG_T_FLAT; form++)
        if (counts[form] > 0 && (best == ECG_T_UNKNOWN || counts[form] > counts[best]))
            best = (enum ecg_t_form)form;
    return best;
}

static void measure_lead(const struct ecg_measurer *measurer, const struct chosen *chosen, size_t lead,
                         struct ecg_measurements *out)
{
    const struct memory *memory = measurer->memory;
    double noise = noise_of(measurer, chosen, lead);
    for (int measure = 0; measure < ECG_LM_COUNT; measure++) {
        double values[ECG_MEASURE_BEATS];
        for (size_t i = 0; i < chosen->count; i++)
            values[i] = (double)memory->leads[chosen->at[i] * measurer->lead_count + lead].value[measure];
        double resolution = is_time((enum ecg_lead_measure)measure) ? time_resolution_ms(measurer) : noise;
        out->lead[lead][measure] = figure_of(values, chosen->count, resolution);
    }
    out->lead[lead][ECG_LM_ST_SLOPE].resolution = noise / 0.080;
    out->t_form[lead] = t_form_of(measurer, chosen, lead);
}

static void measure_leads(const struct ecg_measurer *measurer, const struct chosen *chosen, const bool *readable,
                          struct ecg_measurements *out)
{
    const struct chosen none = {.count = 0};
    for (size_t lead = 0; lead < measurer->lead_count; lead++)
        measure_lead(measurer, readable[lead] ? chosen : &none, lead, out);
}

/* ---- telling ---- */

static void count_beats(const struct ecg_measurer *measurer, const struct chosen *all, struct ecg_measurements *out)
{
    const struct memory *memory = measurer->memory;
    unsigned paced = 0;
    out->beats = (unsigned)all->count;
    for (size_t i = 0; i < all->count; i++) {
        const struct measured_beat *beat = &memory->beats[all->at[i]];
        out->normal_beats += beat->code == 'N';
        out->ventricular_beats += beat->code == 'V';
        out->atrial_beats += beat->code == 'A';
        out->from = i == 0 || beat->sample < out->from ? beat->sample : out->from;
        paced += beat->paced;
    }
    bool shown = measurer->fs_hz >= ECG_PACE_FS_MIN_HZ;
    out->paced = shown ? (double)paced / (double)all->count : (double)NAN;
}

static void count_p(const struct ecg_measurer *measurer, const struct chosen *chosen, struct ecg_measurements *out)
{
    const struct memory *memory = measurer->memory;
    unsigned known = 0;
    unsigned present = 0;
    unsigned counted = 0;
    int count = 0;
    for (size_t i = 0; i < chosen->count; i++) {
        const struct measured_beat *beat = &memory->beats[chosen->at[i]];
        known += beat->p != ECG_WAVE_UNKNOWN;
        present += beat->p == ECG_WAVE_PRESENT;
        counted += beat->p_count >= 0;
        count += beat->p_count >= 0 ? beat->p_count : 0;
    }
    out->p_present = known > 0 ? (double)present / known : (double)NAN;
    out->p_per_beat = counted > 0 ? (double)count / counted : (double)NAN;
}

bool ecg_measurer_tell(const struct ecg_measurer *measurer, int64_t sample, const enum ecg_quality *quality,
                       struct ecg_measurements *out)
{
    const struct memory *memory = measurer->memory;
    bool readable[ECG_MAX_LEADS];
    int64_t from = sample - (int64_t)(ECG_MEASURE_WINDOW_S * measurer->fs_hz);
    struct chosen all = choose(memory, from, sample, '\0');
    *out = (struct ecg_measurements){.sample = sample, .units = measurer->units, .lead_count = measurer->lead_count};
    for (size_t lead = 0; lead < measurer->lead_count; lead++) {
        out->leads[lead] = measurer->leads[lead];
        out->quality[lead] = quality[lead];
        readable[lead] = !ecg_quality_unreadable(quality[lead]) && quality[lead] != ECG_QUALITY_NOISY;
    }
    if (all.count == 0)
        return false;
    count_beats(measurer, &all, out);
    out->code = commonest(memory, &all);
    struct chosen chosen = choose(memory, from, sample, out->code);
    measure_rate(measurer, &all, out);
    count_p(measurer, &chosen, out);
    measure_intervals(measurer, &chosen, out);
    correct_qt(out);
    measure_axes(measurer, &chosen, readable, out);
    measure_leads(measurer, &chosen, readable, out);
    return true;
}
