#!/bin/bash
# Every C file opens with a plain paragraph, every script says after its first line what it is for.
cd "$(dirname "$0")/../.." || exit 1
bad=0
while IFS= read -r file; do
    case $file in
    *.sh) sed -n 2p "$file" | grep -q '^# ' ;;
    *) head -n 1 "$file" | grep -qE '^/\* [^ ]' ;;
    esac || { echo "$file: does not say what it is for" && bad=1; }
done < <(find lib cgi-bin sql tests -name node_modules -prune -o \( -name '*.[ch]' -o -name '*.sh' \) -print)
exit $bad
