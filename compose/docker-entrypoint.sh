#!/bin/sh
# Starts the server in its container.
#
#   (no arguments)     bring the database to this version's schema, then serve
#   COMMAND [...]      that command of storeit-server and nothing else: version, export, import, verify, auto-upgrade, serve, ...
#
# As root it does one thing: it gives the data to the user the server runs as, since folders that Docker made, and those of images
# before 0.3.0, belong to root. A container that is started as another user (`user:` in the compose file) needs to own its data.
set -eu

if [ "$(id -u)" = 0 ]; then
  # Each start looks at every file: a database that was put back by hand belongs to whoever did that.
  find /data \( ! -user storeit -o ! -group storeit \) -exec chown -h storeit:storeit {} + ||
    echo "docker-entrypoint.sh: cannot give everything in /data to user $(id -u storeit); going on" >&2
  exec setpriv --reuid storeit --regid storeit --clear-groups --inh-caps=-all --no-new-privs "$0" "$@"
fi

umask 077
[ $# -eq 0 ] || exec storeit-server "$@"

# As process 1 a shell is deaf to signals it does not ask for, and `docker stop` would wait ten seconds for nothing.
trap 'kill -TERM "$upgrade"' TERM INT
storeit-server auto-upgrade &
upgrade=$!
code=0
wait "$upgrade" || code=$?
if [ $code -gt 128 ]; then wait "$upgrade" || code=$?; fi
[ $code -eq 0 ] || exit $code
trap - TERM INT
exec storeit-server serve
