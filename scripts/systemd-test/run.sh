#!/bin/sh
# Boots a Debian with nothing but a Java runtime under a real systemd, in a container of systemd-nspawn, and does there what an
# installation goes through in its life: install, upgrades from old servers, a new version that crash-loops, power cuts in every
# step of an upgrade, downgrade, cleanup, months of nightly backups, uninstall.
#
#   scripts/systemd-test/run.sh [--keep]        --keep leaves the machine's files in target/systemd-test/machine
#
# Needs root, systemd-nspawn, nsenter and debootstrap, and for the first run a network: the tree is kept in target/systemd-test.
# The container has no network but its own loopback. Where the machine cannot do it, it says SKIPPED and ends with 0.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
. scripts/java-check.sh
. scripts/machine.sh

keep=no
case ${1-} in '') ;; --keep) keep=yes ;; *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac

require_container

folder=$root/target/systemd-test
machine=$folder/machine
fixtures=$root/interchange/src/test/resources/fixtures
data=/var/lib/storeit
mkdir -p "$folder"

# What is configured for a real installation is not for the test.
for variable in $(env | sed -n 's/^\(STOREIT_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done
unset DATABASE_URL

# ---- Telling

checks=0
begun=$(date +%s)
step() { printf '\n== %s   [%d s]\n' "$*" $(($(date +%s) - begun)); }
note() { printf '   %s\n' "$*"; }
ok() { checks=$((checks + 1)); printf '   ok: %s\n' "$*"; }

# check TEXT COMMAND...: the command must succeed.
check() { text=$1; shift; if "$@"; then ok "$text"; else fail "$text"; fi; }

# show COMMAND...: runs a command in the machine, with what it prints. Its exit code is that of the command.
show() {
  printf '# %s\n' "$*"
  { { inside "$@" 2>&1; echo $? > "$folder/code"; } | sed 's/^/  /'; }
  return "$(cat "$folder/code")"
}

# expect CODE COMMAND...: as show, and the exit code must be that one.
expect() {
  wanted=$1
  shift
  code=0
  show "$@" || code=$?
  [ $code -eq "$wanted" ] || fail "'$*' ended with $code, expected $wanted"
}

# ---- The machine

# The end of the machine, whoever brought it about.
await_off() {
  wait "$nspawn" || :
  nspawn=
  leader=
}

switch_off() {
  inside systemctl poweroff > /dev/null 2>&1 || :
  await_off
}

cut_power() {
  kill -KILL "$leader"
  await_off
}

clean_up() {
  code=$?
  trap - EXIT HUP INT TERM
  if [ -n "$nspawn" ]; then
    [ -z "$leader" ] || kill -KILL "$leader" 2> /dev/null || :
    kill -TERM "$nspawn" 2> /dev/null || :
    wait "$nspawn" 2> /dev/null || :
  fi
  if [ $keep = yes ]; then echo "The machine stays: $machine"; else rm -rf "$machine"; fi
  [ $code -eq 0 ] || echo "The systemd test FAILED."
  exit $code
}

# ---- Looking at the installation

serves() { inside storeit-ctl status > "$folder/status" 2>&1 && grep -qx "App version: $1" "$folder/status"; }

# await SECONDS COMMAND...: until the command succeeds.
await() {
  patience=$(($1 * 5))
  shift
  until "$@"; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || return 1
    sleep 0.2
  done
}

await_version() {
  await 90 serves "$1" || {
    cat "$folder/status"
    inside journalctl -u storeit --no-pager -n 40 | sed 's/^/  /'
    fail "version $1 does not serve"
  }
}

version_serving() { await 90 inside storeit-ctl status > "$folder/status" 2>&1 || return 1; sed -n 's/^App version: //p' "$folder/status"; }

# content DATABASE IMAGES: every row and the hash of every photo, read with plain SQL as the server's user.
content() {
  inside setpriv --reuid=storeit --regid=storeit --clear-groups java -XX:TieredStopAtLevel=1 -cp /opt/test/classes:/opt/test/server.jar \
    Household rows "$1" "$2"
}

remember_content() { content "$data/storeit.db" "$data/images" > "$folder/content"; }

same_content() {
  content "$data/storeit.db" "$data/images" > "$folder/content.now"
  cmp -s "$folder/content" "$folder/content.now" || { diff "$folder/content" "$folder/content.now" | head; fail "the content is not what it was"; }
  ok "same content: $(grep -vc '^image ' "$folder/content") rows by SQL, $(grep -c '^image ' "$folder/content") photos by SHA-256"
}

# The test itself must not use up the unit's starts.
start_unit() { inside systemctl reset-failed storeit && inside systemctl start storeit; }

property() { inside systemctl show --property="$1" --value "${2:-storeit}"; }
has_process() { [ "$(property MainPID)" != 0 ]; }
is_active() { [ "$(property ActiveState "${1-}")" = active ]; }
# A download that was broken off stays where the next one goes on with it.
no_leftovers() {
  found=$(cd "$machine" && find .$data usr/local/bin -name .storeit-download -prune -o -name '*.rehearsal' -o -name '*.new' -o -name '*.part' -o -name '*.download' -o -name '*.importing' | grep -v '/.storeit-download$')
  [ -z "$found" ] || { echo "$found"; return 1; }
}
not_interrupted() { ! grep -q '^Last operation: .*interrupted' "$folder/status"; }

# install_data FIXTURE: that household in the place of the installation's, whose server is stopped.
install_data() {
  rm -rf "${machine:?}$data/storeit.db"* "$machine$data/images" "$machine$data"/pre-*.storeit "$machine$data"/backups/*
  cp "$fixtures/$1/storeit.db" "$machine$data/storeit.db"
  cp -R "$fixtures/$1/images" "$machine$data/images"
  chmod -R u+w "$machine$data"
  inside chown -R storeit:storeit $data
}

# ---- Before the machine is booted

trap clean_up EXIT
trap 'exit 130' HUP INT TERM

step "The versions, and a Debian with a Java runtime"
scripts/build.sh
scripts/build.sh next
scripts/mvn -q -B -ntp -pl scripts/ctl-tests -am -DskipTests process-test-classes
new_machine "$folder/debian-bookworm" systemd,systemd-sysv,dbus,libpam-systemd,dbus-user-session,openjdk-17-jre-headless,faketime

mkdir -p "$machine/opt/test/classes" "$machine/opt/reference/lib"
"${java_bin}javac" --release 17 -nowarn -d "$machine/opt/test/classes" -cp target/storeit-server scripts/demo/Household.java
cp target/next/storeit-server "$machine/opt/test/server.jar"
# The stand-in of the old servers, and its libraries where a service may read them.
cp -R scripts/ctl-tests/target/test-classes "$machine/opt/reference/classes"
{ tr ':' '\n' < scripts/ctl-tests/target/test-classpath.txt && echo; } | while IFS= read -r library; do cp -R "$library" "$machine/opt/reference/lib/"; done
scripts/release-folder.sh "$machine/srv/releases" 0.3.0 target/storeit-server target/storeit-ctl
scripts/release-folder.sh "$machine/srv/releases" 0.4.0 target/next/storeit-server
# A version that is good in the rehearsal and crashes as a service.
{
  echo '#!/bin/sh'
  # shellcheck disable=SC2016
  echo 'if [ "${1-}" = serve ] && [ -n "${INVOCATION_ID-}" ]; then sleep 5; echo "Error: the synthetic fault of this version" >&2; kill -SEGV $$; fi'
  tail -n +2 target/next/storeit-server
} > "$folder/crashing"
chmod 755 "$folder/crashing"
scripts/release-folder.sh "$machine/srv/crashing" 0.4.0 "$folder/crashing"
cp target/storeit-ctl "$machine/root/storeit-ctl"
printf 'changeme\n' > "$machine/root/password"
chmod 600 "$machine/root/password"
"${java_bin}javac" -d "$folder/classes" scripts/systemd-test/PowerCut.java

consent="--yes --allow-unsigned --accept-loss --patience 60"
login="--username admin --password-file /root/password"

boot
system=$(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' "$machine/usr/lib/os-release")
note "$system, $(inside systemctl --version | head -n 1), $(inside java -version 2>&1 | head -n 1)"
check "nothing but a runtime: no javac, no JBang" inside sh -c '! command -v javac && ! command -v jbang'
for version in "0.1.0 1" "0.2.1 2"; do
  inside sh -c "java -cp '/opt/reference/classes:/opt/reference/lib/*' io.storeit.reference.ReferenceAsset $version /opt/reference/storeit-server-${version% *}" ||
    fail "no stand-in of $version"
done

# ---- The life of an installation

step "Install"
expect 0 /root/storeit-ctl install 0.3.0 --releases /srv/releases --allow-unsigned --patience 60
check "the unit is active" await 30 is_active
check "its process is the user storeit's" [ "$(inside stat -c %U "/proc/$(property MainPID)")" = storeit ]
check "Type=exec, and systemctl start returns when the server answers" inside sh -c 'systemctl restart storeit && storeit-ctl status > /dev/null'
check "refusals are not repeated" [ "$(property RestartPreventExitStatus)" = "1 2 127" ]
show systemd-analyze security --no-pager storeit.service | tail -n 1
exposure=$(inside systemd-analyze security --no-pager storeit.service | sed -n 's/.*exposure level for storeit.service: \([0-9.]*\) .*/\1/p')
check "exposure $exposure is at most 2.0" awk "BEGIN { exit !($exposure <= 2.0) }"
for service in storeit-backup.service storeit-upgrade-check.service; do
  exposure=$(inside systemd-analyze security --no-pager $service | sed -n 's/.*exposure level for [^:]*: \([0-9.]*\) .*/\1/p')
  check "$service: exposure $exposure is at most 2.0" awk "BEGIN { exit !($exposure <= 2.0) }"
done
check "both timers wait" inside systemctl --quiet is-active storeit-backup.timer storeit-upgrade-check.timer

step "Doctor"
# Nobody has made a backup yet.
expect 1 storeit-ctl doctor
check "the timer's backup, made as the server's user, is seen by root" inside sh -c 'systemctl start storeit-backup && storeit-ctl status | grep -q "^Last backup: /var/lib/storeit/backups/"'
expect 0 storeit-ctl doctor
inside systemctl --quiet disable storeit
check "a unit that would not start after a boot" inside sh -c 'storeit-ctl doctor | grep -qx " *to fix: systemctl enable storeit.service"'
inside systemctl --quiet enable storeit
inside sh -c 'mv /etc/systemd/system/storeit.service /root/storeit.service && systemctl --quiet mask storeit'
expect 4 storeit-ctl doctor
# shellcheck disable=SC2086
expect 1 storeit-ctl upgrade 0.4.0 --releases /srv/releases $consent
check "a masked unit is refused while its server still runs" serves 0.3.0
inside sh -c 'systemctl --quiet unmask storeit && mv /root/storeit.service /etc/systemd/system/storeit.service && systemctl daemon-reload && systemctl --quiet enable storeit'

step "A boot"
switch_off
boot
await_version 0.3.0
ok "after a reboot it serves by itself"

step "A server that refuses is left alone, one that crashes is started again"
inside systemctl stop storeit
cp "$machine$data/storeit.db" "$folder/kept.db"
printf 'not a database' > "$machine$data/storeit.db"
start_unit || :
await 30 inside systemctl --quiet is-failed storeit
check "a database it cannot use: exit code 1, no restart" [ "$(property NRestarts) $(property ExecMainStatus)" = "0 1" ]
cat "$folder/kept.db" > "$machine$data/storeit.db"
start_unit
await_version 0.3.0
inside systemctl kill --kill-whom=main --signal=KILL storeit
await 60 sh -c "[ \"\$(nsenter -t $leader -m -u -i -n -p -r -w systemctl show --property=NRestarts --value storeit)\" = 1 ]"
await_version 0.3.0
ok "killed: systemd has started it again"

step "The unit starts the servers before 0.3.0 too; upgrade from one with schema 1"
inside systemctl stop storeit
install_data schema2-v0.2.1
inside cp /opt/reference/storeit-server-0.2.1 /usr/local/bin/storeit-server
start_unit
await_version 0.2.1
ok "0.2.1 serves in the same sandbox"
inside systemctl stop storeit
install_data schema1-v0.1.0
inside cp /opt/reference/storeit-server-0.1.0 /usr/local/bin/storeit-server
start_unit
await_version 0.1.0
remember_content
show storeit-ctl status
# shellcheck disable=SC2086
expect 0 storeit-ctl upgrade 0.3.0 --releases /srv/releases $login $consent
await_version 0.3.0
show storeit-ctl status
same_content
check "the unit is active" await 30 is_active
expect 0 storeit-ctl cleanup --yes

step "A new version that crash-loops"
mkdir -p "$machine/etc/systemd/system/storeit.service.d"
printf '[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=2\n' > "$machine/etc/systemd/system/storeit.service.d/limit.conf"
inside systemctl daemon-reload
inside systemctl reset-failed storeit
inside systemctl restart storeit
note "start limit: 2 starts in an hour, one is used up; the upgrade itself needs two more"
# shellcheck disable=SC2086
expect 3 storeit-ctl upgrade 0.4.0 --releases /srv/crashing $consent
await_version 0.3.0
ok "rolled back by itself, in spite of systemd's start limit"
await 30 is_active
check "no restart of the crashing version is pending" [ "$(property SubState) $(property NRestarts)" = "running 0" ]
same_content
check "nothing is left of it" no_leftovers
rm -r "$machine/etc/systemd/system/storeit.service.d"
inside systemctl daemon-reload

note "the same, and storeit-ctl is killed as soon as it has started the new version"
inside systemd-run --quiet --unit=upgrade --setenv=HOME=/root sh -c "unset INVOCATION_ID; exec storeit-ctl upgrade 0.4.0 --releases /srv/crashing $consent"
await 120 grep -qE '"step" : "(start|check)"' "$machine$data/storeit.db.migration-journal" || fail "the upgrade does not come to the start"
await 20 has_process
inside systemctl kill --kill-whom=all --signal=KILL upgrade
await_version 0.3.0
inside journalctl -u storeit --no-pager -o cat -n 30 | grep -E 'Resuming|Undone|signal|restart' | tail -n 6 | sed 's/^/  /'
ok "systemd started it again, and before that the unit went back to 0.3.0"
same_content
check "nothing is interrupted any more" not_interrupted

step "Power cuts in each step of an upgrade; then a boot with no hand on it"
# Some steps take a few milliseconds: what cuts the power goes before all others, and where it came too late it may try again.
journal=$machine$data/storeit.db.migration-journal
in_journal() { sed -n "s/^  \"$1\" : \"\(.*\)\",\$/\1/p" "$journal"; }

# upgrade_cut_in STEP: an upgrade that loses its power there, and a boot that nobody attends to.
upgrade_cut_in() {
  await_version 0.3.0
  nice -n -20 "${java_bin}java" -XX:TieredStopAtLevel=1 -cp "$folder/classes" PowerCut "$journal" "$1" "$leader" > "$folder/cut" &
  watcher=$!
  await 20 grep -q ready "$folder/cut" || fail "nobody watches the journal"
  # shellcheck disable=SC2086
  inside storeit-ctl upgrade 0.4.0 --releases /srv/releases $consent > "$folder/upgrade.log" 2>&1 || :
  wait $watcher || { cat "$folder/upgrade.log"; fail "the upgrade was not met in the step $1"; }
  await_off
  met=$(in_journal step)
  was="$(in_journal state) $met"
  boot
  where="after a power cut in the step $met"
  serving=$(version_serving) || { cat "$folder/status"; inside journalctl -u storeit -b --no-pager -n 40; fail "nobody serves $where"; }
  installed=$(inside /usr/local/bin/storeit-server version | sed -n 's/.*"app_version": "\(.*\)".*/\1/p')
  content "$data/storeit.db" "$data/images" > "$folder/content.now"
  cmp -s "$folder/content" "$folder/content.now" || fail "the content is another $where"
  [ "$serving" = "$installed" ] || fail "$serving serves, but $installed is installed $where"
  not_interrupted || { cat "$folder/status"; fail "the operation is still interrupted $where"; }
  no_leftovers || fail "files are left $where"
  ok "$(printf 'cut in %-15s (journal: %s) -> %s serves, complete' "$met" "$was" "$serving")"
  [ "$serving" = 0.3.0 ] || inside storeit-ctl rollback --yes --patience 60 > /dev/null
  inside storeit-ctl cleanup --yes > /dev/null
}

for cut in backup download rehearse stop import switch-database switch-binary start check commit; do
  for attempt in 1 2 3; do
    upgrade_cut_in $cut
    [ "$met" != $cut ] || break
    [ $attempt -lt 3 ] || note "the step $cut was too short to be met"
  done
done

step "Upgrade, downgrade, cleanup"
# shellcheck disable=SC2086
expect 0 storeit-ctl upgrade 0.4.0 --releases /srv/releases $consent
await_version 0.4.0
same_content
# shellcheck disable=SC2086
expect 0 storeit-ctl downgrade 0.3.0 --releases /srv/releases $consent
await_version 0.3.0
same_content
expect 0 storeit-ctl cleanup --yes
expect 0 ls $data /usr/local/bin
check "only the present version's files are there" [ "$(cd "$machine/usr/local/bin" && echo *)" = "storeit-ctl storeit-server" ]

step "The upgrade check"
echo STOREIT_CTL_RELEASES_URL=/srv/releases >> "$machine/etc/storeit/storeit.env"
inside systemctl start storeit-upgrade-check.service
inside journalctl _SYSTEMD_UNIT=storeit-upgrade-check.service --no-pager -o cat | sed 's/^/  /' > "$folder/told"
cat "$folder/told"
check "it tells of 0.4.0" grep -q '0\.4\.0' "$folder/told"
check "and 0.3.0 goes on serving" serves 0.3.0

step "Backups over simulated months, by the unit itself"
unit=$machine/etc/systemd/system/storeit-backup.service.d
mkdir -p "$unit"
faketime=$(cd "$machine" && find usr/lib -name libfaketime.so.1 | head -n 1)
first=$(date -u -d '2027-01-01 03:10:00' +%s)

# backup_of_day N: the unit runs, with the clock of that night.
backup_of_day() {
  printf '[Service]\nEnvironment=LD_PRELOAD=/%s FAKETIME_DONT_FAKE_MONOTONIC=1 TZ=UTC "FAKETIME=@%s"\n' "$faketime" \
    "$(date -u -d "@$((first + $1 * 86400))" '+%Y-%m-%d %H:%M:%S')" > "$unit/clock.conf"
  inside systemctl daemon-reload
  inside systemctl start storeit-backup.service || { inside journalctl -u storeit-backup --no-pager -n 20; fail "the backup of day $1 failed"; }
}

backup_of_day 0
made=$(echo "$machine$data"/backups/*)
note "200 nights from $(basename "$made") on; those between the first and the last four are copies of it"
day=1
while [ $day -le 196 ]; do
  cp -p "$made" "$machine$data/backups/storeit-backup-$(date -u -d "@$((first + day * 86400))" +%Y%m%d)-031000.storeit"
  day=$((day + 1))
done
for day in 197 198 199 200; do backup_of_day $day; done
rm -r "$unit"
inside systemctl daemon-reload
expect 0 ls -l $data/backups
note "$(inside journalctl -u storeit-backup --no-pager -o cat | grep -c '^Backup saved') backups written, $(inside journalctl -u storeit-backup --no-pager -o cat | grep -c '^Deleted:') deleted"
(cd "$machine$data/backups" && ls) > "$folder/kept"
sed "s/^/storeit-backup-/; s/$/-0310/" > "$folder/expected" << END
20270228
20270331
20270430
20270531
20270630
20270704
20270711
20270714
20270715
20270716
20270717
20270718
20270719
20270720
END
sed 's/[0-9][0-9]\.storeit$//' "$folder/kept" > "$folder/kept.days"
diff "$folder/expected" "$folder/kept.days" || fail "other backups were kept than expected"
ok "kept: the last 7 days with a backup, the last of 4 weeks and of 6 months"

printf '[Timer]\nOnCalendar=\nOnCalendar=*-*-* *:*:00/3\nRandomizedDelaySec=0\n' > "$folder/now.conf"
mkdir -p "$machine/etc/systemd/system/storeit-backup.timer.d"
cp "$folder/now.conf" "$machine/etc/systemd/system/storeit-backup.timer.d/now.conf"
inside systemctl daemon-reload
inside systemctl restart storeit-backup.timer
await 60 sh -c "ls $machine$data/backups | grep -q storeit-backup-$(date -u +%Y%m%d)"
ok "the timer fires and makes one"
rm -r "$machine/etc/systemd/system/storeit-backup.timer.d"
inside systemctl daemon-reload
inside systemctl restart storeit-backup.timer
# While it works it is activating, which is-active does not count.
backup_is_over() { [ "$(property ActiveState storeit-backup.service)" = inactive ]; }
await 60 backup_is_over
ls "$machine$data/backups" > "$folder/kept"
newest=$(tail -n 1 "$folder/kept")
expect 0 storeit-ctl verify $data/backups/"$newest"
photo=$(sed -n 's/^image \([^ ]*\) .*/\1/p' "$folder/content" | head -n 1)
mv "$machine$data/images/$photo" "$machine$data/images/away"
code=0
inside systemctl start storeit-backup.service 2> /dev/null || code=$?
mv "$machine$data/images/away" "$machine$data/images/$photo"
check "a backup that cannot be complete fails" [ $code -ne 0 ]
ls "$machine$data/backups" > "$folder/kept.now"
check "and deletes nothing" cmp -s "$folder/kept" "$folder/kept.now"

step "A stopped server: storeit-ctl asks systemd for the unit's own settings"
inside systemctl stop storeit
rm -rf "$machine/root/.local/state/storeit-ctl"
expect 0 storeit-ctl backup -o /root/stopped.storeit
start_unit
await_version 0.3.0

step "Uninstall"
expect 0 storeit-ctl uninstall
check "no unit, no program" inside sh -c '! ls /etc/systemd/system/storeit* /usr/local/bin/storeit* 2> /dev/null'
content $data/storeit.db $data/images > "$folder/content.now"
check "the data are as they were" cmp -s "$folder/content" "$folder/content.now"
expect 0 /root/storeit-ctl install 0.3.0 --releases /srv/releases --allow-unsigned --patience 60
await_version 0.3.0
same_content
expect 0 storeit-ctl uninstall --delete-data --yes
check "nothing is left, not even the user" inside sh -c "! ls -d $data /etc/storeit 2> /dev/null && ! id storeit 2> /dev/null"

step "An installation of 0.2 as its documentation had it: a unit of its own, upgraded where it is"
inside useradd --system --user-group --home-dir=/opt/storeit --no-create-home --shell=/usr/sbin/nologin storeit
mkdir -p "$machine/opt/storeit/data"
cp "$fixtures/schema1-v0.1.0/storeit.db" "$machine/opt/storeit/data/storeit.db"
cp -R "$fixtures/schema1-v0.1.0/images" "$machine/opt/storeit/images"
cp "$machine/opt/reference/storeit-server-0.1.0" "$machine/opt/storeit/storeit-server"
cat > "$machine/opt/storeit/.env" << 'END'
# relative, to the working folder
DATABASE_URL=sqlite:data/storeit.db?mode=rwc
STOREIT_IMAGE_PATH=images
STOREIT_BIND=127.0.0.1:8080
STOREIT_ADMIN_DISPLAY_NAME="Mira \"the admin\" \\ 100% \$5"
END
cat > "$machine/etc/systemd/system/storeit.service" << 'END'
[Unit]
Description=StoreIT
[Service]
User=storeit
WorkingDirectory=/opt/storeit
Environment="ODD=two words, a \"quote\", 50%%, $HOME, 'x'" STOREIT_SESSION_TTL_HOURS=12 STOREIT_BIND=overruled
EnvironmentFile=/opt/storeit/.env
ExecStart=/opt/storeit/storeit-server
Restart=always
[Install]
WantedBy=multi-user.target
END
inside chown -R storeit:storeit /opt/storeit
chmod -R u+w "$machine/opt/storeit"
cp target/storeit-ctl "$machine/usr/local/bin/storeit-ctl"
inside systemctl daemon-reload
inside systemctl enable --now storeit 2> /dev/null
await_version 0.1.0
content /opt/storeit/data/storeit.db /opt/storeit/images > "$folder/content"
# shellcheck disable=SC2086
expect 0 storeit-ctl upgrade 0.3.0 --releases /srv/releases $login $consent
await_version 0.3.0
show storeit-ctl status
content /opt/storeit/data/storeit.db /opt/storeit/images > "$folder/content.now"
check "same content" cmp -s "$folder/content" "$folder/content.now"

# Without the two variables that the shell of the launch stub sets.
environment_of() { sed -n '/"environment" : {/,/}/p' "$1" | grep -v '"LC_ALL"\|"PWD"' | sed 's/,$//' | sort; }
record=$machine/root/.local/state/storeit-ctl/localhost_8080.json
rm -f "$record"
inside storeit-ctl status > /dev/null
environment_of "$record" > "$folder/environment.running"
inside systemctl stop storeit
rm -f "$record"
expect 0 storeit-ctl rollback --yes --patience 60
environment_of "$record" > "$folder/environment.asked"
sed -n '/ODD\|DISPLAY_NAME\|BIND/p' "$folder/environment.asked"
diff "$folder/environment.running" "$folder/environment.asked" || fail "systemd was understood differently from what the process has"
ok "what systemd says of the stopped unit is what the running process had: $(grep -c ' : "' "$folder/environment.asked") variables"
await_version 0.1.0
content /opt/storeit/data/storeit.db /opt/storeit/images > "$folder/content.now"
check "rolled back from a stopped unit, same content" cmp -s "$folder/content" "$folder/content.now"

switch_off
printf '\nThe systemd test passed: %d checks in %d s.\n' $checks $(($(date +%s) - begun))
