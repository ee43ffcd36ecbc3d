/* The quality of leads: clean time that is called good, noisy time that is called noisy. */
#pragma once

#include "section.h"

hl_result quality_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
