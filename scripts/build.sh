#!/bin/sh
# Builds target/storeit-server and target/storeit-ctl, each one directly executable file, and puts the interchange jar into
# the local Maven repository, where JBang looks for it.
#
#   scripts/build.sh               the version of this checkout
#   scripts/build.sh interchange   only that jar
#   scripts/build.sh next          a synthetic next version with schema 3, in target/next; the demo and the tests upgrade to it
#
# No tests are run: `make test` does that.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

next_version=0.4.0

# Versions are built in folders of their own; two builds of the same one wait for each other.
mkdir -p target
if command -v flock > /dev/null; then
  case ${1-} in next) exec 9> target/.build-next.lock ;; *) exec 9> target/.build.lock ;; esac
  flock 9
fi

server() {
  # The heap begins small and is given back; the library's memory too, where Java can do that (an older one ignores the option).
  scripts/executable.sh storeit-server STOREIT_SERVER \
    '-Xms16m -Xmx128m -XX:NewRatio=1 -XX:MaxNewSize=24m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:+IgnoreUnrecognizedVMOptions -XX:TrimNativeHeapInterval=2000' \
    'version|--version|-V|help|--help|-h' \
    "server/$1/storeit-server-all.jar" "$1/storeit-server"
}

ctl() {
  scripts/executable.sh storeit-ctl STOREIT_CTL '' 'status|cleanup|--version|-V|help|--help|-h' \
    "scripts/ctl-tests/$1/storeit-ctl-all.jar" "$1/storeit-ctl"
}

case ${1-} in
'')
  echo "Building StoreIT (the first build also downloads its libraries)" >&2
  scripts/mvn -q -B -ntp -Dmaven.test.skip=true install
  server target
  ctl target
  ls -l target/storeit-server target/storeit-ctl >&2
  ;;
interchange)
  echo "Building the interchange jar (the first build also downloads its libraries)" >&2
  scripts/mvn -q -B -ntp -Dmaven.test.skip=true -pl interchange -am install
  ;;
next)
  echo "Building the synthetic next version $next_version" >&2
  scripts/mvn -q -B -ntp -Dmaven.test.skip=true -Pschema3 -Drevision=$next_version -Dtarget.folder=target/next -pl server -am package
  mkdir -p target/next
  server target/next
  ls -l target/next/storeit-server >&2
  ;;
*)
  sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
