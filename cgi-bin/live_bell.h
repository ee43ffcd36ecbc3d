/* The bell: a datagram socket on which the API workers say that there is something new. What a datagram says is a hint
only; whoever listens looks for itself, and looks each second in any case. */
#pragma once

#include <stdbool.h>

/* Binds RUN_FOLDER/NAME (mode 0660, replacing an old socket); -1, logged, when that fails. */
int bell_open(const char *run_folder, const char *name);
/* What a ring is about, by its first word. */
enum { BELL_WAVEFORM = 1, BELL_METRICS = 2, BELL_SESSION = 4, BELL_ALL = 7 };

/* Sleeps until it rings or the time is over, and takes all rings there are: 0 when it did not ring, otherwise what the
   rings are about (BELL_ALL for a word that is not known). */
unsigned bell_wait(int bell, int timeout_ms);
void bell_close(int bell, const char *run_folder, const char *name);
