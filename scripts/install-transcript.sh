#!/bin/sh
# Plays docs/install.md from the first command to the last on a Debian made for it, with nothing but a Java runtime, under a real
# systemd in a container without a network, and writes what the screen showed to docs/install-transcript.md.
#
#   scripts/install-transcript.sh
#
# The release is that of `make release`, signed with a key made for it; the next version is the synthetic one of the tests. Needs
# root, systemd-nspawn, nsenter and debootstrap, and for the first run a network: the tree is kept in target/install-transcript.
# Every command must end as it is expected to, or nothing is written. Where the machine cannot do it, it says SKIPPED and ends with 0.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh
. scripts/machine.sh
require_container

folder=$root/target/install-transcript
machine=$folder/machine
page=$folder/page.md
keys=
mkdir -p "$folder"

clean_up() {
  code=$?
  trap - EXIT HUP INT TERM
  [ -z "$leader" ] || kill -KILL "$leader" 2> /dev/null || :
  [ -z "$nspawn" ] || wait "$nspawn" 2> /dev/null || :
  rm -rf "$machine" "${keys:-$machine}"
  exit $code
}
trap clean_up EXIT
trap 'exit 130' HUP INT TERM

# ---- The release, and the machine

rm -rf "$folder/next" "$folder/broken"
keys=$(mktemp -d)
"${java_bin}java" scripts/release/Signing.java make "$keys/pair" > /dev/null
STOREIT_RELEASE_KEYS=$keys/pair/release-key.pub.pem STOREIT_SIGNING_KEY=$keys/pair/release-key.pem scripts/release.sh "$folder/dist" 2> "$folder/release.log" ||
  { tail -n 5 "$folder/release.log"; fail "no release"; }
scripts/build.sh next
# A next version that is good in the rehearsal and not as a service.
{
  echo '#!/bin/sh'
  # shellcheck disable=SC2016
  echo 'if [ "${1-}" = serve ] && [ -n "${INVOCATION_ID-}" ]; then echo "Error: this version was broken on purpose" >&2; exit 1; fi'
  tail -n +2 target/next/storeit-server
} > "$folder/broken-server"
chmod 755 "$folder/broken-server"
sign() { "${java_bin}java" scripts/release/Signing.java sign "$keys/pair/release-key.pem" "$1/v0.4.0/SHA256SUMS" "$1/v0.4.0/SHA256SUMS.sig"; }
scripts/release-folder.sh "$folder/next" 0.4.0 target/next/storeit-server
sign "$folder/next"
scripts/release-folder.sh "$folder/broken" 0.4.0 "$folder/broken-server"
sign "$folder/broken"

new_machine "$folder/debian" systemd,systemd-sysv,dbus,openjdk-17-jre-headless,curl
mkdir -p "$machine/media/storeit"
cp -R "$folder/dist/." "$machine/media/storeit"
rm -rf "$machine/media/storeit/maven"
cp -R "$folder/next" "$folder/broken" "$machine/media/"
base64 -d > "$machine/root/drill.png" << 'END'
iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR42mNgaGDAimgjMaQkAOPSAgEhGO8sAAAAAElFTkSuQmCC
END

boot

# ---- The page

chapter() { write '' "## $1" ''; [ -z "${2-}" ] || write "$2" ''; echo "== $1"; }
write() { for line do printf '%s\n' "$line" >> "$page"; done; }

# shown CODE COMMAND: the line as typed by root, what it printed, and its exit code when that is not 0; the code must be the one given.
shown() {
  code=0
  inside sh -c "cd /root; $2" > "$folder/said" 2>&1 || code=$?
  sed -i 's/[ \t]*$//' "$folder/said"
  # An answer of the server ends without a line's end.
  [ -z "$(tail -c 1 "$folder/said")" ] || echo >> "$folder/said"
  { printf '```console\n# %s\n' "$2"; cat "$folder/said"; [ $code -eq 0 ] || printf '(exit code %s)\n' $code; printf '```\n\n'; } >> "$page"
  [ $code -eq "$1" ] || { cat "$folder/said"; fail "'$2' ended with $code, expected $1"; }
}

cat > "$page" << 'END'
# An installation, as it went

