#!/bin/sh
# Builds the container image of a release:
#
#   scripts/image.sh [--release FOLDER] [OPTION...]
#
# FOLDER holds storeit-server-linux-<processor>, for one or more processors, and SHA256SUMS; without it that is dist/ or, when there is
# none, what scripts/build.sh has made. OPTIONs go to `docker build`, or to `podman build` where Docker does not run; CONTAINER_TOOL
# names another command. The image is called IMAGE (ghcr.io/bronson-brown-devost/storeit), with its version and with `latest`.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
image=${IMAGE:-ghcr.io/bronson-brown-devost/storeit}

case ${1-} in
--release) release=$2 && shift 2 ;;
-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) release=dist ;;
esac

context=$(mktemp -d "${TMPDIR:-/tmp}/storeit-image.XXXXXX")
trap 'rm -rf "$context"' EXIT
trap 'exit 130' HUP INT TERM
cp compose/Dockerfile compose/docker-entrypoint.sh compose/storeit-health "$context/"

if [ "$release" = dist ] && [ ! -d dist ]; then
  [ -x target/storeit-server ] || scripts/build.sh
  case $(uname -m) in x86_64 | amd64) processor=x86_64 ;; aarch64 | arm64) processor=aarch64 ;; *) processor=$(uname -m) ;; esac
  cp target/storeit-server "$context/storeit-server-linux-$processor"
  version=$(target/storeit-server --version)
  version=${version##* }
else
  for file in "$release"/storeit-server-linux-*; do
    case $file in *-musl) ;; *) cp "$file" "$context/" ;; esac
  done
  version=$(sed -n '1s/^# StoreIT //p' "$release/SHA256SUMS")
  [ -n "$version" ] || { echo "$release/SHA256SUMS does not begin with '# StoreIT <version>'" >&2; exit 1; }
fi

tool=${CONTAINER_TOOL:-}
if [ -z "$tool" ]; then
  if docker info > /dev/null 2>&1; then tool=docker; else tool=podman; fi
fi
# Health checks exist in Docker's format only.
case $tool in *podman*) set -- --format docker "$@" ;; esac
# shellcheck disable=SC2086 # the command may come with options
$tool build --label "org.opencontainers.image.version=$version" --tag "$image:$version" --tag "$image:latest" "$@" "$context"
echo "Built $image:$version" >&2
