#!/bin/bash
# Runs tests and counts them. Each cmocka test, fuzz target, lint check and node test counts as one; the last line says
# "N passed, N failed", and the exit code is not 0 when one failed or nothing ran at all.
#
#   tests/run.sh                 everything (`make test`, `make asan`): builds what it needs
#   tests/run.sh unit FILE..     these unit test programs
#   tests/run.sh fuzz FILE..     these fuzz targets, FUZZ_SECONDS each
#   tests/run.sh lint            the checks in tests/lint
#   tests/run.sh node [FILE..]   node test files, by default all
#
# BUILD is the folder of what was built. What each test printed is kept in BUILD/test-logs; only failures are shown.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-$PWD/build}
MAKE=${MAKE:-make}
SANITIZE=${SANITIZE:-}
logs=$BUILD/test-logs
passed=0
failed=0
jobs=$(nproc)

say() { printf '%s\n' "$*"; }
count() { # passed failed what
    passed=$((passed + $1))
    failed=$((failed + $2))
    if [ "$2" -eq 0 ]; then say "  ok    $3 ($1)"; else say "  FAIL  $3 ($1 passed, $2 failed)"; fi
}
show() { sed 's/^/        | /' "$1" | tail -n "${2:-60}"; }

run_unit() {
    say "unit tests"
    local file name log code good bad skipped
    for file; do
        name=$(basename "$file")
        log=$logs/$name.log
        if [ ! -x "$file" ]; then
            say "not built" >"$log"
            code=127
        else
            CMOCKA_MESSAGE_OUTPUT=TAP timeout "${UNIT_SECONDS:-600}" "$file" >"$log" 2>&1 </dev/null
            code=$?
        fi
        good=$(grep -c '^ok ' "$log")
        bad=$(grep '^not ok ' "$log" | grep -vc '# SKIP') # cmocka's word for a test that does not apply here
        if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
        skipped=$(grep -c '# SKIP' "$log")
        if [ $code -eq 0 ] && [ "$((good + bad + skipped))" -eq 0 ]; then good=1; fi
        count "$good" "$bad" "$name$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
        [ "$bad" -eq 0 ] || { say "        exit code $code"; grep -v '^ok ' "$log" >"$log.bad"; show "$log.bad"; }
    done
}

run_fuzz() {
    say "fuzz targets, ${FUZZ_SECONDS:=3} s each"
    local file name log found seeds
    for file; do
        name=$(basename "$file" _fuzz)
        log=$logs/$name.fuzz.log
        found=$BUILD/fuzz/found/$name
        seeds=tests/fuzz/corpus/$name
        mkdir -p "$found" "$BUILD/fuzz/crashes"
        [ -d "$seeds" ] || seeds=
        if [ -x "$file" ] && ASAN_OPTIONS=allocator_may_return_null=1 timeout $((FUZZ_SECONDS + 60)) "$file" \
            -max_total_time="$FUZZ_SECONDS" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$BUILD/fuzz/crashes/$name-" "$found" ${seeds:+"$seeds"} >"$log" 2>&1 </dev/null; then
            count 1 0 "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
        else
            [ -x "$file" ] || say "not built" >"$log"
            count 0 1 "$name"
            show "$log" 40
        fi
    done
}

