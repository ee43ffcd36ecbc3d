#!/bin/bash
# Functions that overrun, lose errors or keep hidden state.
cd "$(dirname "$0")/../.." || exit 1
words='strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|atoll|atof|strtok|strncpy|asctime|ctime|tmpnam|mktemp|alloca'
! grep -nE "(^|[^A-Za-z0-9_>.])($words) *\(" lib/*/*.[ch] cgi-bin/*.[ch]
