#!/bin/bash
# Installs with apt what is missing on a Debian 12 host, and nothing when nothing is missing (then it needs neither the
# network nor root, and takes a few hundredths of a second).
#
#   cgi-bin/deps.sh SET..    SET is run (build and run), test or bench
#
# The host gets no surprises: a web server or a database server installed from here is neither started nor enabled, no
# database cluster is made, and what was there before is left as it was.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin # where a plain user does not look

packages_run=(make gcc libc6-dev pkg-config libfcgi-dev libpq-dev libcjson-dev libjwt-dev libargon2-dev libssl-dev
    libhpdf-dev libwebsockets-dev libcurl4-openssl-dev nginx runit spawn-fcgi multiwatch curl iproute2 procps)
packages_test=(libcmocka-dev clang libclang-rt-14-dev clang-format cppcheck python3 python3-requests python3-dotenv
    chromium fonts-liberation)
packages_bench=(wrk python3-fastapi uvicorn python3-asyncpg python3-uvloop)
lock=/run/lock/heartline-deps.lock

fail() {
    printf 'heartline: %s\n' "$*" >&2
    exit 1
}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }

# Any node from 18 on will do, wherever it came from; Debian's is the last resort.
has_node() {
    local version
    command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    [ "${version%%.*}" -ge 18 ] 2>/dev/null
}

wanted() {
    local set
    for set; do
        case $set in
        run)
            printf '%s\n' "${packages_run[@]}"
            has_postgres || echo postgresql-15
            ;;
        test)
            printf '%s\n' "${packages_test[@]}"
            has_node || printf '%s\n' nodejs npm
            ;;
        bench) printf '%s\n' "${packages_bench[@]}" ;;
        *) fail "cgi-bin/deps.sh: no such set of packages: $set (run, test or bench)" ;;
        esac
    done
}

installed() {
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^installed //p' || true
}

missing() {
    local all
    all=$(wanted "$@") || exit 1
    # shellcheck disable=SC2086
    comm -23 <(sort -u <<<"$all") <(installed $all | sort -u)
}

# ---- from here on as root -------------------------------------------------------------------------------------------
undo=()
cleanup() {
    local step
    for step in "${undo[@]}"; do eval "$step"; done
    undo=()
}

# While we install, these services may not be started by their packages.
hold_services() {
    local policy=/usr/sbin/policy-rc.d
    [ $# -gt 0 ] && [ ! -e $policy ] || return 0
    printf '#!/bin/sh\n# of an installation that runs at this moment\ncase $1 in %s) exit 101 ;; esac\nexit 0\n' \
        "$(IFS='|' && echo "$*")" >$policy
    chmod 755 $policy
    undo+=("rm -f $policy")
}

# The server's package makes a cluster on port 5432 unless postgresql-common is told not to; told for our moment only.
hold_cluster() {
    local conf=/etc/postgresql-common/createcluster.conf
    apt_get install postgresql-common
    [ -f $conf ] || return 0
    cp -p $conf $conf.heartline
    undo+=("mv -f $conf.heartline $conf")
    sed -i '/^ *create_main_cluster/d' $conf
    echo 'create_main_cluster = false' >>$conf
}

apt_get() {
    local log
    log=$(mktemp)
    if DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -qq -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 \
        "$@" >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    [ "$1" != update ] || { rm -f "$log"; return 0; } # what matters is whether the packages can be had
    grep -E '^(E|W|Err)' "$log" | tail -n 5 >&2 || tail -n 5 "$log" >&2
    local why="apt-get could not install $* (its whole output: $log)."
    if grep -qE 'Unable to locate package|has no installation candidate' "$log"; then
        why=$(sed -nE "s/.*Unable to locate package //p; s/.*Package '?([^' ]+)'? has no.*/\1/p" "$log" |
            paste -sd ' ')
        why="apt knows no package $why: this needs Debian 12 and its main archive (apt-get update)."
    elif grep -qE 'Unable to fetch|Failed to fetch|Could not (resolve|connect)|Temporary failure' "$log"; then
        why="the packages could not be fetched: is this host connected to the network? ($log)"
    elif grep -qE 'Could not get lock|Unable to acquire' "$log"; then
        why="another apt or dpkg is running and did not finish within five minutes; try again when it has."
    elif grep -qE 'enough free space|No space left' "$log"; then
        why="the disk is too full to install the packages."
    fi
    fail "$why"
}

install_missing() {
    local sets=("$@") packages fresh=()
    exec 9>"$lock"
    flock 9
    mapfile -t packages < <(missing "${sets[@]}")
    [ ${#packages[@]} -gt 0 ] || return 0
    echo "heartline: installing with apt: ${packages[*]}"
    trap cleanup EXIT
    trap 'exit 130' INT TERM HUP
    [ -n "$(installed nginx)" ] || fresh+=(nginx)
    has_postgres || fresh+=(postgresql)
    apt_get update
    hold_services "${fresh[@]}"
    [[ " ${packages[*]} " != *" postgresql-15 "* ]] || hold_cluster
    apt_get install "${packages[@]}"
    # Enabled services would start with the next boot.
    for service in "${fresh[@]}"; do update-rc.d "$service" disable >/dev/null 2>&1 || true; done
    cleanup
    local left
    left=$(missing "${sets[@]}")
    [ -z "$left" ] || fail "apt-get ended well but these packages are still missing: ${left//$'\n'/ }."
}

[ $# -gt 0 ] || set -- run
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    fail "this host has no apt: the set-up is made for Debian 12. What it wants: $(wanted "$@" | paste -sd ' ')."
need=$(missing "$@")
[ -n "$need" ] || exit 0
if [ "$(id -u)" -eq 0 ]; then
    install_missing "$@"
elif ! command -v sudo >/dev/null; then
    fail "these packages are missing and only root may install them (there is no sudo here): ${need//$'\n'/ }."
elif sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; then
    sudo -n "$BASH" "$(readlink -f "$0")" "$@"
else
    fail "these packages are missing and sudo would not let $(id -un) install them: ${need//$'\n'/ }."
fi
