/* Filters for what people look at. They stand apart from those of the measurements, which have their own: what is drawn
may be made quiet, what is measured may not. A chain is a row with a name, so that the paper and the screen can say what
the line went through. Sources stand at the head of display.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ecg/filter.h"

/* A band. Stored and sent by name: a new chain is a row in display.c. */
struct ecg_display_row {
    const char *name;       /* "monitor" */
    const char *label;      /* "Monitor, 0.5-40 Hz" */
    double high_hz, low_hz; /* what is slower and what is faster is taken away (-3 dB); 0: nothing is */
    bool st;                /* the ST segment may be read in it */
};

extern const struct ecg_display_row ecg_display_rows[];
extern const size_t ecg_display_row_count;

/* NULL when there is none of that name. */
const struct ecg_display_row *ecg_display_find(const char *name);

/* One lead's filters. */
struct ecg_display {
    const struct ecg_display_row *row;
    double fs_hz;
    bool high, low, notch; /* which of them are there: what half of the sampling rate cannot carry needs none */
    double keep;           /* of the slow part's memory: a first-order section */
    double slow;           /* the slow part */
    struct ecg_biquad low_pass[2], mains;
    double delay_ms;
    double held;
    bool started;
    size_t hole, hole_max;
};

/* `mains_hz`: 50 or 60 to take out the mains, 0 not to. */
void ecg_display_init(struct ecg_display *display, const struct ecg_display_row *row, double mains_hz, double fs_hz);

/* Forget the signal. */
void ecg_display_reset(struct ecg_display *display);

/* The filtered sample: what was `ecg_display_delay_ms` ago. NAN in, NAN out; a short hole is bridged inside, behind a
   longer one the filters begin anew. */
float ecg_display_sample(struct ecg_display *display, float x);

/* How much later than in the signal a QRS comes out; the same for all its frequencies as far as a low-pass of Bessel's
   kind goes (1 ms). */
double ecg_display_delay_ms(const struct ecg_display *display);