run_lint() {
    say "lint"
    local check name log
    for check in tests/lint/*.sh; do
        [ -e "$check" ] || continue
        name=$(basename "$check" .sh)
        log=$logs/$name.lint.log
        if BUILD=$BUILD "$check" >"$log" 2>&1 </dev/null; then
            count 1 0 "$name"
        else
            count 0 1 "$name"
            show "$log"
        fi
    done
}

tap_number() { sed -n "s/^# $1 \([0-9]*\)\$/\1/p" "$2" | tail -n 1; }

# The packages of tests/package.json, into the ignored tests/node_modules, once for each lock file.
node_packages() {
    [ -f tests/package-lock.json ] || return 0
    local stamp=tests/node_modules/.of-lock
    cmp -s tests/package-lock.json "$stamp" && return 0
    (cd tests && npm ci --no-audit --no-fund --loglevel=error) && cp tests/package-lock.json "$stamp"
}

run_node() {
    local files=("$@") shared=() log=$logs/node.tap code good bad cancelled
    shopt -s nullglob
    [ $# -gt 0 ] || files=(tests/{unit-js,api,live,browser,faults}/*.test.js)
    shopt -u nullglob
    [ ${#files[@]} -gt 0 ] || return 0
    say "API, stream, browser and fault tests (${#files[@]} files)"
    if ! node_packages; then
        count 0 1 "npm ci in tests/"
        return
    fi
    # One throwaway stack for all that only talk to it; those that break things start their own.
    [[ " ${files[*]} " != *tests/@(api|live|browser)/* ]] || shared=(node tests/support/with_stack.js)
    HEARTLINE_BUILD=$BUILD timeout "${NODE_SECONDS:-1500}" \
        "${shared[@]}" node --test --test-reporter=tap "${files[@]}" >"$log" 2>&1 </dev/null
    code=$?
    good=$(tap_number pass "$log")
    bad=$(tap_number fail "$log")
    cancelled=$(tap_number cancelled "$log")
    bad=$((${bad:-0} + ${cancelled:-0}))
    if [ $code -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    count "${good:-0}" "$bad" "node --test"
    if [ "$bad" -ne 0 ]; then
        [ $code -ne 124 ] || say "        stopped after ${NODE_SECONDS:-1500} s"
        awk '/^ *not ok /{on=1} /^ *ok /{on=0} on' "$log" >"$log.bad"
        [ -s "$log.bad" ] || cp "$log" "$log.bad"
        show "$log.bad" 200
    fi
}

# A sanitizer's report is a failure, even when the test that provoked it did not notice.
sanitizer_reports() {
    [ -n "$SANITIZE" ] || return 0
    local report found=0
    for report in "$BUILD"/sanitizer/*; do
        [ -s "$report" ] || continue
        found=1
        show "$report" 40
    done
    count $((1 - found)) $found "no sanitizer report"
}

build() { # what, make arguments
    local what=$1 log=$logs/make.log
    shift
    if $MAKE --no-print-directory -k -j"$jobs" "$@" >"$log" 2>&1 </dev/null; then
        count 1 0 "$what"
    else
        count 0 1 "$what"
        grep -E 'error|Error|undefined|warning|\*\*\*' "$log" >"$log.bad" || cp "$log" "$log.bad"
        show "$log.bad"
    fi
}

names() { # folder suffix target-folder
    local file
    for file in "$1"/*"$2".c; do
        [ ! -e "$file" ] || printf '%s\n' "$3/$(basename "$file" .c)"
    done
}

run_all() {
    local units fuzzers
    unset MAKEFLAGS MFLAGS MAKELEVEL
    if [ -n "$SANITIZE" ]; then
        rm -rf "$BUILD/sanitizer"
        mkdir -p "$BUILD/sanitizer"
        chmod 1777 "$BUILD/sanitizer"
        export ASAN_OPTIONS="log_path=$BUILD/sanitizer/report:${ASAN_OPTIONS:-}"
        export UBSAN_OPTIONS="print_stacktrace=1:log_path=$BUILD/sanitizer/report:${UBSAN_OPTIONS:-}"
    fi
    say "build"
    build "programs and unit tests" BUILD="$BUILD" SANITIZE="$SANITIZE" all unit-tests
    mapfile -t units < <(names tests/unit _test "$BUILD/tests")
    mapfile -t fuzzers < <(names tests/fuzz _fuzz "$BUILD/fuzz")
    if [ ${#fuzzers[@]} -gt 0 ] && [ -z "$SANITIZE" ]; then
        build "fuzz targets" BUILD="$BUILD/fuzz" CC="${CLANG:-clang}" \
            SANITIZE=fuzzer-no-link,address,undefined fuzz-targets
    fi
    [ -n "$SANITIZE" ] || run_lint
    [ ${#units[@]} -eq 0 ] || run_unit "${units[@]}"
    [ ${#fuzzers[@]} -eq 0 ] || [ -n "$SANITIZE" ] || run_fuzz "${fuzzers[@]}"
    run_node
    sanitizer_reports
}

mkdir -p "$logs"
what=${1:-all}
[ $# -eq 0 ] || shift
case $what in
all) run_all ;;
unit) run_unit "$@" ;;
fuzz) run_fuzz "$@" ;;
lint) run_lint ;;
node) run_node "$@" ;;
*)
    say "tests/run.sh: no such part: $what" >&2
    exit 2
    ;;
esac
printf '%d passed, %d failed\n' "$passed" "$failed" | tee "$logs/summary"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
