#!/bin/bash
# `make bench`: how much the server takes, beside what the database alone and a usual Python server take, on this
# machine in this run. Starts a copy of everything in a temporary folder on a free port, measures (measure.py), stops
# it. Prints a table and writes BUILD/bench.json. Takes about three minutes; nothing here passes or fails by time.
# Debian's own python3 runs it, for that is the one whose FastAPI was installed.
#
# HEARTLINE_BENCH_ROUNDS (3) and HEARTLINE_BENCH_SECONDS (4, of each measurement) make it longer or shorter.
set -euo pipefail
cd "$(dirname "$0")/../.."
repo=$PWD
export HEARTLINE_BUILD=${HEARTLINE_BUILD:-$repo/build}
export HEARTLINE_DEMO=no HEARTLINE_SIGNIN_RATE=1000
unset HEARTLINE_RUN HEARTLINE_DATABASE HEARTLINE_OWNER_DATABASE HEARTLINE_SECRET_FILE HEARTLINE_REPORTS

free_port() {
    local port
    for ((;;)); do
        port=$((20000 + RANDOM % 10000))
        [ -n "$(ss -Hltn "sport = :$port")" ] || { echo "$port" && return 0; }
    done
}

finish() {
    cgi-bin/stack.sh stop >/dev/null 2>&1 || true
    rm -rf "$HEARTLINE_HOME"
}

HEARTLINE_HOME=$(mktemp -d /tmp/heartline-bench.XXXXXX)
HEARTLINE_PORT=$(free_port)
export HEARTLINE_HOME HEARTLINE_PORT
trap finish EXIT
trap 'exit 130' INT TERM HUP

cgi-bin/stack.sh start >"$HEARTLINE_BUILD/bench.log" 2>&1 </dev/null || {
    cat "$HEARTLINE_BUILD/bench.log" >&2
    exit 1
}
/usr/bin/python3 tests/bench/measure.py </dev/null
