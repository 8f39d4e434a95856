#!/bin/sh
# The storeit-ctl of StoreIT 0.1 and 0.2, step by step as it went: its order, the limits of its waits, its lines on the screen. People
# still have it, so the tests run it against our releases:
#
#   old-storeit-ctl.sh status | backup FILE | upgrade [VERSION] | downgrade VERSION | rollback | cleanup
#
# Like the old tool it takes STOREIT_CTL_SERVER_URL, _BINARY_PATH, _DATA_DIR, _AUTH_COOKIE and _RELEASES_URL, checks nothing of what it
# downloads, and imports with its own environment. Unlike it, it ends only servers of that very binary. Needs curl and /proc.
set -u
url=$STOREIT_CTL_SERVER_URL binary=$STOREIT_CTL_BINARY_PATH data=$STOREIT_CTL_DATA_DIR
releases=${STOREIT_CTL_RELEASES_URL-}

get() { curl -sS -m 30 -H "Cookie: ${STOREIT_CTL_AUTH_COOKIE-}" "$url$1"; }

# field NAME: the value of a key in the JSON on standard input.
field() { sed -n 's/.*"'"$1"'" *: *"\{0,1\}\([^",}]*\)"\{0,1\}.*/\1/p'; }

# healthy: the server answers with less than 500.
healthy() {
  status=$(curl -s -m 30 -o /dev/null -w '%{http_code}' "$url/api/v1/auth/mode")
  [ "$status" -ge 1 ] && [ "$status" -lt 500 ]
}

# backup FILE: starts the job, asks each second, downloads. Wants exactly 200 for the start.
backup() {
  answer=$(curl -sS -m 30 -w '\n%{http_code}' -H "Cookie: ${STOREIT_CTL_AUTH_COOKIE-}" -H 'Content-Type: application/json' \
    -d '{"include_images":true}' "$url/api/v1/admin/backup")
  [ "${answer##*
}" = 200 ] || { echo "Failed to start backup: $answer" >&2; return 1; }
  job=$(printf %s "$answer" | field job_id)
  while :; do
    state=$(get "/api/v1/admin/backup/$job/status")
    case $(printf %s "$state" | field status) in
    complete) break ;;
    failed) echo "Backup failed: $state" >&2; return 1 ;;
    esac
    sleep 1
  done
  curl -sSf -m 600 -H "Cookie: ${STOREIT_CTL_AUTH_COOKIE-}" -o "$1" "$url/api/v1/admin/backup/$job/download"
}

# asset VERSION: the address of the file for this machine; -musl is wanted first.
asset() {
  case $1 in latest) place=$releases/latest ;; *) place=$releases/tags/v$1 ;; esac
  answer=$(curl -sSf -m 30 -H 'Accept: application/vnd.github+json' "$place") || return 1
  case $(uname -m) in arm64) processor=aarch64 ;; amd64) processor=x86_64 ;; *) processor=$(uname -m) ;; esac
  for name in "storeit-server-linux-$processor-musl" "storeit-server-linux-$processor"; do
    found=$(printf %s "$answer" | tr ',{}' '[\n*]' | sed -n 's/.*"browser_download_url" *: *"\([^"]*\)".*/\1/p' | grep "/$name\$" | head -n 1)
    [ -z "$found" ] || { echo "$found"; return 0; }
  done
  echo "No matching binary for linux-$processor." >&2
  return 1
}

# within SECONDS COMMAND...: the old tool slept so long and then went on. Here it goes on as soon as there is what it hoped for.
within() {
  left=$(($1 * 10))
  shift
  while [ $left -gt 0 ] && ! "$@"; do
    left=$((left - 1))
    sleep 0.1
  done
}

gone() {
  for process in $stopped; do ! kill -0 "$process" 2> /dev/null || return 1; done
}

stop() {
  echo "Stopping server..."
  stopped=
  for process in /proc/[0-9]*; do
    { tr '\0' '\n' < "$process/cmdline" | grep -qxF "$binary"; } 2> /dev/null || continue
    kill -TERM "${process#/proc/}"
    stopped="$stopped ${process#/proc/}"
  done
  within 2 gone
}

start() {
  echo "Starting server..."
  setsid "$binary" > /dev/null 2>&1 < /dev/null &
  within 3 healthy
}

move() { # upgrade or downgrade, VERSION
  current=$(get /api/v1/admin/schema-version) || { echo "Error: server is not running" >&2; return 1; }
  echo "Current version: $(printf %s "$current" | field app_version)"
  echo "Creating backup before migration..."
  backup "$data/pre-$1.storeit" || return 1
  echo "Backup saved to $data/pre-$1.storeit"
  echo "Downloading $1 target: $2..."
  address=$(asset "$2") || { echo "Error: could not resolve download URL for version $2" >&2; return 1; }
  curl -sSfL -m 300 -o "$binary.new" "$address" || return 1
  chmod 755 "$binary.new"
  stop
  mv "$binary" "$binary.pre-$1"
  mv "$binary.new" "$binary"
  echo "Importing data with new binary..."
  if ! timeout 600 "$binary" import "$data/pre-$1.storeit" --mode replace > /dev/null; then
    echo "Rolling back..."
    mv "$binary.pre-$1" "$binary"
    echo "Binary restored from $binary.pre-$1"
    return 1
  fi
  start
  if ! healthy; then
    echo "Health check failed — rolling back..." >&2
    stop
    mv "$binary.pre-$1" "$binary"
    [ ! -f "$data/storeit.db.pre-import" ] || mv "$data/storeit.db.pre-import" "$data/storeit.db"
    start
    return 1
  fi
  case $1 in upgrade) echo "Upgrade complete!" ;; *) echo "Downgrade complete!" ;; esac
  echo "Old binary saved at: $binary.pre-$1"
  echo "Run 'storeit-ctl cleanup' after verifying everything works."
}

rollback() {
  kept=$binary.pre-upgrade
  [ -f "$kept" ] || kept=$binary.pre-downgrade
  [ -f "$kept" ] || { echo "No rollback binary found" >&2; return 1; }
  stop
  mv "$kept" "$binary"
  echo "Binary restored from $kept"
  if [ -f "$data/storeit.db.pre-import" ]; then
    mv "$data/storeit.db.pre-import" "$data/storeit.db"
    echo "Database restored from $data/storeit.db.pre-import"
  fi
  start
  healthy || { echo "Warning: server may not be healthy after rollback" >&2; return 1; }
  echo "Rollback complete — server is healthy"
}

cleanup() {
  cleaned=
  for file in "$binary.pre-upgrade" "$binary.pre-downgrade" "$data/storeit.db.pre-import"; do
    [ -f "$file" ] || continue
    [ -n "$cleaned" ] || echo "Cleaned up rollback files:"
    cleaned=yes
    rm -- "$file"
    echo "  $file"
  done
  [ -n "$cleaned" ] || echo "No rollback files to clean up"
}

status() {
  if ! healthy; then
    echo "Server: NOT RUNNING"
    return 1
  fi
  echo "Server: running at $url"
  versions=$(get /api/v1/admin/schema-version)
  echo "App version: $(printf %s "$versions" | field app_version)"
  echo "Schema version: $(printf %s "$versions" | field schema_version)"
  echo "Expected schema version: $(printf %s "$versions" | field expected_version)"
  [ ! -f "$binary" ] || echo "Binary version: $("$binary" version | field app_version)"
}

case ${1-} in
status) status ;;
backup) backup "$2" ;;
upgrade | downgrade) move "$1" "${2-latest}" ;;
rollback) rollback ;;
cleanup) cleanup ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
