#!/bin/sh
# Plays the life of an installation on a Debian made for it, with nothing but a Java runtime, under a real systemd in a container
# without a network, types every command into a terminal of 80 columns and 24 rows, and writes what that showed to docs/tour.md. The
# picture in README.md is drawn from that page.
#
#   scripts/tour.sh
#
# The release is that of `make release`, signed with a key made for it; the next version is the synthetic one of the tests. Needs
# root, systemd-nspawn, nsenter, debootstrap and tmux, and for the first run a network: the tree is kept in target/tour.
# Every command must end as it is expected to, or nothing is written. Where the machine cannot do it, it says SKIPPED and ends with 0.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
. scripts/java-check.sh
. scripts/machine.sh
require_container

command -v tmux > /dev/null || skip "there is no tmux here"

folder=$root/target/tour
machine=$folder/machine
page=$folder/page.md
keys=
mkdir -p "$folder"

terminal() { tmux -L "storeit-tour-$$" -f /dev/null "$@"; }

clean_up() {
  code=$?
  trap - EXIT HUP INT TERM
  terminal kill-server 2> /dev/null || :
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
# The household of the tests with 200 MB of photos more than it has, packed as a very old StoreIT did.
household=$folder/household
rm -rf "$household"
mkdir "$household"
tar -xzf interchange/src/test/resources/fixtures/legacy-gzip/backup.tar.gz -C "$household"
item=$(grep -o '"id": *"[^"]*"' "$household/backup/data/items.json" | sed -n '1s/.*"\([^"]*\)"$/\1/p')
sed -i '$ s/]$//' "$household/backup/data/photos.json"
count=200
while [ $count -gt 0 ]; do
  head -c 1000000 /dev/urandom > "$household/photo"
  sum=$(sha256sum "$household/photo")
  sum=${sum%% *}
  two=$(printf %.2s "$sum")
  mkdir -p "$household/backup/images/$two"
  mv "$household/photo" "$household/backup/images/$two/$sum.jpg"
  printf ',{"id":"00000000-0000-4000-8000-%012d","entity_type":"item","entity_id":"%s","storage_key":"%s","mime_type":"image/jpeg",' $count "$item" "$two/$sum.jpg"
  printf '"is_primary":false,"rotation":0,"created_at":"2026-04-02T08:15:30Z"}'
  count=$((count - 1))
done >> "$household/backup/data/photos.json"
echo ']' >> "$household/backup/data/photos.json"
tar -czf "$machine/media/household.tar.gz" -C "$household" backup
rm -rf "$household"

boot

# ---- The terminal

# The prompt tells how a command ended when it failed, and leaves its exit code where this script can read it.
cat > "$machine/root/.tour" << 'END'
PS1='# '
PROMPT_COMMAND='code=$?; [ $code = 0 ] || echo "(exit code $code)"; echo $code > /root/.code'
cd /root
END
terminal new-session -d -x 80 -y 24 -s tour \
  "nsenter -t $leader -m -u -i -n -p -r -w env -i TERM=screen PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 bash --noprofile --rcfile /root/.tour"
terminal set-option -g history-limit 5000
# All 24 rows are the terminal's own.
terminal set-option -g status off

# What the terminal shows and has shown since it was cleared, up to the last line that is not empty.
screen() { terminal capture-pane -p -S - -t tour | sed 's/[ \t]*$//' | awk '{ line[NR] = $0 } NF { last = NR } END { for (i = 1; i <= last; i++) print line[i] }'; }
# type_in TEXT: as somebody types it, and the Enter key.
type_in() { terminal send-keys -t tour -l "$1" && terminal send-keys -t tour Enter; }

# within_ten_seconds COMMAND...: until it succeeds.
within_ten_seconds() {
  patience=200
  until "$@"; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || { screen; fail "the terminal has no prompt"; }
    sleep 0.05
  done
}
# Tmux leaves out blanks at the end of a line.
shows_only_a_prompt() { [ "$(terminal capture-pane -p -t tour | grep .)" = '#' ]; }

clear_screen() {
  # The first prompt has to be there, else it comes twice.
  within_ten_seconds [ -s "$machine/root/.code" ]
  terminal send-keys -t tour C-l
  within_ten_seconds shows_only_a_prompt
  terminal clear-history -t tour
}

# ---- The page

write() { for line do printf '%s\n' "$line" >> "$page"; done; }
chapter() { write "## $1" ''; [ -z "${2-}" ] || write "$2" ''; echo "== $1"; }
block() { { printf '```console\n'; cat; printf '```\n\n'; } >> "$page"; }

# shown CODE COMMAND [ANSWER]: types the command, answers its question if it asks one, and writes what the terminal shows at the end.
# The exit code must be the one given. When bar is yes, the last look at a bar on the way comes before.
bar=no
shown() {
  clear_screen
  rm -f "$machine/root/.code" "$folder/bar"
  type_in "$2"
  answer=${3-}
  patience=6000
  until [ -s "$machine/root/.code" ] && screen > "$folder/now" && [ "$(tail -n 1 "$folder/now")" = '#' ]; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || { screen; fail "'$2' does not end"; }
    screen > "$folder/now"
    last=$(tail -n 1 "$folder/now")
    case $last in
    *'[y/N]'*) [ -z "$answer" ] || { type_in "$answer"; answer=; } ;;
    *[3-8][0-9]%*) cp "$folder/now" "$folder/bar" ;;
    esac
    sleep 0.05
  done
  if [ $bar = yes ] && [ -s "$folder/bar" ]; then
    write 'While it runs:' ''
    block < "$folder/bar"
    write 'At the end:' ''
  fi
  sed '$d' "$folder/now" > "$folder/said"
  block < "$folder/said"
  code=$(cat "$machine/root/.code")
  [ "$code" = "$1" ] || { cat "$folder/said"; fail "'$2' ended with $code, expected $1"; }
}

