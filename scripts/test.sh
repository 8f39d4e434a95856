#!/bin/sh
# Runs every test: `test.sh` on the default Java and again on Java 25 where there is one, `test.sh default` and `test.sh 25`
# on one of the two. Java 25 is looked for in JAVA25_HOME, then under /usr/lib/jvm. It gets its own build folder.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

java_25() {
  for home in "${JAVA25_HOME:-}" /usr/lib/jvm/*25*; do
    [ -x "$home/bin/javac" ] && case $("$home/bin/javac" -version 2>&1) in "javac 25"*) echo "$home" && return ;; esac
  done
  return 0
}

on_default=no on_25=no
case ${1-} in '') on_default=yes on_25=yes ;; default) on_default=yes ;; 25) on_25=yes ;; *) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;; esac
home_25=$(java_25)
case $java_version in 25*) [ $on_default = no ] || on_25=default ;; esac

# The tests of storeit-ctl start these two releases as processes.
scripts/build.sh
scripts/build.sh next

summary=
if [ $on_default = yes ]; then
  echo "Testing on Java $java_version"
  scripts/mvn -B -ntp verify
  summary="Tested on Java $java_version"
fi
if [ $on_25 = default ]; then
  :
elif [ $on_25 = no ]; then
  summary="$summary; not on Java 25: not asked for"
elif [ -n "$home_25" ]; then
  echo "Testing on Java 25 in $home_25"
  JAVA_HOME=$home_25 scripts/mvn -B -ntp -Dtarget.folder=target/java-25 verify
  summary="${summary:+$summary; tested }${summary:-Tested }on Java 25 in $home_25"
elif [ $on_default = no ]; then
  echo "There is no Java 25: set JAVA25_HOME or install one under /usr/lib/jvm" >&2
  exit 1
else
  summary="$summary; not on Java 25: none in JAVA25_HOME or under /usr/lib/jvm"
fi
echo "$summary"
