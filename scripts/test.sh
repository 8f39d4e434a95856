#!/bin/sh
# Runs every test:
#
#   scripts/test.sh            on the default Java, then on Java 25, where there is one, those that may differ there
#   scripts/test.sh default    all of them on the default Java
#   scripts/test.sh 25         all of them on Java 25
#   scripts/test.sh check      on the default Java those that start no process: for daily work
#
# Java 25 is looked for in JAVA25_HOME, then under /usr/lib/jvm. It runs the classes that the default Java has compiled, as the Java of
# the people who use StoreIT does.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

home_25=
for home in "${JAVA25_HOME:-}" /usr/lib/jvm/*25*; do
  [ -z "$home_25" ] && [ -x "$home/bin/java" ] || continue
  case $("$home/bin/java" -version 2>&1) in *\"25*) home_25=$home ;; esac
done

on_default=no on_25=no
case ${1-} in
'')
  on_default=yes
  case $java_version in
  25*) echo "Testing on Java $java_version" ;;
  *)
    if [ -n "$home_25" ]; then
      on_25=yes
      echo "Testing on Java $java_version, then on Java 25 in $home_25"
    else
      echo "Testing on Java $java_version. Not on Java 25: none in JAVA25_HOME or under /usr/lib/jvm"
    fi
    ;;
  esac
  ;;
default | check) on_default=yes ;;
25)
  on_25=yes
  [ -n "$home_25" ] || { echo "There is no Java 25 in JAVA25_HOME or under /usr/lib/jvm" >&2; exit 1; }
  ;;
*)
  sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac

# Temporary folders are in memory where there is room for them and programs may run from there: the tests write some gigabytes, in
# small pieces that a disk has to confirm one by one.
memory=/dev/shm tmp=''
if [ -d $memory ] && [ "$(df -Pk $memory | awk 'NR == 2 { print $4 }')" -gt 3000000 ] && tmp=$(mktemp -d $memory/storeit-test.XXXXXX); then
  trap 'rm -rf "$tmp"' EXIT
  trap 'exit 1' HUP INT TERM
  chmod 755 "$tmp"
  printf '#!/bin/sh\n' > "$tmp/program"
  chmod 755 "$tmp/program"
  "$tmp/program" 2> /dev/null || { rm -rf "$tmp"; tmp=; }
fi

# maven OPTION...: the Java that Maven runs on is the one that it tests with.
maven() { scripts/mvn -B -ntp ${tmp:+-Dtest.tmp="$tmp"} "$@"; }

if [ "${1-}" = check ]; then
  maven -T 2 -DexcludedGroups=process test
  exit
fi

# One build for both: the tests of storeit-ctl start these two releases as processes.
scripts/build.sh tests
scripts/build.sh next

# docs/contributing.md says what the tags mean. One module at a time: a port that storeit-ctl has found free for a rehearsal may be taken
# by one of the thousands of connections that the tests of the server make.
if [ $on_default = yes ]; then
  # The default Java alone draws a hundred moments for the random kills.
  moments=
  [ $on_25 = no ] || moments=-Dkill.moments=50
  maven -Dtest.java="${java_version%%.*}" $moments surefire:test
fi
if [ $on_25 = yes ]; then
  only=
  [ $on_default = no ] || only='-DexcludedGroups=once & !every-java'
  export JAVA_HOME="$home_25" PATH="$home_25/bin:$PATH"
  maven -Dtest.java=25 -Dtest.reports=surefire-reports-25 ${only:+"$only"} surefire:test
fi
