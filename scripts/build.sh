#!/bin/sh
# Builds target/storeit-server and target/storeit-ctl, each one directly executable file, and puts the jars it is made
# from into the local Maven repository, where JBang looks for it.
#
#   scripts/build.sh               the version of this checkout
#   scripts/build.sh tests         the same, and its tests compiled: `scripts/test.sh` runs them
#   scripts/build.sh jars          only those jars
#   scripts/build.sh next          a synthetic next version with schema 3, in target/next; the demo and the tests upgrade to it
#
# STOREIT_RELEASE_KEYS names a file with the public keys (one or more, PEM) that may sign the releases this build accepts.
#
# No tests are run: `make test` does that.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh
. scripts/programs.sh

next_version=0.4.0
platform=$(this_platform)

# Versions are built in folders of their own; two builds of the same one wait for each other.
mkdir -p target
if command -v flock > /dev/null; then
  case ${1-} in next) exec 9> target/.build-next.lock ;; *) exec 9> target/.build.lock ;; esac
  flock 9
fi

trusted_keys target/release-keys

case ${1-} in
'' | tests)
  echo "Building StoreIT (the first build also downloads its libraries)" >&2
  case ${1-} in tests) skip=-DskipTests ;; *) skip=-Dmaven.test.skip=true ;; esac
  scripts/mvn -q -B -ntp -T 2 ${keys:+"$keys"} $skip install
  server_program server/target/storeit-server-all.jar "$platform" target/storeit-server
  ctl_program scripts/ctl-tests/target/storeit-ctl-all.jar target/storeit-ctl
  ls -l target/storeit-server target/storeit-ctl >&2
  ;;
jars)
  echo "Building the jars of storeit-ctl.java (the first build also downloads its libraries)" >&2
  scripts/mvn -q -B -ntp ${keys:+"$keys"} -Dmaven.test.skip=true -pl scripts/ops -am install
  ;;
next)
  echo "Building the synthetic next version $next_version" >&2
  scripts/mvn -q -B -ntp ${keys:+"$keys"} -Dmaven.test.skip=true -Pschema3 -Drevision=$next_version -Dtarget.folder=target/next -pl server -am package
  mkdir -p target/next
  server_program server/target/next/storeit-server-all.jar "$platform" target/next/storeit-server
  ls -l target/next/storeit-server >&2
  ;;
*)
  sed -n '2,12s/^# \{0,1\}//p' "$0" >&2
  exit 2
  ;;
esac
