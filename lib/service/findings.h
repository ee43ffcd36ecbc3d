/* What the analysis finds, as JSON: the one wording that the database keeps, the streams tell and the files hold. What
is unknown is null, never 0 and never "normal". The functions write members of an object ("name":value, with commas
between), so that each user puts its own before them. */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "ecg/hrv.h"
#include "ecg/measure.h"
#include "ecg/rhythm.h"
#include "ecg/statements.h"

/* {"heart_rate":..,"rr_interval":..}: values only, by the names of ecg_measure_rows; no braces. */
void findings_values(struct buf *out, const struct ecg_measurements *measurements);

/* "units", "beats", "normal_beats", "ventricular_beats", "atrial_beats", "p_present", "figures": {NAME: {"value",
   "spread", "beats", "resolution"}}, "leads": {LEAD: {"quality", NAME: [value, spread, beats]}} and
   "lead_resolution": {NAME: ..}. Of a lead, what is unknown is left out. */
void findings_measurements(struct buf *out, const struct ecg_measurements *measurements);

/* "intervals", "beats", "excluded", each of ecg_hrv_names, "withheld". */
void findings_hrv(struct buf *out, const struct ecg_hrv *hrv);

/* "rhythm", "label", "basic", "open". */
void findings_rhythm(struct buf *out, enum ecg_rhythm rhythm, bool open);

/* "beats", "rate_min_bpm", "rate_max_bpm", "rate_mean_bpm"; all null when not `known`. */
void findings_rates(struct buf *out, bool known, unsigned beats, const double rates_bpm[3]);

/* An array: [{"code","text","group","reason"}, ..]. */
void findings_statements(struct buf *out, const struct ecg_statements *statements);

/* By the names that are stored; UNKNOWN for any other word. NULL is allowed. */
enum ecg_rhythm findings_rhythm_of(const char *name);
enum ecg_quality findings_quality_of(const char *name);

/* From what a person's record says; words that are not understood are unknown. NULL is allowed. */
enum ecg_sex findings_sex_of(const char *gender);
