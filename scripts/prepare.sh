#!/bin/sh
# Makes anew every file of the checkout that is made from others: the //DEPS lines of storeit-ctl.java, golden archives of a schema
# version that has none yet, docs/schema, docs/command-line.md, the picture in docs/images, the manual pages and the completions, the
# systemd units and the licences of the libraries.
#
# Each has a test that fails until this has been run, so `make test` finds what was forgotten. Look at what changed, then commit it.
set -eu
cd "$(dirname -- "$0")/.."
. scripts/java-check.sh
scripts/build.sh
scripts/mvn -q -B -ntp test -Dgroups=generated -Dprepare=true -Dsurefire.failIfNoSpecifiedTests=false
git status --short -- storeit-ctl.java interchange/src/test/resources/golden docs scripts/share scripts/systemd THIRD-PARTY.txt
