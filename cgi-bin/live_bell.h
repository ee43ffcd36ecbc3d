/* The bell: a datagram socket on which the API workers say that there is something new. What a datagram says is a hint
only; whoever listens looks for itself, and looks each second in any case. */
#pragma once

#include <stdbool.h>

/* Binds RUN_FOLDER/NAME (mode 0660, replacing an old socket); -1, logged, when that fails. */
int bell_open(const char *run_folder, const char *name);
/* Sleeps until it rings or the time is over, and takes all rings there are. */
void bell_wait(int bell, int timeout_ms);
void bell_close(int bell, const char *run_folder, const char *name);
