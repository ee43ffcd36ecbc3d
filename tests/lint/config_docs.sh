#!/bin/bash
# Each setting of lib/base/config.c has its row in docs/configuration.md with the same default, no row is of a setting
# that is gone, and the scripts that set a default of their own agree.
cd "$(dirname "$0")/../.." || exit 1
table=docs/configuration.md
code=lib/base/config.c
bad=0
complain() { echo "$*" && bad=1; }

settings() { # NAME|DEFAULT|SECRET
    tr '\n' ' ' <$code | grep -oE '\{"HEARTLINE_[A-Z_]+", *"[^"]*", *(true|false)' |
        sed -E 's/^\{"([A-Z_]+)", *"([^"]*)", *([a-z]+)$/\1|\2|\3/'
}
rows() { awk '/^## / { exit } /^\| .HEARTLINE_/ { print $2 }' $table | tr -dc 'A-Z_\n'; }

found=0
while IFS='|' read -r name default secret; do
    found=$((found + 1))
    shown="\`$default\`"
    if [ -z "$default" ]; then shown='(none'; fi
    if [ "$secret" = true ]; then shown='(none, secret)'; fi
    grep -qF "| \`$name\` | $shown" $table || complain "$table: no row for $name with default $shown"
    while IFS= read -r own; do
        [ "$own" = "$default" ] || complain "cgi-bin: $name defaults to '$own', in $code to '$default'"
    done < <(grep -rhoE "$name:-[^}\$]*\}" cgi-bin/*.sh | sed -E 's/^[^:]*:-//; s/\}$//' | grep .)
done < <(settings)
[ "$found" -gt 10 ] || complain "$code: only $found settings could be read"
while IFS= read -r name; do
    grep -qF "\"$name\"" $code || complain "$table: $name is no setting"
done < <(rows)
exit $bad
