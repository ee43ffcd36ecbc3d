/* Waves: how near their onsets, peaks and ends lie to what cardiologists marked. */
#pragma once

#include "section.h"

hl_result waves_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
