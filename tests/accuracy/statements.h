/* Statements: what is written under resting ECGs, against what cardiologists wrote under them. */
#pragma once

#include "section.h"

hl_result statements_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
