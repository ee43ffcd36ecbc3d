#!/bin/bash
# clang-format has nothing to change (make format applies it), and no line of C or shell is longer than 120 columns.
cd "$(dirname "$0")/../.." || exit 1
mapfile -t files < <(find lib cgi-bin tests -name node_modules -prune -o -name '*.[ch]' -print)
bad=0
[ ${#files[@]} -eq 0 ] || clang-format --dry-run -Werror "${files[@]}" || bad=1
mapfile -t -O "${#files[@]}" files < <(find cgi-bin sql tests -name node_modules -prune -o -name '*.sh' -print)
LC_ALL=C.UTF-8 grep -nE '^.{121,}' "${files[@]}" && bad=1
exit $bad
