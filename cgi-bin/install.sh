#!/bin/bash
# `make install`: Heartline on a host with the system's nginx, PostgreSQL and systemd. With DESTDIR (a package build)
# files are only laid out; without it, as root, the user, the roles and the database are made and the services started.
# Installing again updates; the settings in /etc/heartline/heartline.env and the signing key are kept.
set -euo pipefail
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
umask 022

repo=$(cd "$(dirname "$0")/.." && pwd -P)
root=${DESTDIR:-}
prefix=${PREFIX:-/usr}
build=${HEARTLINE_BUILD:-$repo/build}
port=${HEARTLINE_PORT:-8080}
share=$prefix/share/heartline
programs=$prefix/lib/heartline

fail() {
    printf 'heartline: %s\n' "$*" >&2
    exit 1
}

put() { # MODE SOURCE TARGET
    install -D -m "$1" "$2" "$root$3"
}

put_folder() { # SOURCE TARGET
    local file
    rm -rf "$root${2:?}.new"
    (cd "$1" && find . -type f -print) | while IFS= read -r file; do put 644 "$1/$file" "$2.new/$file"; done
    rm -rf "$root${2:?}"
    mv "$root$2.new" "$root$2"
}

# The units and the settings name /usr; another prefix is written into them.
put_text() { # SOURCE TARGET MODE
    install -D -m "$3" /dev/null "$root$2"
    sed "s|/usr/lib/heartline|$programs|g; s|/usr/share/heartline|$share|g" "$1" >"$root$2"
}

lay_out() {
    local program unit file rate=${HEARTLINE_SIGNIN_RATE:-10} listen6=''
    [ -n "$root" ] || [ -s /proc/net/if_inet6 ] && listen6="listen [::]:$port default_server ipv6only=on backlog=4096;"
    for program in api live heartline; do put 755 "$build/$program" "$programs/$program"; done
    put_folder "$repo/static" "$share/static"
    put_folder "$repo/sql" "$share/sql"
    for unit in "$repo"/cgi-bin/systemd/*.{service,socket}; do
        put_text "$unit" "$prefix/lib/systemd/system/$(basename "$unit")" 644
    done
    put_text "$repo/cgi-bin/systemd/heartline.tmpfiles" "$prefix/lib/tmpfiles.d/heartline.conf" 644
    [ -e "$root/etc/heartline/heartline.env" ] ||
        put_text "$repo/cgi-bin/systemd/heartline.env" /etc/heartline/heartline.env 644
    put_text "$repo/cgi-bin/systemd/heartline.command" "$prefix/bin/heartline" 755
    for file in "$repo"/nginx/*.conf; do
        local target=/etc/heartline/nginx/${file##*/}
        case $file in
        */nginx.conf) continue ;;
        */heartline.conf) target=/etc/nginx/conf.d/heartline.conf ;;
        esac
        install -D -m 644 /dev/null "$root$target"
        sed -e "s|@RUN@|/run/heartline|g; s|@CONF@|/etc/heartline/nginx|g; s|@STATIC@|$share/static|g" \
            -e "s|@REPORTS@|/var/lib/heartline/reports|g; s|@PORT@|$port|g; s|@LISTEN6@|$listen6|" \
            -e "s|@SIGNIN_RATE@|$rate|" \
            -e "s|@SIGNIN_BURST@|$((rate * 6))|; s|@SIGNIN_AT_ONCE@|$((rate * 2))|" \
            -e "s|@ACCESS_LOG@|access_log /var/log/nginx/heartline.log heartline;|" \
            "$file" >"$root$target"
    done
}

make_user() {
    id heartline >/dev/null 2>&1 ||
        useradd --system --user-group --home-dir /var/lib/heartline --shell /usr/sbin/nologin heartline
    systemd-tmpfiles --create "$prefix/lib/tmpfiles.d/heartline.conf"
    if [ ! -s /var/lib/heartline/secret/jwt.key ]; then
        (umask 077 && od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >/var/lib/heartline/secret/jwt.key)
        chown heartline: /var/lib/heartline/secret/jwt.key
    fi
}

admin_sql() { (cd / && runuser -u postgres -- psql -X -q -At -v ON_ERROR_STOP=1 "$@"); }

# The system user heartline is three roles in the database; the rule stands before the general ones.
make_database() {
    local hba ident role
    admin_sql -c 'SELECT 1' >/dev/null ||
        fail "the system's PostgreSQL does not answer (is there a cluster? pg_createcluster 15 main --start makes one)."
    admin_sql -f - <"$repo/sql/roles.sql"
    hba=$(admin_sql -c 'SHOW hba_file')
    ident=$(admin_sql -c 'SHOW ident_file')
    grep -q 'map=heartline' "$hba" ||
        sed -i '1i local heartline heartline_owner,heartline_app,heartline_read peer map=heartline' "$hba"
    for role in heartline_owner heartline_app heartline_read; do
        grep -qE "^heartline +heartline +$role" "$ident" || echo "heartline heartline $role" >>"$ident"
        grep -qE "^heartline +root +$role" "$ident" || echo "heartline root $role" >>"$ident"
    done
    admin_sql -c 'SELECT pg_reload_conf()' >/dev/null
}

start_services() {
    if [ ! -d /run/systemd/system ]; then
        echo "Heartline is installed; systemd does not run here, so nothing was started."
        return 0
    fi
    systemctl daemon-reload
    systemctl enable -q heartline-api.socket heartline-api heartline-live
    systemctl restart heartline-migrate heartline-live heartline-api
    nginx -t -q && systemctl enable -q nginx && systemctl reload-or-restart nginx
    echo "Heartline is installed: http://$(hostname):$port/   (heartline user add ... makes the first account)"
}

for program in api live heartline; do
    [ -x "$build/$program" ] || fail "there is no program $build/$program; make all builds it."
done
[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "make install needs root (or DESTDIR, to lay out the files only)."
lay_out
if [ -n "$root" ]; then
    echo "Heartline is laid out in $root."
    exit 0
fi
make_user
make_database
start_services
