#!/bin/sh
# Makes a complete release of this checkout:
#
#   scripts/release.sh [FOLDER]      without a name: dist
#
# FOLDER gets every file of the release and, in FOLDER/maven, the interchange jar in the layout of a Maven repository, which is how
# JBang finds it for somebody who has only storeit-ctl.java. The same checkout gives the same bytes, with the same JDK.
#
#   STOREIT_RELEASE_KEYS   file of public keys, PEM: what this release will trust. A second one allows the first to be replaced
#   STOREIT_SIGNING_KEY    file of the private key, PEM, that signs this release; its public key must be among the others
#
# Each may also be the PEM text itself, as a workflow has it. `make release-keys` makes a pair. Without a signing key the release is
# unsigned, and says so.
set -eu
[ $# -le 1 ] || { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
case ${1-dist} in /*) dist=$1 ;; *) dist=$PWD/${1-dist} ;; esac
for key in "${STOREIT_RELEASE_KEYS-}" "${STOREIT_SIGNING_KEY-}"; do
  case $key in
  '' | -----BEGIN*) ;;
  /*) [ -r "$key" ] || { echo "There is no key file $key" >&2; exit 1; } ;;
  *) echo "Name key files by their whole path, not $key" >&2; exit 2 ;;
  esac
done
if [ -n "${STOREIT_SIGNING_KEY-}" ] && [ -z "${STOREIT_RELEASE_KEYS-}" ]; then
  echo "STOREIT_SIGNING_KEY is set but STOREIT_RELEASE_KEYS is not: the release would not trust its own signature" >&2
  exit 2
fi
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh
. scripts/programs.sh

texts=$(mktemp -d)
trap 'rm -rf "$texts"' EXIT
trap 'exit 1' HUP INT TERM
case ${STOREIT_RELEASE_KEYS-} in
-----BEGIN*) printf '%s\n' "$(printf %s "$STOREIT_RELEASE_KEYS")" > "$texts/keys.pem" && STOREIT_RELEASE_KEYS=$texts/keys.pem ;;
esac
case ${STOREIT_SIGNING_KEY-} in
-----BEGIN*) printf '%s\n' "$(printf %s "$STOREIT_SIGNING_KEY")" > "$texts/key.pem" && STOREIT_SIGNING_KEY=$texts/key.pem ;;
esac

# Built from nothing, in a folder of its own: nothing of an earlier build gets into a release.
build=target/release
mkdir -p target
if command -v flock > /dev/null; then exec 9> target/.build-release.lock && flock 9; fi
for module in . interchange server scripts/ops scripts/ctl-tests; do rm -rf "./$module/$build"; done
umask 022
# Jars say how readable their files are; a clone made under another umask must not differ in that.
chmod -R a+rX,go-w interchange/src server/src scripts/ops/src scripts/share LICENSE THIRD-PARTY.txt
version=$(sed -n 's,.*<revision>\(.*\)</revision>.*,\1,p' pom.xml)
echo "Building release $version with Java $java_version (the first build also downloads its libraries)" >&2
trusted_keys $build/trusted
scripts/mvn -q -B -ntp ${keys:+"$keys"} -Prelease -Dtarget.folder=$build -Dmaven.test.skip=true package org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom

new=$build/dist
mkdir "$new"

jar=server/$build/storeit-server-all.jar
platforms='linux-x86_64 linux-aarch64 darwin-x86_64 darwin-aarch64'
set -- windows-x86_64 "$new/storeit-server-windows-x86_64.jar"
for platform in $platforms; do set -- "$@" "$platform" "$build/$platform.jar"; done
platform_jars "$jar" "$@"
for platform in $platforms; do server_file "$build/$platform.jar" "$new/storeit-server-$platform"; done
# One file serves both C libraries; the old storeit-ctl asks for the name with -musl first.
for processor in x86_64 aarch64; do cp "$new/storeit-server-linux-$processor" "$new/storeit-server-linux-$processor-musl"; done
sed -e 's/@NAME@/storeit-server/g' -e 's/@VARIABLE@/STOREIT_SERVER/g' -e "s/@OPTIONS@/$server_options/" -e "s/\$/$(printf '\r')/" \
  scripts/launch-stub.cmd > "$new/storeit-server-windows-x86_64.cmd"

ctl_program scripts/ctl-tests/$build/storeit-ctl-all.jar "$new/storeit-ctl"
"${java_bin}java" -cp "$jar" scripts/release/ShareArchive.java scripts/ctl-tests/$build/storeit-ctl-all.jar "$new/storeit-ctl-share.tar.gz"
cp storeit-ctl.java compose/compose.yaml "$new/"
# GitHub gives files that begin with a dot another name.
cp compose/.env.example "$new/env.example"
chmod 755 "$new/storeit-ctl.java"
for part in '' -sources -javadoc; do
  cp "interchange/$build/storeit-interchange-$version$part.jar" "scripts/ops/$build/storeit-ops-$version$part.jar" "$new/"
done
cp "$build/storeit.cdx.json" "$new/storeit-$version.cdx.json"

schema=$(DATABASE_URL=sqlite:/nonexistent/storeit.db "${java_bin}java" -jar "$jar" version | sed -n 's/.*"expected_schema_version": *\([0-9]*\).*/\1/p')
[ -n "$schema" ] || { echo "the server does not tell its schema version" >&2; exit 1; }
(
  cd "$new"
  {
    echo "# StoreIT $version"
    # What storeit-ctl shows of a release before anybody downloads it.
    echo "# Schema $schema"
    sha256 -- *
  } > ../SHA256SUMS
  mv ../SHA256SUMS SHA256SUMS
)
signed=unsigned
if [ -n "${STOREIT_SIGNING_KEY-}" ]; then
  "${java_bin}java" scripts/release/Signing.java sign "$STOREIT_SIGNING_KEY" "$new/SHA256SUMS" "$new/SHA256SUMS.sig"
  "${java_bin}java" scripts/release/Signing.java verify "$STOREIT_RELEASE_KEYS" "$new/SHA256SUMS" "$new/SHA256SUMS.sig" >&2
  signed=signed
fi

# maven_file FILE FOLDER NAME: with the sum that Maven looks for beside it.
maven_file() {
  mkdir -p "$2"
  cp "$1" "$2/$3"
  if command -v sha1sum > /dev/null; then sum=$(sha1sum < "$1"); else sum=$(shasum < "$1"); fi
  printf %s "${sum%% *}" > "$2/$3.sha1"
}
group=$new/maven/io/storeit
maven_file $build/.flattened-pom.xml "$group/storeit/$version" "storeit-$version.pom"
for module in interchange scripts/ops; do
  name=storeit-${module##*/}
  maven_file $module/$build/.flattened-pom.xml "$group/$name/$version" "$name-$version.pom"
  for part in '' -sources -javadoc; do maven_file "$new/$name-$version$part.jar" "$group/$name/$version" "$name-$version$part.jar"; done
done

rm -rf "$dist"
mkdir -p "$(dirname -- "$dist")"
mv "$new" "$dist"
ls -l "$dist" >&2
[ $signed = signed ] || echo "This release is UNSIGNED: set STOREIT_SIGNING_KEY and STOREIT_RELEASE_KEYS to sign it (make release-keys makes a pair)" >&2
