/* Training of the classifier's linear model (lib/ecg/classify_model.h) on recorded hearts. */
#pragma once

/* Learns the weights on all records of the first set, writes them to `path`, and prints how the same learning does on
   each record when that one is left out. Returns an exit code. */
int train(const char *path);
