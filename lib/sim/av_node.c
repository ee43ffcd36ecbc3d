/* Conduction. In Wenckebach's block the first delay grows most and each later one by less, so that the RR intervals
shorten before the pause, as the textbook (and Wenckebach, Z Klin Med 1899; 37: 475-488) has it. */
#include "sim/av_node.h"

#include <math.h>

#define WENCKEBACH_FIRST_MS 90.0 /* that the second impulse is later than the first; then half, a third .. of it */

void sim_av_set(struct sim_av_node *node, enum sim_av_mode mode, double value)
{
    node->mode = mode;
    node->value = value;
    node->conducted = 0;
}

void sim_av_block_until(struct sim_av_node *node, double until_ms)
{
    node->blocked_until_ms = until_ms;
}

static double wenckebach_ms(unsigned conducted, double usual_ms)
{
    double delay_ms = usual_ms;
    for (unsigned i = 1; i <= conducted; i++)
        delay_ms += WENCKEBACH_FIRST_MS / (double)i;
    return delay_ms;
}

double sim_av_conduct_ms(struct sim_av_node *node, double p_ms, double usual_ms)
{
    if (p_ms < node->blocked_until_ms || node->mode == SIM_AV_CLOSED)
        return NAN;
    if (node->mode == SIM_AV_SLOW)
        return node->value;
    if (node->mode == SIM_AV_NORMAL)
        return usual_ms;
    if (node->conducted + 1 >= (unsigned)fmax(round(node->value), 2.0)) {
        node->conducted = 0;
        return NAN;
    }
    double delay_ms = node->mode == SIM_AV_WENCKEBACH ? wenckebach_ms(node->conducted, usual_ms) : usual_ms;
    node->conducted++;
    return delay_ms;
}
