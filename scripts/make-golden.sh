#!/bin/sh
# Adds the golden archives that are missing: those of a new schema version, or new cases of GoldenArchivesTest.
# Released ones are left alone. Look at the .expected files it writes before you commit them.
set -eu
cd "$(dirname -- "$0")/.."
scripts/mvn -q -B -ntp -pl interchange test -Dtest=GoldenArchivesTest#writesTheCasesThatAreMissing -Dgolden.write=true
git status --short interchange/src/test/resources/golden
