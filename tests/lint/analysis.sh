#!/bin/bash
# cppcheck finds no error in the product's code (warnings of taste are the compilers' and the reviewer's business).
cd "$(dirname "$0")/../.." || exit 1
command -v cppcheck >/dev/null || { echo "cppcheck is not installed" && exit 1; }
folder=${BUILD:-build}/cppcheck
mkdir -p "$folder"
cppcheck --quiet --std=c11 -j"$(nproc)" --cppcheck-build-dir="$folder" --enable=warning --inline-suppr \
    --suppress=missingIncludeSystem --suppress=unknownMacro --error-exitcode=1 \
    -D_GNU_SOURCE -DHL_MUST_CHECK= '-DHL_PRINTF(a,b)=' -Ilib lib cgi-bin
