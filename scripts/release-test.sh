#!/bin/sh
# Tests what is too slow for `make test`, in copies of this checkout: a release that is made twice is complete, right and the same both
# times, and the recipe for a new schema version in docs/ leads to one. And the demo.
#
#   scripts/release-test.sh [ReleaseTest|RecipeTest]      without a name: all of it, some six minutes
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh
scripts/build.sh
scripts/mvn -B -ntp -pl interchange,scripts/ctl-tests -am test -Dsurefire.failIfNoSpecifiedTests=false -Drelease.test=true "-Dtest=${1-ReleaseTest,RecipeTest}"
[ $# -gt 0 ] || scripts/demo.sh
