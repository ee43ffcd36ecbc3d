/* Heart rate variability: of the beats that were found, against that of the beats that cardiologists marked. */
#pragma once

#include "section.h"

hl_result hrv_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
