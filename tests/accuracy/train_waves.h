/* Training of the models that place the edges of waves (lib/ecg/waves_model.h) on the records of the LUDB. */
#pragma once

/* Learns the weights on all records, writes them to `path`, and prints how the same learning does on each half of the
   records when it learns from the other half only. Returns an exit code. */
int train_waves(const char *path);