# quietly COMMAND: what is not shown; its output goes to $folder/quiet.
quietly() { inside sh -c "cd /root; $1" > "$folder/quiet" 2>&1 || { cat "$folder/quiet"; fail "$1"; }; }

cat > "$page" << 'END'
# A tour

This page shows the life of an installation as a terminal of 80 columns and 24 rows showed it: a Debian with only a Java runtime, `storeit-ctl install`, the household
of another machine, an upgrade that fails, an upgrade that succeeds, and a rollback. `scripts/tour.sh` recorded it: the script types every command and writes this page
only if each command ended as expected. The release was made by `make release`, carried to the machine on a disk and signed with a key made for this recording.
Version 0.4.0 is the synthetic next version of the tests. Answers to questions are typed too.

END

chapter "The machine"
shown 0 'grep PRETTY /etc/os-release; java -version'
shown 0 'ls -sh /media/storeit'

chapter "Install" 'One file installs itself and the server.'
shown 0 '/media/storeit/storeit-ctl install --releases /media/storeit'
shown 0 'storeit-ctl status'
shown 0 'ls -l /etc/storeit /var/lib/storeit'

chapter "A household moves in" 'The backup was made by StoreIT 0.1 on another machine. It has 200 MB of photos.'
shown 0 'storeit-ctl restore /media/household.tar.gz' y

chapter "Back up"
bar=yes
shown 0 'storeit-ctl backup -o before.storeit'
bar=no
shown 0 'storeit-ctl verify before.storeit'

chapter "Find the drill" '`show` reads the backup. Nothing is restored.'
shown 0 'storeit-ctl show before.storeit'
shown 0 'storeit-ctl show before.storeit --find "drill 18V"'

chapter "What has changed since" 'An item was added after the backup. `diff` compares the backup with the current data:'
printf '{"username":"admin","password":"changeme"}' > "$machine/root/login.json"
quietly "curl -sS -f -c cookies -H 'Content-Type: application/json' -d @login.json localhost:8080/api/v1/auth/local/login"
quietly "curl -sS -f -b cookies localhost:8080/api/v1/locations"
location=$(grep -o '"id": *"[^"]*"' "$folder/quiet" | head -n 1 | sed 's/.*"\([^"]*\)"$/\1/')
quietly "curl -sS -f -b cookies -H 'Content-Type: application/json' -d '{\"parent_type\":\"location\",\"parent_id\":\"$location\",\"name\":\"Spirit level\"}' localhost:8080/api/v1/items"
shown 0 'storeit-ctl diff before.storeit'

chapter "An upgrade that fails" 'This version was broken on purpose: it passes the rehearsal and fails as a service.'
shown 3 'storeit-ctl upgrade --releases /media/broken'
shown 0 'storeit-ctl status'

chapter "An upgrade"
shown 0 'storeit-ctl releases --releases /media/next'
bar=yes
shown 0 'storeit-ctl upgrade --releases /media/next'
bar=no
shown 0 'storeit-ctl status'

chapter "Something breaks" 'The file of the server was overwritten by mistake.'
quietly "echo 'not a server' > /tmp/oops; mv /tmp/oops /usr/local/bin/storeit-server; systemctl restart storeit || true"
shown 1 'storeit-ctl status'
shown 4 'storeit-ctl doctor'

chapter "Roll back"
shown 0 'storeit-ctl rollback' y
shown 0 'storeit-ctl status'

chapter "Clean up"
shown 0 'storeit-ctl cleanup' y

chapter "Uninstall" 'The data is kept.'
shown 0 'storeit-ctl uninstall'
shown 0 'ls /var/lib/storeit'

cp "$page" docs/tour.md
scripts/tour/picture.sh
echo "Written: docs/tour.md, docs/images/upgrade.svg"
