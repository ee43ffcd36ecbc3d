/* Virtual hearts that fall ill at a known time: is what they have told, how soon, and is nothing else? */
#pragma once

#include "section.h"

hl_result scenarios_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
