#!/bin/sh
# A real upgrade on data of its own: a household on an old server with schema 1 goes to 0.3.0, on to a synthetic 0.4.0 with
# schema 3, back by rollback, forth again, and down by downgrade. After each move every row and every photo is compared.
#
#   scripts/demo.sh [--keep]       --keep leaves the demo's folder; all processes are stopped in any case
#
# Ends with 0 if nothing differed, else with 1.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh

keep=no
case ${1-} in '') ;; --keep) keep=yes ;; *) sed -n '5p' "$0" | cut -c 3- >&2; exit 2 ;; esac

# What is configured for a real installation is not for the demo.
for variable in $(env | sed -n 's/^\(STOREIT_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done
unset DATABASE_URL

scripts/build.sh
scripts/build.sh next

demo=$(mktemp -d "${TMPDIR:-/tmp}/storeit-demo.XXXXXX")
demo=$(CDPATH='' cd -P -- "$demo" && pwd)

# Every process of the demo has the demo's folder on its command line.
processes() {
  for process in /proc/[0-9]*; do
    { tr '\0' '\n' < "$process/cmdline" | grep -q "^$demo/"; } 2> /dev/null && echo "${process#/proc/}"
  done
  return 0
}

clean_up() {
  code=$?
  trap - EXIT HUP INT TERM
  for signal in TERM KILL; do
    for process in $(processes); do kill -$signal "$process" 2> /dev/null || :; done
    patience=50
    while [ -n "$(processes)" ] && [ $patience -gt 0 ]; do sleep 0.1; patience=$((patience - 1)); done
  done
  if [ $keep = yes ]; then echo "The demo's folder stays: $demo"; else rm -rf "$demo"; fi
  [ $code -eq 0 ] || echo "The demo FAILED."
  exit $code
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM
export STOREIT_CTL_CONFIG="$demo/ctl.conf" XDG_STATE_HOME="$demo/state"

step() { printf '\n== %s\n' "$*"; }
look() { printf '   Look at: %s\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@" 2>&1 | sed 's/^/  /'; }
fail() { echo "FAILED: $*"; exit 1; }

# ctl ARGUMENT...: shows and runs storeit-ctl; its exit code counts, not that of the indentation.
ctl() {
  printf '$ storeit-ctl %s\n' "$*"
  { target/storeit-ctl "$@" 2>&1 && echo 0 > "$demo/code" || echo $? > "$demo/code"; } | sed 's/^/  /'
  code=$(cat "$demo/code")
  [ "$code" = 0 ] || fail "storeit-ctl $* ended with $code"
}

# refused CODE ARGUMENT...: shows and runs storeit-ctl, which must end with CODE.
refused() {
  expected=$1
  shift
  printf '$ storeit-ctl %s\n' "$*"
  code=0
  target/storeit-ctl "$@" < /dev/null > "$demo/refused" 2>&1 || code=$?
  sed 's/^/  /' "$demo/refused"
  [ "$code" = "$expected" ] || fail "storeit-ctl $* ended with $code instead of $expected"
}

signing() { "${java_bin}java" scripts/release/Signing.java "$@"; }

household() { "${java_bin}java" -XX:TieredStopAtLevel=1 -cp "$demo/classes:target/storeit-server" Household "$@"; }

# content FILE: every row and every photo to FILE, StoreIT's own digest of them to FILE.digest. The newest server knows all schemas.
content() {
  household rows "$data/storeit.db" "$demo/images" > "$1"
  DATABASE_URL="sqlite:$data/storeit.db" STOREIT_IMAGE_PATH="$demo/images" target/next/storeit-server verify --json > "$1.verified" || {
    cat "$1.verified"
    fail "storeit-server verify finds a problem"
  }
  sed -n 's/.*"value" *: *"\([0-9a-f]*\)".*/\1/p' "$1.verified" | head -n 1 > "$1.digest"
}

# same FILE: the content is what it was when FILE was written. Says what it compared.
same() {
  content "$demo/now"
  if ! cmp -s "$1" "$demo/now"; then
    diff "$1" "$demo/now" | head -20 || :
    fail "the content is not what it was"
  fi
  cmp -s "$1.digest" "$demo/now.digest" || fail "the digest is not what it was"
  echo "   Same content: $(grep -vc '^image ' "$1") rows of nine tables by SQL, $(grep -c '^image ' "$1") photos by SHA-256, digest $(cut -c 1-12 "$1.digest")…"
}

version_is() {
  case $("$demo/bin/storeit-server" version) in
  *"\"app_version\": \"$1\""*) ;;
  *) fail "the installed server is not version $1" ;;
  esac
}

data=$demo/data
mkdir "$data" "$demo/bin" "$demo/classes"
"${java_bin}javac" -d "$demo/classes" -cp target/storeit-server scripts/demo/Household.java
port=$(household free-port)
url=http://127.0.0.1:$port

step "1. An installation of an old StoreIT, and a folder of releases"
fixture=interchange/src/test/resources/fixtures/schema1-v0.1.0
cp "$fixture/storeit.db" "$data/storeit.db"
cp -R "$fixture/images" "$demo/images"
chmod -R u+w "$data" "$demo/images"
scripts/reference-server.sh 0.1.0 1 "$demo/bin/storeit-server"
scripts/release-folder.sh "$demo/releases" 0.3.0 target/storeit-server target/storeit-ctl
scripts/release-folder.sh "$demo/releases" 0.4.0 target/next/storeit-server
signing make "$demo/keys"
for release in "$demo"/releases/*; do
  signing sign "$demo/keys/release-key.pem" "$release/SHA256SUMS" "$release/SHA256SUMS.sig"
  signing verify "$demo/keys/release-key.pub.pem" "$release/SHA256SUMS" "$release/SHA256SUMS.sig"
done
printf 'changeme\n' > "$demo/password"
chmod 600 "$demo/password"
cat > "$demo/ctl.conf" << END
server_url = $url
binary_path = $demo/bin/storeit-server
data_dir = $data
releases_url = $demo/releases
release_keys = $demo/keys/release-key.pub.pem
username = admin
password_file = $demo/password
END
(cd "$demo" && exec env DATABASE_URL="sqlite:$data/storeit.db?mode=rwc" STOREIT_IMAGE_PATH="$demo/images" STOREIT_BIND="127.0.0.1:$port" \
  "$demo/bin/storeit-server" > "$demo/old-server.log" 2>&1 < /dev/null) &
patience=150
until target/storeit-ctl status > "$demo/status" 2>&1; do
  patience=$((patience - 1))
  [ $patience -gt 0 ] || { cat "$demo/old-server.log" "$demo/status"; fail "the old server does not answer"; }
  sleep 0.2
done
ctl status
content "$demo/original"
look "schema version 1, a household of $(grep -vc '^image ' "$demo/original") rows and $(grep -c '^image ' "$demo/original") photos in $demo"

step "2. Upgrade to 0.3.0"
# A forger has the checksums right; he can sign them with a key of his own only.
cp -R "$demo/releases" "$demo/forged"
signing make "$demo/forger" > /dev/null
signing sign "$demo/forger/release-key.pem" "$demo/forged/v0.3.0/SHA256SUMS" "$demo/forged/v0.3.0/SHA256SUMS.sig"
refused 1 upgrade 0.3.0 --yes --allow-unsigned --releases "$demo/forged"
version_is 0.1.0
look "a release that somebody else signed is refused, whatever was allowed. The real one, signed by the key made above, needs no permission:"
ctl upgrade 0.3.0 --yes
version_is 0.3.0
same "$demo/original"
look "the six steps, and the old database and binary kept beside the new ones:"
show ls "$data" "$demo/bin"

step "3. Upgrade to the newest release, 0.4.0, whose schema 3 this storeit-ctl has never heard of"
ctl upgrade --yes
version_is 0.4.0
same "$demo/original"
ctl status
look "schema version 3"

step "4. Someone works with 0.4.0, then it is rolled back"
household add-item "$url" admin changeme "Bought after the upgrade"
ctl rollback --yes
version_is 0.3.0
same "$demo/original"
look "what it says about the record written since the upgrade, and where that database is kept"

step "5. Upgrade again, keep a new record, and give one a serial number, which only schema 3 can hold"
ctl upgrade 0.4.0 --yes
household add-item "$url" admin changeme "Cordless drill"
content "$demo/with-drill"
household set-serial-number "$data/storeit.db" "Cordless drill" "SN-4711"

step "6. Downgrade to 0.3.0"
refused 6 downgrade 0.3.0 --yes
version_is 0.4.0
look "the loss it names; nothing was done without consent. With consent:"
ctl downgrade 0.3.0 --yes --accept-loss
version_is 0.3.0
same "$demo/with-drill"
ctl status
look "the drill is still there, only its serial number is not"

step "7. Clean up"
ctl cleanup --yes
look "only the current version's files are left:"
show ls "$data" "$demo/bin"
same "$demo/with-drill"

printf '\nThe demo is done: no content differed at any step.\n'
