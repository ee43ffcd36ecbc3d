#!/bin/bash
# One private copy of everything: PostgreSQL, the API workers, the live worker and nginx, with all state in one folder.
#
#   cgi-bin/stack.sh start | stop | restart | status | run
#   cgi-bin/stack.sh restart-api | restart-live | restart-nginx | restart-postgres
#
# HEARTLINE_HOME (default: var/ of the checkout) and HEARTLINE_PORT (8080) let any number of copies live side by side.
# Other settings: HEARTLINE_BUILD (where the programs are), HEARTLINE_API_WORKERS (24), HEARTLINE_SIGNIN_RATE (10 a
# second), HEARTLINE_DEMO=no (no demo accounts), HEARTLINE_START_SECONDS (60).
#
# Restarting what dies is runit's work (runsvdir, runsv, svlogd), not ours; this script writes its service folders and
# decides the order. PostgreSQL refuses to run as root, so root gives everything to the system user `heartline`.
set -uo pipefail
export LC_ALL=C
umask 027
PATH=$PATH:/usr/sbin:/sbin # where a plain user does not look

repo=$(cd "$(dirname "$0")/.." && pwd -P)
port_given=${HEARTLINE_PORT:-}
home=${HEARTLINE_HOME:-$repo/var}
[[ $home == /* ]] || home=$PWD/$home
build=${HEARTLINE_BUILD:-$repo/build}
[[ $build == /* ]] || build=$PWD/$build
start_seconds=${HEARTLINE_START_SECONDS:-60}
services=(postgres live api nginx) # in the order in which they are started
user=$(id -un)
app=$repo

say() { printf '%s\n' "$*"; }
warn() { printf 'heartline: %s\n' "$*" >&2; }
fail() {
    warn "$*"
    exit 1
}

# ---- whose, and where -----------------------------------------------------------------------------------------------
as_user() { # with replace=exec the command takes the place of this shell
    if [ "$(id -un)" = "$user" ]; then
        ${replace:-} "$@"
    else
        ${replace:-} setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups \
            env HOME="$home" USER="$user" LOGNAME="$user" "$@"
    fi
}

is_home() { [ -f "$home/.heartline" ]; }

choose_user() {
    local owner
    [ "$(id -u)" -eq 0 ] || return 0
    if is_home; then
        owner=$(stat -Lc %U "$home")
        [ "$owner" = root ] || [ "$owner" = UNKNOWN ] || user=$owner
    fi
    [ "$user" = root ] || return 0
    user=heartline
    id heartline >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir /var/lib/heartline --shell /usr/sbin/nologin heartline ||
        fail "the system user heartline could not be made."
}

# A checkout in a place that only root can enter keeps its state in /var/lib and runs from a copy there.
choose_home() {
    local elsewhere
    if [ -z "${HEARTLINE_HOME:-}" ] && [ "$user" != "$(id -un)" ] && ! as_user test -x "$repo"; then
        elsewhere=/var/lib/heartline-$(printf %s "$repo" | sha256sum | cut -c1-8)
        if [ -e "$home" ] && [ ! -L "$home" ]; then
            fail "$home is a folder that user $user cannot reach; move it to $elsewhere, or set HEARTLINE_HOME."
        fi
        [ "$1" != make ] || { mkdir -p "$elsewhere" && ln -sfn "$elsewhere" "$home"; } ||
            fail "$elsewhere cannot be made."
        home=$elsewhere
    fi
    home=$(readlink -m "$home")
    run=$home/run
}

check_home_name() {
    local longest="$home/run/.s.PGSQL.5432"
    [ ${#longest} -le 107 ] ||
        fail "HEARTLINE_HOME is too long by $((${#longest} - 107)) bytes for a Unix socket in it: $home"
    [[ $home =~ ^[A-Za-z0-9/._+~@-]+$ ]] ||
        fail "HEARTLINE_HOME may hold letters, digits and ._+~@- only (it stands in several configurations): $home"
    [ "$home" != / ] || fail "HEARTLINE_HOME cannot be the root folder."
}

make_home() {
    local free_mb
    check_home_name
    if [ -e "$home" ] && ! is_home && [ -n "$(ls -A "$home" 2>/dev/null)" ]; then
        fail "HEARTLINE_HOME is a folder with other things in it; give an empty or a new one: $home"
    fi
    mkdir -p "$home" 2>/dev/null || fail "HEARTLINE_HOME cannot be made: $home"
    if [ "$user" != "$(id -un)" ]; then
        chown "$user:" "$home"
        as_user test -x "$home" || fail "user $user, who runs the server, cannot reach HEARTLINE_HOME: $home"
    fi
    as_user test -w "$home" || fail "HEARTLINE_HOME is not writable by $user: $home"
    free_mb=$(df --output=avail -BM "$home" | tail -n 1 | tr -dc 0-9)
    [ "${free_mb:-0}" -ge 200 ] || fail "the disk is full: $home has ${free_mb:-0} MB free and 200 are needed."
    as_user touch "$home/.heartline" || fail "HEARTLINE_HOME is not writable by $user: $home"
    as_user mkdir -p "$run" "$home/log" "$home/reports" "$home/secret" "$home/nginx/tmp" "$home/service" &&
        as_user chmod 750 "$run" "$home/log" "$home/reports" && as_user chmod 700 "$home/secret" ||
        fail "the folders in $home could not be made."
}

# One start or stop at a time. Children get the lock's descriptor closed (9>&-), or it would be held by the server.
lock_home() {
    [ -d "$home" ] || return 0
    [ ! -L "$home/.lock" ] && exec 9>>"$home/.lock" || fail "HEARTLINE_HOME is not writable: $home"
    [ "$user" = "$(id -un)" ] || chown "$user:" "$home/.lock"
    flock -w "$((start_seconds + 30))" 9 || fail "another start or stop of this copy is still under way: $home"
}
unlock_home() { exec 9>&-; }

# ---- what runs ------------------------------------------------------------------------------------------------------
supervisor() { # its process id, when it is alive and ours
    local pid
    pid=$(cat "$run/supervisor.pid" 2>/dev/null) && [ -n "$pid" ] || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$home/service" || return 1
    echo "$pid"
}

sv_quiet() { as_user sv "$@" >/dev/null 2>&1 9>&-; }
supervised() { # is a runsv there?
    [ -p "$home/service/$1/supervise/ok" ] &&
        as_user sv status "$home/service/$1" 2>/dev/null | grep -qE '^(run|down|finish)'
}
anything_left() {
    local name
    for name in "${services[@]}"; do ! supervised "$name" || return 0; done
    return 1
}

saved_port() { cat "$home/port" 2>/dev/null; }
port() { echo "${port_given:-$(saved_port || echo 8080)}"; }
address() { echo "http://127.0.0.1:${1:-$(port)}/"; }
ready() { [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$(address)readyz" 2>/dev/null)" = 200 ]; }

# ---- PostgreSQL -----------------------------------------------------------------------------------------------------
find_postgres() {
    local have version
    have=$(compgen -G '/usr/lib/postgresql/*/bin/postgres' | cut -d / -f 5 | sort -n | tail -n 1)
    [ -n "$have" ] || fail "PostgreSQL is not installed; cgi-bin/deps.sh run installs it."
    if [ -f "$home/pg/PG_VERSION" ]; then
        version=$(cat "$home/pg/PG_VERSION")
        [ -x "/usr/lib/postgresql/$version/bin/postgres" ] ||
            fail "the database in $home/pg was made by PostgreSQL $version, but version $have is installed: install" \
                "postgresql-$version, or move the data with pg_upgrade."
        have=$version
    fi
    pg_bin=/usr/lib/postgresql/$have/bin
}

make_cluster() {
    [ ! -f "$home/pg/PG_VERSION" ] || return 0
    local log=$home/log/initdb.log
    as_user rm -rf "$home/pg.new"
    if ! as_user "$pg_bin/initdb" -D "$home/pg.new" -U postgres --auth-local=peer --auth-host=reject --data-checksums \
        -E UTF8 --locale=C.UTF-8 9>&- 2>&1 | as_user tee "$log" >/dev/null; then
        tail -n 5 "$log" >&2
        fail "the database cluster could not be made in $home/pg ($log)."
    fi
    echo "include_if_exists = 'heartline.conf'" | as_user tee -a "$home/pg.new/postgresql.conf" >/dev/null
    as_user mv "$home/pg.new" "$home/pg" # whole or not at all
}

write() { # FILE [MODE], from standard input, whole or not at all
    as_user tee "$1.new" >/dev/null && as_user chmod "${2:-640}" "$1.new" && as_user mv "$1.new" "$1" ||
        fail "$1 could not be written."
}

configure_postgres() {
    local role name
    write "$home/pg/heartline.conf" <<END
# Written anew at each start by cgi-bin/stack.sh; changes of your own go to postgresql.auto.conf (ALTER SYSTEM).
listen_addresses = ''
port = 5432
unix_socket_directories = '$run'
unix_socket_permissions = 0770
cluster_name = 'heartline'
max_connections = 100
shared_buffers = 256MB
synchronous_commit = on
wal_compression = lz4
default_toast_compression = lz4
checkpoint_timeout = 15min
max_wal_size = 1GB
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
log_destination = stderr
log_line_prefix = '%m [%p] %q%u '
log_min_duration_statement = 1s
END
    write "$home/pg/pg_hba.conf" 600 <<END
# Written anew at each start. Nobody comes over the network; on the socket the operating system says who it is.
local all all peer map=heartline
END
    for name in "$user" root; do
        for role in postgres heartline_owner heartline_app heartline_read; do
            printf 'heartline "%s" %s\n' "$name" "$role"
        done
    done | sort -u | write "$home/pg/pg_ident.conf" 600
}

psql_admin() { as_user "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$run" -U postgres -d postgres "$@"; }

# ---- the service folders --------------------------------------------------------------------------------------------
# A service's processes all stand in a folder of their own ($home/service/NAME/cwd): what an instance killed hard may
# leave behind (nginx's workers outlive their master and keep its port) is known by it, and cleared before the next.
write_service() { # NAME, run script's end from standard input
    local name=$1 dir=$home/service/$1
    as_user mkdir -p "$dir/log" "$dir/control" "$dir/cwd" "$home/log/$name"
    as_user touch "$dir/down" # we start it, in order; runsv restarts it whatever this file says
    { cat <<END && cat; } | write "$dir/run" 750
#!/bin/bash
exec 2>&1
. '$home/service/env'
cd '$dir/cwd' || exit 1
for pid in \$(find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "\$PWD" -printf '%P\n' 2>/dev/null); do
    pid=\${pid%/cwd}
    [ "\$pid" = \$\$ ] || kill -KILL "\$pid" 2>/dev/null
done
echo start >>'$run/$name.starts'
END
    write "$dir/log/run" 750 <<END
#!/bin/sh
exec svlogd -l 16000 -b 32768 '$home/log/$name'
END
    printf 's10000000\nn5\n' | write "$home/log/$name/config"
    as_user ln -sfn "$name/current" "$home/log/$name.log"
}

set_environment() {
    export HEARTLINE_HOME=$home HEARTLINE_PORT=$port HEARTLINE_RUN=$run
    export HEARTLINE_DATABASE=${HEARTLINE_DATABASE:-"host=$run dbname=heartline user=heartline_app"}
    export HEARTLINE_OWNER_DATABASE=${HEARTLINE_OWNER_DATABASE:-"host=$run dbname=heartline user=heartline_owner"}
    export HEARTLINE_SECRET_FILE=${HEARTLINE_SECRET_FILE:-$home/secret/jwt.key}
    export HEARTLINE_REPORTS=${HEARTLINE_REPORTS:-$home/reports}
    export HEARTLINE_SQL=$app/sql
}

write_environment() {
    local name
    for name in $(compgen -e | grep -E '^(HEARTLINE_|ASAN_|UBSAN_|LSAN_|MALLOC_)'); do
        case $name in HEARTLINE_PASSWORD | HEARTLINE_BUILD) continue ;; esac
        printf 'export %s=%q\n' "$name" "${!name}"
    done | write "$home/service/env" 600
}