What a terminal showed when [Installing](install.md) was followed on a Debian with nothing on it but a Java runtime: install, use, upgrade,
break, roll back. Recorded by `scripts/install-transcript.sh`, which runs every command and writes this page only if each ended as it should.
The release is that of `make release`, carried there on a disk and signed with a key made for the occasion; version 0.4.0 is the synthetic next
version of the tests. All commands are root's.
END

chapter "The machine"
shown 0 'sed -n "s/^PRETTY_NAME=//p" /etc/os-release; java -version; command -v javac || command -v jbang || command -v mvn || echo "no javac, no jbang, no mvn"'
shown 0 'ls -sh /media/storeit'

chapter "Install" 'One file is run. It puts itself and the server in place.'
shown 0 '/media/storeit/storeit-ctl install --releases /media/storeit'
password=$(sed -n 's/^Password: *//p' "$folder/said")
shown 0 'storeit-ctl status'
shown 0 'systemctl is-enabled storeit; systemctl show --property=User,ActiveState,SubState storeit; systemctl list-timers --no-pager storeit\* | sed "s/  *[0-9]* timers.*//" | head -n 3'
shown 0 'ls -l /etc/storeit /var/lib/storeit'

chapter "Use" 'Everything here can be done in a browser or an app as well.'
printf '{"username":"admin","password":"%s"}' "$password" > "$machine/root/login.json"
shown 0 "curl -sS -c cookies -H 'Content-Type: application/json' -d @login.json localhost:8080/api/v1/auth/local/login"
post() { printf "curl -sS -b cookies -H 'Content-Type: application/json' -d '%s' localhost:8080/api/v1/%s" "$2" "$1"; }
first_id() { grep -o '"id": *"[^"]*"' "$folder/said" | head -n 1 | sed 's/.*"\([^"]*\)"$/\1/'; }
shown 0 "$(post locations '{"name":"Cellar"}')"
location=$(first_id)
shown 0 "$(post items "{\"parent_type\":\"location\",\"parent_id\":\"$location\",\"name\":\"Cordless drill\",\"description\":\"18 V, two batteries\"}")"
item=$(first_id)
shown 0 "curl -sS -b cookies -F entity_type=item -F entity_id=$item -F file=@drill.png localhost:8080/api/v1/photos"
shown 0 "curl -sS -b cookies 'localhost:8080/api/v1/search?q=drill'"
grep -q "$item" "$folder/said" || fail "the drill is not found"
shown 0 'storeit-ctl backup -o before.storeit && storeit-ctl verify before.storeit'

chapter "Upgrade" 'First to a version that was broken on purpose: it is good in the rehearsal and fails as a service.'
shown 3 'storeit-ctl upgrade --releases /media/broken'
shown 0 'storeit-ctl status'
write 'Then to one that is good.' ''
shown 0 'storeit-ctl upgrade --releases /media/next'
shown 0 'storeit-ctl status'
# Sessions end with an upgrade.
shown 0 "curl -sS -c cookies -H 'Content-Type: application/json' -d @login.json localhost:8080/api/v1/auth/local/login > /dev/null; curl -sS -b cookies localhost:8080/api/v1/items/$item"
grep -q 'Cordless drill' "$folder/said" || fail "the drill is not there after the upgrade"

chapter "Break" 'Somebody overwrites the server with something else.'
shown 0 "echo 'not a server' > /tmp/oops; mv /tmp/oops /usr/local/bin/storeit-server; systemctl restart storeit; sleep 3; systemctl is-active storeit || true"
shown 1 'storeit-ctl status'

chapter "Roll back"
shown 0 'storeit-ctl rollback --yes'
shown 0 'storeit-ctl status'
shown 0 "curl -sS -c cookies -H 'Content-Type: application/json' -d @login.json localhost:8080/api/v1/auth/local/login > /dev/null; curl -sS -b cookies 'localhost:8080/api/v1/search?q=drill'"
grep -q "$item" "$folder/said" || fail "the drill is not there after the rollback"
shown 0 'storeit-ctl cleanup --yes'

chapter "Uninstall" 'The data stay.'
shown 0 'storeit-ctl uninstall'
shown 0 'ls /var/lib/storeit /usr/local/bin'

cp "$page" docs/install-transcript.md
echo "Written: docs/install-transcript.md"
