#!/bin/sh
# Runs every test: `test.sh` on the default Java and again on Java 25 where there is one, `test.sh default` and `test.sh 25`
# on one of the two. Java 25 is looked for in JAVA25_HOME, then under /usr/lib/jvm; it gets its own build folder.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

home_25=
for home in "${JAVA25_HOME:-}" /usr/lib/jvm/*25*; do
  [ -z "$home_25" ] && [ -x "$home/bin/javac" ] || continue
  case $("$home/bin/javac" -version 2>&1) in "javac 25"*) home_25=$home ;; esac
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
default) on_default=yes ;;
25)
  on_25=yes
  [ -n "$home_25" ] || { echo "There is no Java 25 in JAVA25_HOME or under /usr/lib/jvm" >&2; exit 1; }
  ;;
*) sed -n '2,3s/^# //p' "$0" >&2; exit 2 ;;
esac

# The tests of storeit-ctl start these two releases as processes.
scripts/build.sh
scripts/build.sh next

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

# The two runs share the random kills. Tests with the tag `once` run on the first Java only: they ask nothing that depends on Java (a
# text, a shell script, the stand-in of the old servers), or go the ways through Java that others go on both.
shared='' once=''
[ $on_default$on_25 != yesyes ] || { shared=-Dkill.moments=50 once=-DexcludedGroups=once; }

[ $on_default = no ] || scripts/mvn -B -ntp $shared ${tmp:+-Dtest.tmp="$tmp"} test
[ $on_25 = no ] || JAVA_HOME=$home_25 scripts/mvn -B -ntp $shared $once ${tmp:+-Dtest.tmp="$tmp"} -Dtarget.folder=target/java-25 test