write_services() {
    local programs=$build workers=${HEARTLINE_API_WORKERS:-24}
    [ "$app" = "$repo" ] || programs=$app/build
    write_service postgres <<END
exec '$pg_bin/postgres' -D '$home/pg'
END
    # TERM would wait for every client to leave; INT ends their sessions and shuts down cleanly.
    write "$home/service/postgres/control/t" 750 <<END
#!/bin/sh
exec kill -INT "\$(head -n 1 '$home/pg/postmaster.pid')"
END
    write_service api <<END
exec spawn-fcgi -n -s '$run/api.sock' -M 0660 -b 4096 -- \\
    /usr/bin/multiwatch -f $workers -r 100 -t 1000 -- '$programs/api'
END
    write_service live <<END
ulimit -n "\$(ulimit -Hn)"
exec '$programs/live'
END
    write_service nginx <<END
ulimit -n "\$(ulimit -Hn)"
exec nginx -e stderr -p '$home/nginx/' -c '$home/nginx/nginx.conf'
END
}

configure_nginx() {
    local files=$home/nginx file output listen6='' nofile rate=${HEARTLINE_SIGNIN_RATE:-10}
    nofile=$(ulimit -Hn)
    [ "$nofile" != unlimited ] && [ "$nofile" -le 65536 ] || nofile=65536
    [ ! -s /proc/net/if_inet6 ] || listen6="listen [::]:$port default_server ipv6only=on backlog=4096;"
    for file in "$app"/nginx/*.conf; do
        sed -e "s|@HOME@|$home|g; s|@RUN@|$run|g; s|@CONF@|$files|g; s|@STATIC@|$app/static|g; s|@PORT@|$port|g" \
            -e "s|@REPORTS@|$HEARTLINE_REPORTS|g; s|@LISTEN6@|$listen6|; s|@SIGNIN_RATE@|$rate|; s|@NOFILE@|$nofile|" \
            -e "s|@SIGNIN_BURST@|$((rate * 6))|; s|@SIGNIN_AT_ONCE@|$((rate * 2))|" \
            -e "s|@CONNECTIONS@|$((nofile < 16384 ? nofile : 16384))|" \
            -e "s|@ACCESS_LOG@|access_log /dev/stdout heartline buffer=4k flush=1s;|" "$file" |
            write "$files/$(basename "$file")"
    done
    output=$(as_user nginx -t -q -e stderr -p "$files/" -c "$files/nginx.conf" 2>&1 >/dev/null 9>&-) ||
        fail "nginx does not take its configuration: $(grep -m 1 emerg <<<"$output")"
}

# The copy that user heartline runs when the checkout is out of its reach.
stage() {
    local program
    if [ "$user" = "$(id -un)" ] || { as_user test -r "$repo/static" && as_user test -r "$repo/sql/roles.sql" &&
        as_user test -x "$build/api"; }; then
        return 0
    fi
    app=$home/app
    rm -rf "$app.new"
    mkdir -p "$app.new/build" && cp -r "$repo/static" "$repo/nginx" "$repo/sql" "$app.new/" ||
        fail "the programs could not be copied to $app."
    for program in api live heartline; do
        [ ! -x "$build/$program" ] || cp "$build/$program" "$app.new/build/" ||
            fail "$program could not be copied to $app."
    done
    chown -R "$user:" "$app.new"
    chmod -R u+rwX,go-w "$app.new"
    rm -rf "$app" && mv "$app.new" "$app" || fail "the programs could not be copied to $app."
    say "User $user cannot reach $repo: its state and a copy of the programs are in $home."
}

program() { if [ "$app" = "$repo" ]; then echo "$build/$1"; else echo "$app/build/$1"; fi; }

make_secret() {
    [ -s "$home/secret/jwt.key" ] ||
        od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' | write "$home/secret/jwt.key" 600
}

# ---- start ----------------------------------------------------------------------------------------------------------
check_port() {
    local who
    [[ $port =~ ^[1-9][0-9]{0,4}$ ]] && [ "$port" -le 65535 ] ||
        fail "HEARTLINE_PORT must be a port number, not \"$port\"."
    [ "$port" -ge 1024 ] || [ "$(cat /proc/sys/net/ipv4/ip_unprivileged_port_start)" -le "$port" ] ||
        fail "port $port belongs to root and the web server runs as $user; choose one from 1024 on (HEARTLINE_PORT)."
    who=$(ss -Hltnp "sport = :$port" 2>/dev/null) || return 0
    [ -n "$who" ] || return 0
    who=$(sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/\1 (process \2)/p' <<<"$who" | head -n 1)
    fail "port $port is taken by ${who:-a process of another user}; choose another one with HEARTLINE_PORT."
}

# Before anything is made: a slip of the pen leaves no half-made home.
check_settings() {
    local workers=${HEARTLINE_API_WORKERS:-24} rate=${HEARTLINE_SIGNIN_RATE:-10}
    [[ $workers =~ ^[1-9][0-9]?$ ]] ||
        fail "HEARTLINE_API_WORKERS must be a whole number from 1 to 99, not \"$workers\"."
    [[ $rate =~ ^[1-9][0-9]{0,5}$ ]] || fail "HEARTLINE_SIGNIN_RATE must be a whole number a second, not \"$rate\"."
}

check_tools() {
    local tool
    for tool in runsvdir:runit sv:runit spawn-fcgi:spawn-fcgi multiwatch:multiwatch nginx:nginx curl:curl \
        ss:iproute2; do
        command -v "${tool%%:*}" >/dev/null ||
            fail "${tool%%:*} is missing: install package ${tool##*:} (cgi-bin/deps.sh run)."
    done
    [ -x "$build/api" ] || fail "there is no program $build/api; make all builds it."
}

show_log() {
    local file=$home/log/$1/current
    [ -s "$file" ] || return 0
    warn "the last lines of $home/log/$1.log:"
    tail -n "${2:-15}" "$file" | sed 's/^/    /' >&2
}

abort_start() { # SENTENCE [SERVICE]
    warn "$1"
    [ $# -lt 2 ] || show_log "$2"
    stop_all
    exit 1
}

starts() { wc -l 2>/dev/null <"$run/$1.starts" || echo 0; }
restless() { # the first service that has been started again and again
    local name
    for name in "${services[@]}"; do
        [ "$(starts "$name")" -le 4 ] || { echo "$name" && return 0; }
    done
    return 1
}

# Wait until a command succeeds; give up at the deadline, or when a service dies again and again.
wait_for() { # SENTENCE SERVICE COMMAND..
    local sentence=$1 service=$2 culprit
    shift 2
    until "$@" >/dev/null 2>&1; do
        ! culprit=$(restless) || abort_start "$sentence: $culprit ends as soon as it is started." "$culprit"
        [ $SECONDS -lt "$deadline" ] || abort_start "$sentence within $start_seconds seconds." "$service"
        sleep 0.05
    done
}

start_supervisor() {
    local name
    rm -f "$run"/*.starts "$run/supervisor.pid" "$run"/*.sock "$run"/*.bell
    as_user touch "$home/log/supervisor.log"
    # In a session of its own, out of reach of Ctrl-C, and with nothing of ours open: whoever reads our output waits for
    # its end.
    (
        cd / && exec 9>&- </dev/null >>"$home/log/supervisor.log" 2>&1
        # shellcheck disable=SC2016
        replace='exec' as_user setsid bash -c 'echo $$ >"$1" && exec runsvdir -P "$2"' - \
            "$run/supervisor.pid" "$home/service" &
    )
    for name in "${services[@]}"; do
        wait_for "the supervision (runit) did not start" supervisor supervised "$name"
    done
}

bring_up() { sv_quiet up "$home/service/$1" || abort_start "service $1 could not be started." "$1"; }

migrate() {
    local heartline output
    heartline=$(program heartline)
    [ -x "$heartline" ] || { warn "there is no program $heartline: no migrations, no demo." && return 0; }
    output=$(cd "$home" && as_user "$heartline" migrate 2>&1 9>&-) || {
        sed 's/^/    /' <<<"$output" >&2
        abort_start "the database could not be brought up to date (heartline migrate)."
    }
}

demo() {
    local heartline
    heartline=$(program heartline)
    case ${HEARTLINE_DEMO:-yes} in no | 0 | off | false) return 0 ;; esac
    [ -x "$heartline" ] || return 0
    (cd "$home" && as_user "$heartline" demo) 9>&- || warn "the demo accounts could not be made (heartline demo)."
}

bring_up_all() {
    local output
    start_supervisor
    bring_up postgres
    wait_for "PostgreSQL did not answer" postgres as_user "$pg_bin/pg_isready" -q -h "$run"
    output=$(psql_admin -f - <"$app/sql/roles.sql" 2>&1 9>&-) || {
        sed 's/^/    /' <<<"$output" >&2
        abort_start "the roles and the database could not be made." postgres
    }
    migrate
    if [ -x "$(program live)" ]; then
        bring_up live
        wait_for "the live worker did not open its socket" live test -S "$run/live.sock"
    else
        warn "there is no program $(program live): no live streams."
    fi
    bring_up api
    wait_for "the API workers did not open their socket" api test -S "$run/api.sock"
    bring_up nginx
    wait_for "the server did not become ready ($(address)readyz)" api ready
}

start_stack() { # fails when it is running already and $1 is `alone`
    choose_user
    choose_home make
    check_settings
    check_tools
    make_home
    lock_home
    if supervisor >/dev/null && ready_as_saved; then
        [ "${1:-}" != alone ] || fail "this copy is running already: $(address "$(saved_port)") (make stop ends it)."
        say "Heartline is running already: $(address "$(saved_port)")"
        port_given=$(saved_port)
        port=$port_given
        unlock_home
        as_user test -x "$build/api" || app=$home/app
        set_environment
        demo
        return 0
    fi
    if supervisor >/dev/null || anything_left; then
        warn "a copy in this home is not whole; it is stopped first."
        stop_all
    fi
    port=${port_given:-8080}
    deadline=$((SECONDS + start_seconds))
    check_port
    find_postgres
    stage
    set_environment
    write_environment
    make_secret
    make_cluster
    configure_postgres
    write_services
    configure_nginx
    echo "$port" | write "$home/port"
    bring_up_all
    unlock_home
    say "Heartline is running: $(address "$port")"
    demo
}

ready_as_saved() { port_given='' ready; }

# ---- stop -----------------------------------------------------------------------------------------------------------
processes_left() { # those that stand in one of our folders
    find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' \( -lname "$home/pg" -o -lname "$home/service/*" \) -printf '%P\n' \
        2>/dev/null | sed 's,/cwd$,,'
}

stop_all() {
    local pid name i
    pid=$(supervisor) && kill -TERM "$pid" # it goes without its services
    for name in nginx live api postgres; do
        [ -p "$home/service/$name/supervise/ok" ] || continue
        sv_quiet -w 20 force-stop "$home/service/$name"
        sv_quiet exit "$home/service/$name"
    done
    for ((i = 0; i < 100; i++)); do
        [ -n "$(processes_left)" ] || break
        sleep 0.05
    done
    pid=$(processes_left)
    # shellcheck disable=SC2086
    [ -z "$pid" ] || kill -KILL $pid 2>/dev/null
    rm -f "$run"/*.sock "$run"/.s.PGSQL.* "$run"/*.bell "$run"/*.pid "$run"/*.starts
    return 0
}

stop_stack() {
    choose_user
    choose_home find
    is_home || { say "Nothing runs in $home." && return 0; }
    start_seconds=${start_seconds} lock_home
    if supervisor >/dev/null || anything_left || [ -n "$(processes_left)" ]; then
        stop_all
        say "Heartline is stopped: $home"
    else
        say "Nothing runs in $home."
    fi
    unlock_home
}

# ---- run, status, restart -------------------------------------------------------------------------------------------
run_stack() {
    local pid terminal=/dev/null
    trap 'trap "" INT TERM HUP; echo; interrupted; exit 0' INT TERM HUP
    trap '' PIPE
    start_stack alone
    say "Press Ctrl-C to stop it."
    pid=$(supervisor) || fail "the supervision is gone."
    # A terminal that is closed tells only the leader of its session, which need not be us: so look at it, too.
    [ ! -t 0 ] || terminal=/dev/tty
    while kill -0 "$pid" 2>/dev/null; do
        { : <"$terminal"; } 2>/dev/null || { interrupted && exit 0; }
        sleep 1 &
        wait $!
    done
    warn "the supervision has ended; stopping what is left."
    stop_stack
    exit 1
}

interrupted() {
    say "Stopping ..."
    kill %% 2>/dev/null
    [ -z "${run:-}" ] || ! is_home || stop_all
    say "Heartline is stopped."
}

status_stack() {
    choose_user
    choose_home find
    if ! is_home || ! supervisor >/dev/null; then
        say "Heartline is not running: $home"
        return 3
    fi
    local name
    for name in "${services[@]}"; do
        printf '%-9s %s\n' "$name" "$(as_user sv status "$home/service/$name" 2>&1 |
            sed 's,^\([a-z]*\): [^:]*: ,\1 ,; s/, normally down//; s,; run: log.*,,')"
    done
    if ready_as_saved; then
        say "ready: $(address "$(saved_port)")"
    else
        say "not ready: $(address "$(saved_port)")readyz"
        return 1
    fi
}

restart_service() {
    choose_user
    choose_home find
    is_home && supervisor >/dev/null || fail "Heartline is not running: $home"
    sv_quiet -w 20 force-restart "$home/service/$1" ||
        fail "service $1 could not be restarted; look into $home/log/$1.log."
    say "$1 is restarted."
}

{ # read whole before it runs, so that an update of this file does no harm to a `run` under way
case ${1:-} in
start) start_stack ;;
stop) stop_stack ;;
run) run_stack ;;
status) status_stack ;;
restart) stop_stack && start_stack ;;
restart-api | restart-live | restart-nginx | restart-postgres) restart_service "${1#restart-}" ;;
*)
    warn "usage: cgi-bin/stack.sh start | stop | restart | status | run | restart-{api,live,nginx,postgres}"
    exit 2
    ;;
esac
exit
}
