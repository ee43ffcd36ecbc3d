/* Beats and their classes: how many were found and rightly named. */
#pragma once

#include "section.h"

hl_result beats_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
