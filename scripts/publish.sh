#!/bin/sh
# Publishes dist/, which `make release` has made: the files as a release at GitHub, and dist/maven on the branch gh-pages, whose content
# GitHub serves as the project's pages. The documentation that `make docs` has made goes there too, in the place of the one before. The commit must have the tag of the version. Needs gh, logged in, and git.
#
#   scripts/publish.sh
#
# What was published once of dist/ is never replaced: another file of the same name ends this before anything is published. The pages come first,
# for storeit-ctl.java needs them; when the second half fails, publish again.
set -eu
cd "$(dirname -- "$0")/.."
fail() { echo "$1" >&2; exit 1; }

[ -r dist/SHA256SUMS ] || fail "There is no release in dist/: run make release"
read -r _ _ version < dist/SHA256SUMS
tag=v$version
[ "$(git rev-parse -q --verify "refs/tags/$tag^{commit}")" = "$(git rev-parse HEAD)" ] || fail "dist/ is release $version, but this commit has no tag $tag"
[ -r dist/SHA256SUMS.sig ] || fail "Release $version is not signed: see docs/releasing.md"
[ -s target/docs/index.html ] || fail "There is no documentation in target/docs: run make docs"

pages=$(mktemp -d)
trap 'git worktree remove --force "$pages" 2> /dev/null || :; rm -rf "$pages"' EXIT
trap 'exit 1' HUP INT TERM
if git fetch -q origin gh-pages 2> /dev/null; then
  git worktree add -q --detach "$pages" FETCH_HEAD
else
  git worktree add -q --detach "$pages" HEAD
  git -C "$pages" checkout -q --orphan "gh-pages-$$"
  git -C "$pages" rm -rfq .
fi
(cd dist && find maven -type f) | while IFS= read -r file; do
  [ ! -e "$pages/$file" ] || cmp -s "dist/$file" "$pages/$file" || fail "$file is published already, with other content"
done
cp -R dist/maven "$pages/"
rm -rf "$pages/docs"
cp -R target/docs "$pages/"
touch "$pages/.nojekyll"

git -C "$pages" add --all
if ! git -C "$pages" diff --cached --quiet; then
  git -C "$pages" -c user.name="${GIT_COMMITTER_NAME:-StoreIT release}" -c user.email="${GIT_COMMITTER_EMAIL:-release@storeit.invalid}" commit -q -m "Maven repository and documentation of $tag"
  git -C "$pages" push -q origin HEAD:gh-pages
fi

set --
for file in dist/*; do [ ! -f "$file" ] || set -- "$@" "$file"; done
gh release create "$tag" --verify-tag --title "StoreIT $version" --generate-notes "$@"
