/* The AV node: which of the atria's impulses reach the ventricles, and how long that takes. */
#pragma once

enum sim_av_mode {
    SIM_AV_NORMAL,
    SIM_AV_SLOW,       /* first-degree block: every impulse, late */
    SIM_AV_WENCKEBACH, /* each later than the one before, until one is lost */
    SIM_AV_MOBITZ_2,   /* one in so many is lost, the others come in time */
    SIM_AV_CLOSED,     /* third-degree block */
};

struct sim_av_node {
    enum sim_av_mode mode;
    double value;            /* PR in ms, or how many impulses there are to one that is lost */
    unsigned conducted;      /* since the last one that was lost */
    double blocked_until_ms; /* a beat from below has used the node up: P waves that begin before are lost */
};

void sim_av_set(struct sim_av_node *node, enum sim_av_mode mode, double value);

/* P waves that begin before are not conducted. */
void sim_av_block_until(struct sim_av_node *node, double until_ms);

/* From the onset of this P wave to the onset of its QRS, ms, when `usual_ms` is usual; NAN: it is lost. */
double sim_av_conduct_ms(struct sim_av_node *node, double p_ms, double usual_ms);
