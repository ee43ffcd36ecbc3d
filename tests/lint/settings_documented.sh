#!/bin/bash
# Every setting of the table in lib/base/config.c stands in README.md or docs/, by its name.
cd "$(dirname "$0")/../.." || exit 1
[ -f lib/base/config.c ] && [ -f README.md ] || exit 0
bad=0
for name in $(grep -oE '"HEARTLINE_[A-Z_]+"' lib/base/config.c | tr -d '"' | sort -u); do
    grep -qrw "$name" README.md docs || { echo "$name is documented nowhere" && bad=1; }
done
exit $bad
