#!/bin/bash
# Each file of sql/queries holds exactly one statement.
cd "$(dirname "$0")/../.." || exit 1
shopt -s nullglob
bad=0
for file in sql/queries/*.sql; do
    # comments and strings away; what is left may have one semicolon, at its end
    statements=$(sed -E 's/--.*//' "$file" | tr '\n' ' ' | sed -E "s/'([^']|'')*'/''/g; s/[[:space:]]+\$//; s/;\$//")
    case $statements in
    *[![:space:]]*) ;;
    *) echo "$file: holds no statement" && bad=1 ;;
    esac
    [[ $statements != *";"* ]] || { echo "$file: holds more than one statement" && bad=1; }
done
exit $bad
