#!/bin/sh
# Adds a release to a local folder of releases, laid out as storeit-ctl's releases_url expects it:
#
#   scripts/release-folder.sh FOLDER VERSION SERVER [FILE...]
#
# makes FOLDER/v<VERSION>/ with SERVER under the names of this machine's system and processor (the same bytes serve glibc and
# musl), each FILE under its own name, and SHA256SUMS. An existing release of that version is replaced. STOREIT_SCHEMA is the schema
# version that 'storeit-ctl releases' shows of it.
set -eu
[ $# -ge 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1/v$2 version=$2 server=$3
shift 3
. "$(dirname -- "$0")/programs.sh"
platform=$(this_platform)

rm -rf "$folder"
mkdir -p "$folder"
cp "$server" "$folder/storeit-server-$platform"
case $platform in linux-*) cp "$server" "$folder/storeit-server-$platform-musl" ;; esac
[ $# -eq 0 ] || cp "$@" "$folder/"
cd "$folder"
{
  echo "# StoreIT $version"
  [ -z "${STOREIT_SCHEMA-}" ] || echo "# Schema $STOREIT_SCHEMA"
  sha256 -- *
} > ../.sums.$$
mv ../.sums.$$ SHA256SUMS
