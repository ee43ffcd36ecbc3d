/* Rhythms: how much of the time in atrial and in ventricular fibrillation is told, how soon, and how much more; and
what the rhythms that cardiologists named were called. */
#pragma once

#include "section.h"

hl_result af_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
hl_result vf_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
hl_result rhythms_section(bool quick, struct buf *markdown, unsigned *broken, struct hl_error *error);
