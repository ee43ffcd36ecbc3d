/* The display's filters.

Bands. "diagnostic" is 0.05 to 150 Hz: Kligfield et al., "Recommendations for the standardization and interpretation of
the electrocardiogram: part I", Circulation 2007; 115: 1306-1324, and IEC 60601-2-25. "monitor" is 0.5 to 40 Hz, the
monitoring band of IEC 60601-2-27 (0.67 to 40) with the lower edge that monitors use; the ST segment sags in it. "st" is
0.05 to 40 Hz: quiet, and true to the ST segment.

Sections. The lower edge is one pole, the RC of which those documents speak: at 0.05 Hz an impulse of 0.3 mV s leaves
less than 0.1 mV behind (their test). The upper edge is a Bessel low-pass of the fourth order (bilinear, prewarped, so
that -3 dB lies where it is said at any rate): it delays all of a QRS by the same time and does not ring. The mains
notch is MAINS_WIDTH_HZ wide, as narrow as lets it settle within a beat; it rings a little behind each QRS, which is why
it is an option. A section whose edge lies above what the sampling rate carries is left out.

All of it is causal: nothing is drawn later than delay_ms says. */
#include "ecg/display.h"

#include <math.h>
#include <string.h>

#define PI             3.14159265358979323846
#define MAINS_WIDTH_HZ 3.0
#define CARRIED        0.45  /* of the sampling rate: an edge above is none */
#define HOLE_S         0.200 /* a longer one: the signal may stand elsewhere */
#define LARGEST        1e9F  /* no converter has more counts */
#define TINY           1e-20 /* numbers near zero are slow to compute with */

const struct ecg_display_row ecg_display_rows[] = {
    {"none", "Unfiltered", 0.0, 0.0, true},
    {"monitor", "Monitor, 0.5-40 Hz", 0.5, 40.0, false},
    {"diagnostic", "Diagnostic, 0.05-150 Hz", 0.05, 150.0, true},
    {"st", "ST, 0.05-40 Hz", 0.05, 40.0, true},
};
const size_t ecg_display_row_count = sizeof ecg_display_rows / sizeof ecg_display_rows[0];

/* A fourth-order Bessel low-pass as two second-order sections, for -3 dB at 1. */
static const struct section {
    double frequency, q;
} bessel[2] = {{1.4192, 0.5219}, {1.5912, 0.8055}};

const struct ecg_display_row *ecg_display_find(const char *name)
{
    for (size_t i = 0; i < ecg_display_row_count; i++)
        if (strcmp(ecg_display_rows[i].name, name) == 0)
            return &ecg_display_rows[i];
    return NULL;
}

/* Returns the delay of slow waves, in samples. */
static double design_low_pass(struct ecg_biquad *filter, const struct section *section, double hz, double fs_hz)
{
    double k = section->frequency * tan(PI * hz / fs_hz);
    double norm = 1.0 / (1.0 + k / section->q + k * k);
    *filter = (struct ecg_biquad){
        .b0 = k * k * norm,
        .b1 = 2.0 * k * k * norm,
        .b2 = k * k * norm,
        .a1 = 2.0 * (k * k - 1.0) * norm,
        .a2 = (1.0 - k / section->q + k * k) * norm,
    };
    return 0.5 / (k * section->q);
}

static double design_notch(struct ecg_biquad *filter, double hz, double fs_hz)
{
    double k = tan(PI * hz / fs_hz);
    double q = hz / MAINS_WIDTH_HZ;
    double norm = 1.0 / (1.0 + k / q + k * k);
    *filter = (struct ecg_biquad){
        .b0 = (1.0 + k * k) * norm,
        .b1 = 2.0 * (k * k - 1.0) * norm,
        .b2 = (1.0 + k * k) * norm,
        .a1 = 2.0 * (k * k - 1.0) * norm,
        .a2 = (1.0 - k / q + k * k) * norm,
    };
    return 0.5 / (k * q);
}

void ecg_display_init(struct ecg_display *display, const struct ecg_display_row *row, double mains_hz, double fs_hz)
{
    double delay = 0.0; /* samples */
    memset(display, 0, sizeof *display);
    display->row = row;
    display->fs_hz = fs_hz;
    display->hole_max = (size_t)(HOLE_S * fs_hz);
    display->high = row->high_hz > 0.0;
    display->keep = exp(-2.0 * PI * row->high_hz / fs_hz);
    display->low = row->low_hz > 0.0 && row->low_hz < CARRIED * fs_hz;
    for (size_t i = 0; display->low && i < 2; i++)
        delay += design_low_pass(&display->low_pass[i], &bessel[i], row->low_hz, fs_hz);
    display->notch = mains_hz > 0.0 && mains_hz < CARRIED * fs_hz;
    if (display->notch)
        delay += design_notch(&display->mains, mains_hz, fs_hz);
    display->delay_ms = 1000.0 * delay / fs_hz;
}

void ecg_display_reset(struct ecg_display *display)
{
    display->started = false;
    display->hole = 0;
}

/* As if `x` had always been. */
static void settle(struct ecg_biquad *filter, double x)
{
    double y = x * (filter->b0 + filter->b1 + filter->b2) / (1.0 + filter->a1 + filter->a2);
    filter->z1 = y - filter->b0 * x;
    filter->z2 = filter->b2 * x - filter->a2 * y;
}

static void start(struct ecg_display *display, double x)
{
    double level = display->high ? 0.0 : x;
    display->started = true;
    display->slow = x;
    settle(&display->low_pass[0], level);
    settle(&display->low_pass[1], level);
    settle(&display->mains, level);
}

static double step(struct ecg_biquad *filter, double x)
{
    double y = ecg_biquad_step(filter, x);
    if (fabs(filter->z1) + fabs(filter->z2) < TINY)
        ecg_biquad_reset(filter);
    return y;
}

static double filtered(struct ecg_display *display, double x)
{
    if (display->high) {
        display->slow = display->keep * display->slow + (1.0 - display->keep) * x;
        x = (x - display->slow) * (1.0 + display->keep) / (2.0 * display->keep); /* 1 for what is fast */
    }
    if (display->notch)
        x = step(&display->mains, x);
    for (size_t i = 0; display->low && i < 2; i++)
        x = step(&display->low_pass[i], x);
    return x;
}

float ecg_display_sample(struct ecg_display *display, float x)
{
    bool there = fabsf(x) <= LARGEST; /* false for NAN */
    display->hole = there ? 0 : display->hole + 1;
    if (display->hole > display->hole_max)
        display->started = false;
    if (there && !display->started)
        start(display, (double)x);
    if (!display->started)
        return NAN;
    display->held = there ? (double)x : display->held;
    double y = filtered(display, display->held);
    return there ? (float)y : NAN;
}

double ecg_display_delay_ms(const struct ecg_display *display)
{
    return display->delay_ms;
}
