#!/bin/sh
# Adds a release to a local folder of releases, laid out as storeit-ctl's releases_url expects it:
#
#   scripts/release-folder.sh FOLDER VERSION SERVER [FILE...]
#
# makes FOLDER/v<VERSION>/ with SERVER under the names of this machine's system and processor (the same bytes serve glibc and
# musl), each FILE under its own name, and SHA256SUMS. An existing release of that version is replaced.
set -eu
[ $# -ge 3 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1/v$2 version=$2 server=$3
shift 3

case $(uname -s) in Linux) system=linux ;; Darwin) system=darwin ;; *) echo "no server is built for $(uname -s)" >&2; exit 1 ;; esac
case $(uname -m) in x86_64 | amd64) processor=x86_64 ;; aarch64 | arm64) processor=aarch64 ;; *) processor=$(uname -m) ;; esac

rm -rf "$folder"
mkdir -p "$folder"
cp "$server" "$folder/storeit-server-$system-$processor"
[ $system != linux ] || cp "$server" "$folder/storeit-server-linux-$processor-musl"
[ $# -eq 0 ] || cp "$@" "$folder/"
cd "$folder"
{
  echo "# StoreIT $version"
  if command -v sha256sum > /dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi
} > ../.sums.$$
mv ../.sums.$$ SHA256SUMS
