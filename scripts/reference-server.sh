#!/bin/sh
# Packs the stand-in of the StoreIT servers before 0.3.0 (tests and demo only) into one executable file:
#
#   scripts/reference-server.sh VERSION SCHEMA FILE
#
# SCHEMA 1 is a build before the published 0.1.0, SCHEMA 2 anything from there to 0.2.1. The file works on this machine only.
set -eu
[ $# -eq 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
case $3 in /*) file=$3 ;; *) file=$PWD/$3 ;; esac
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

target=scripts/ctl-tests/target
scripts/mvn -q -B -ntp -pl scripts/ctl-tests -am -DskipTests process-test-classes
"${java_bin}java" -cp "$target/test-classes:$(cat $target/test-classpath.txt)" io.storeit.reference.ReferenceAsset "$1" "$2" "$file"
