#!/bin/sh
# Turns the statements of sql/queries/*.sql into C strings, so that no C file holds SQL and the programs need no file at
# run time. Writes OUT/queries.h and OUT/queries.c; a file that did not change keeps its time, so that nothing is
# compiled again without need. Usage: sql/embed.sh OUT [FOLDER]
set -eu
LC_ALL=C
export LC_ALL

out=${1:?usage: sql/embed.sh OUT [FOLDER]}
folder=${2:-$(dirname "$0")/queries}
mkdir -p "$out"

replace_if_changed() {
    if cmp -s "$1.new" "$1"; then rm -f "$1.new"; else mv "$1.new" "$1"; fi
}

set --
for file in "$folder"/*.sql; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .sql)
    case $name in
    [!a-z]* | *[!a-z0-9_]*)
        echo "sql/embed.sh: $file: a query's name is a C identifier in lower case" >&2
        exit 1
        ;;
    esac
    if [ ${#name} -gt 63 ]; then
        echo "sql/embed.sh: $file: a query's name has at most 63 characters" >&2
        exit 1
    fi
    set -- "$@" "$file"
done

{
    echo '/* Made by sql/embed.sh from sql/queries; do not edit. */'
    echo '#pragma once'
    echo
    echo '#include <stddef.h>'
    echo
    echo '#include "store/query.h"'
    echo
    echo '/* Every query there is, in order of name; for tests that prepare them all. */'
    echo 'extern const struct db_query *const query_all[];'
    echo 'extern const size_t query_all_count;'
    echo
    for file; do
        echo "extern const struct db_query query_$(basename "$file" .sql);"
    done
} >"$out/queries.h.new"

{
    echo '/* Made by sql/embed.sh from sql/queries; do not edit. */'
    echo '#include "queries.h"'
    [ $# -eq 0 ] || awk '
        function finish() {
            if (name == "") return
            sub(/[; \t\n]+$/, "", text)
            gsub(/\\/, "\\\\&", text)
            gsub(/"/, "\\\\&", text)
            gsub(/\?/, "\\\\&", text)
            gsub(/\t/, "\\\\t", text)
            gsub(/\n/, "\\\\n\"\n    \"", text)
            printf "\nconst struct db_query query_%s = {\n    .name = \"%s\",\n", name, name
            printf "    .text =\n    \"%s\",\n};\n", text
        }
        FNR == 1 {
            finish()
            count = split(FILENAME, parts, "/")
            name = substr(parts[count], 1, length(parts[count]) - 4)
            text = ""
        }
        { sub(/\r$/, "") }
        /^[ \t]*--/ || /^[ \t]*$/ { next }
        { text = text $0 "\n" }
        END { finish() }' "$@"
    echo
    echo 'const struct db_query *const query_all[] = {'
    for file; do
        echo "    &query_$(basename "$file" .sql),"
    done
    echo '    NULL,'
    echo '};'
    echo "const size_t query_all_count = $#;"
} >"$out/queries.c.new"

replace_if_changed "$out/queries.h"
replace_if_changed "$out/queries.c"
