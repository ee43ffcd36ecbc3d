#!/bin/bash
# Includes point one way: cgi-bin -> web, stream, service -> auth, record, store, ecg, sim -> base. A row says which
# layers a layer may include, besides itself; a header of the outside belongs to the layers in its row.
cd "$(dirname "$0")/../.." || exit 1

declare -A may=(
    [base]=""
    [ecg]="base"
    [sim]="base ecg"
    [store]="base ecg queries.h auth/policy.h" # the roles are words that rows hold; policy.h itself stands on base only
    [auth]="base store"
    [record]="base ecg"
    [service]="base ecg sim store auth record queries.h"
    [web]="base auth"
    [stream]="base"
)
outside=(
    'libpq-fe\.h|pg_config|postgres_ext\.h : store'
    'fcgi.*\.h : web'
    'cjson/cJSON\.h : web record heartline_replay'
    'libwebsockets\.h : stream live'
    'jwt\.h|argon2\.h : auth'
    'hpdf\.h|edflib\.h|FLAC/.* : record'
    'curl/curl\.h : record service heartline'
)
bad=0
complain() {
    printf '%s\n' "$*"
    bad=1
}

# file:included, one a line
includes=$(grep -oE '^ *# *include +["<][^">]+[">]' lib/*/*.[ch] cgi-bin/*.[ch] 2>/dev/null |
    sed -E 's/# *include +//; s/[<>" ]//g')

for file in lib/*/; do
    layer=$(basename "$file")
    [ -n "${may[$layer]+x}" ] || complain "lib/$layer: a layer that this check does not know"
done

while IFS=: read -r file header; do
    layer=${file#lib/}
    layer=${layer%%/*}
    case $file in lib/*) ;; *) continue ;; esac
    first=${header%%/*}
    if [ "$header" != "$first" ] && [ -d "lib/$first" ] || [ "$header" = queries.h ]; then
        [ "$first" = "$layer" ] || [[ " ${may[$layer]} " == *" $first "* || " ${may[$layer]} " == *" $header "* ]] ||
            complain "$file: $layer may not include $header"
    fi
    case $layer:$header in
    ecg:stdio.h | ecg:time.h | ecg:sys/* | ecg:pthread.h | sim:stdio.h | sim:time.h | sim:sys/* | sim:pthread.h)
        complain "$file: $layer knows neither files nor clocks nor threads ($header)"
        ;;
    esac
done <<<"$includes"

for row in "${outside[@]}"; do
    pattern=${row% : *}
    owners=${row##* : }
    while IFS=: read -r file header; do
        [ -n "$file" ] || continue
        ours=0
        for owner in $owners; do
            case $file in lib/"$owner"/* | cgi-bin/"$owner".[ch] | cgi-bin/"$owner"_*.[ch]) ours=1 ;; esac
        done
        [ $ours -eq 1 ] || complain "$file: $header belongs to $owners"
    done < <(grep -E ":($pattern)\$" <<<"$includes")
done
exit $bad
