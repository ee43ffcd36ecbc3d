/* The sections of the accuracy report, in its order. */
#include "section.h"

#include <math.h>
#include <stdio.h>

#include "beats.h"
#include "hrv.h"
#include "quality.h"
#include "rhythm.h"
#include "scenarios.h"
#include "statements.h"
#include "waves.h"

const struct section sections[] = {
    {"beats", beats_section},     {"waves", waves_section},     {"AF", af_section},
    {"VF", vf_section},           {"rhythms", rhythms_section}, {"scenarios", scenarios_section},
    {"quality", quality_section}, {"hrv", hrv_section},         {"statements", statements_section},
};
const size_t section_count = sizeof sections / sizeof sections[0];

bool section_floor(const char *what, double floor, double figure, unsigned *broken)
{
    if (floor == 0.0 || figure >= floor)
        return true;
    fprintf(stderr, "%s is %.2f, less than %.2f\n", what, figure, floor);
    (*broken)++;
    return false;
}

bool section_ceiling(const char *what, double ceiling, double figure, unsigned *broken)
{
    if (ceiling == 0.0 || fabs(figure) <= ceiling)
        return true;
    fprintf(stderr, "%s is %.2f, more than %.2f\n", what, figure, ceiling);
    (*broken)++;
    return false;
}
