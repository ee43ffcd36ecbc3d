/* `heartline replay`: a recorded heart posted over HTTP by a device, at the pace it was recorded. */
#pragma once

/* `argv[0]` is the name of the subcommand. 0: all was posted (or ended early by SIGINT or SIGTERM, with the session
   ended); 1: it failed, and stderr says why; 2: the command line is not understood. */
int heartline_replay(int argc, char **argv);
