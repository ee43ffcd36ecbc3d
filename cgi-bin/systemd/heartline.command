#!/bin/sh
# The administrator's command with the settings of the installed Heartline; as root it acts as user heartline.
set -a
. /etc/heartline/heartline.env
set +a
[ "$(id -u)" -ne 0 ] || exec setpriv --reuid=heartline --regid=heartline --init-groups /usr/lib/heartline/heartline "$@"
exec /usr/lib/heartline/heartline "$@"
