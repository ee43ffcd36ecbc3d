#!/bin/bash
# Every shell script parses, and the lock file of the tests' packages names no addresses.
cd "$(dirname "$0")/../.." || exit 1
bad=0
while IFS= read -r file; do
    bash -n "$file" || bad=1
done < <(find cgi-bin sql tests .ci -name node_modules -prune -o \( -name '*.sh' -o -path .ci/run \) -print 2>/dev/null)
grep -n '"resolved"' tests/package-lock.json 2>/dev/null && bad=1
exit $bad
