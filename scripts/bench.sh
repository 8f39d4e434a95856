#!/bin/sh
# Measures StoreIT on this machine, each thing next to its yardstick in the same run, on data of its own:
#
#   scripts/bench.sh [items] [images] [away] [writes] [ctl] [serve] [http]     without arguments: all, some ten minutes
#
# Prints a table and writes target/bench/bench.json. With BENCH_QUICK=1 the data is small and the rounds are few. Needs 4 GiB of
# disk for its data, which it removes; yardsticks are sqlite3, tar, zstd and python3, and without one its ratio is left out. http needs wrk.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

scripts/build.sh
scripts/build.sh next

next=$(target/next/storeit-server --version)
scripts/release-folder.sh target/bench/releases "${next##* }" target/next/storeit-server
mkdir -p target/bench/classes
"${java_bin}javac" -d target/bench/classes -cp target/storeit-server scripts/bench/*.java
exec "${java_bin}java" -Xlog:disable --enable-native-access=ALL-UNNAMED -cp target/bench/classes:target/storeit-server io.storeit.bench.Bench "$root" "$@"
