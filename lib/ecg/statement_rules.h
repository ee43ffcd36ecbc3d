/* The conditions behind the statements: each looks at one ECG's measurements and answers yes, no, or not known, and
says why. The table in statements.c names them; limits and their sources stand in statement_rules.c (rhythm, intervals,
axis, conduction, technical) and statement_heights.c (chambers, ST, T, Q). */
#pragma once

#include "ecg/statement_reason.h"
#include "ecg/statements.h"

enum answer { NOT_KNOWN = 0, NO, YES };

/* What is read. */
struct reading {
    const struct ecg_measurements *measured;
    const struct ecg_rhythm_summary *rhythm;
    const struct ecg_person *person;
    int place[ECG_LEAD_COUNT]; /* of each lead that can be read, in the measurements; -1: none */
    bool contradict;           /* the limb leads do: no height and no axis is worth anything */
};

struct territory;
typedef enum answer condition(const struct reading *reading, const struct territory *territory, struct reason *reason);

/* Leads that see the same wall; a finding counts in two that lie beside each other. */
struct territory {
    size_t pair_count;
    enum ecg_lead pairs[3][2];
};
extern const struct territory territory_anterior, territory_inferior, territory_lateral;

/* A limit that depends on the person: what is known of the person may leave room between a value that is certainly too
   much and one that possibly is. */
struct person_limit {
    double possible, certain;
};
enum answer answer_over(double value, struct person_limit limit);
bool limit_is_open(struct person_limit limit);

/* A figure of a lead; NAN when it cannot be read. */
double lead_figure(const struct reading *reading, enum ecg_lead lead, enum ecg_lead_measure what);
/* The highest and the lowest part of the QRS there, both >= 0. */
double lead_height(const struct reading *reading, enum ecg_lead lead);
double lead_depth(const struct reading *reading, enum ecg_lead lead);

bool limb_leads_contradict(const struct reading *reading);

condition rule_ventricular_premature, rule_atrial_premature;
condition rule_left_axis, rule_right_axis, rule_superior_axis;
condition rule_first_degree, rule_short_pr, rule_lbbb, rule_rbbb, rule_incomplete_lbbb, rule_incomplete_rbbb;
condition rule_ivcd, rule_lafb, rule_lpfb;
condition rule_lvh, rule_rvh, rule_lae, rule_rae, rule_low_voltage;
condition rule_st_elevation, rule_st_depression, rule_t_inversion, rule_q_waves, rule_poor_r, rule_nonspecific_t;
condition rule_long_qt, rule_short_qt;
condition rule_lead_off, rule_saturated, rule_noisy, rule_arm_reversal, rule_contradiction, rule_uncalibrated;
