#!/bin/sh
# Makes one directly executable file of a jar: the launch stub with the jar behind it.
#
#   scripts/executable.sh NAME VARIABLE JAVA_OPTIONS SHORT_COMMANDS JAR FILE [LARGE_COMMANDS LARGE_OPTIONS]
#
# NAME is how the program calls itself, VARIABLE the start of its environment variables, SHORT_COMMANDS a shell pattern of the
# arguments that make it a short run, LARGE_COMMANDS one of those that go with LARGE_OPTIONS too. The file appears complete or not at
# all.
set -eu
[ $# -eq 6 ] || [ $# -eq 8 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
stub=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)/launch-stub.sh

if command -v sha256sum > /dev/null; then sum=$(sha256sum < "$5"); else sum=$(shasum -a 256 < "$5"); fi
build=$(printf %s "$sum" | cut -c 1-16)

trap 'rm -f "$6.$$.part"' EXIT
{
  sed -e "s/@NAME@/$1/g" -e "s/@VARIABLE@/$2/g" -e "s/@OPTIONS@/$3/g" -e "s/@SHORT@/$4/g" -e "s/@LARGE@/${7:-''}/g" \
    -e "s/@LARGE_OPTIONS@/${8-}/g" -e "s/@BUILD@/$build/g" "$stub"
  cat "$5"
} > "$6.$$.part"
chmod 755 "$6.$$.part"
mv -f "$6.$$.part" "$6"
