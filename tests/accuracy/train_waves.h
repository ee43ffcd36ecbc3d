/* Training of the models that place the edges of waves (lib/ecg/waves_model.h) on the records of the LUDB. */
#pragma once

/* Learns the weights on all records, writes them to `path`, and prints how the same learning does on each record when
   that one is left out. Returns an exit code. */
int train_waves(const char *path);
