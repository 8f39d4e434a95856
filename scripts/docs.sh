#!/bin/sh
# Builds the pages in docs/ as a book for a browser: target/docs/index.html. `make publish` puts it on the project's pages.
set -eu
cd "$(dirname -- "$0")/.."
command -v mdbook > /dev/null || {
  echo "mdBook is not installed: get it with 'cargo install mdbook' or from https://rust-lang.github.io/mdBook/guide/installation.html" >&2
  exit 1
}
rm -rf target/docs
mdbook build docs
[ -s target/docs/index.html ] || { echo "mdBook made no target/docs/index.html" >&2; exit 1; }
