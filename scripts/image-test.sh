#!/bin/sh
# Builds the container image and runs it with podman: an upgrade of an old installation, one that fails, one that is killed at many
# moments, the rollback of docs/upgrading.md by copy and paste, a stop under load, and what the image is and may do.
#
#   scripts/image-test.sh [--keep] [SCENARIO...]
#
# --keep leaves images and folders in target/image-test, so that the next run builds faster. SCENARIOs are functions of this script.
# The containers run in a network without a way out. Ends with 0 if all is well; where the machine cannot do it, says SKIPPED and why.
set -eu
root=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)
cd "$root"

work=$root/target/image-test
image=ghcr.io/bronson-brown-devost/storeit
fixture=interchange/src/test/resources/fixtures/schema1-v0.1.0
database=data/db/storeit.db
most_bytes=80000000

skip() {
  echo "SKIPPED: the image was not tested: $*"
  exit 0
}

# ---------------------------------------------------------------------------------------------------------------------- the images

# Debian slim as a tree of this machine's own: debootstrap's, without what Debian's slim image leaves out.
base_image() {
  if [ ! -s "$work/debian.tar" ]; then
    echo "Making a Debian tree"
    rm -rf "$work/debian"
    debootstrap --variant=minbase bookworm "$work/debian" > "$work/debootstrap.log" 2>&1 ||
      skip "debootstrap makes no Debian tree here: $(tail -n 1 "$work/debootstrap.log")"
    (
      cd "$work/debian"
      rm -rf var/cache/apt/archives/*.deb var/cache/apt/*.bin var/lib/apt/lists/* var/log/* var/cache/debconf/*-old var/lib/dpkg/*-old
      rm -rf usr/share/man/* usr/share/info/* usr/share/locale/* usr/share/groff usr/share/lintian usr/share/linda
      find usr/share/doc ! -type d ! -name copyright -delete
      find usr/share/doc -type d -empty -delete
      tar -cf ../debian.tar.part .
    )
    mv "$work/debian.tar.part" "$work/debian.tar"
    rm -rf "$work/debian"
  fi
  podman image exists debian:bookworm-slim || podman import --quiet "$work/debian.tar" debian:bookworm-slim > /dev/null
}

# The newest image stays `latest`: that is what an installation without a pinned version gets.
images() {
  scripts/release-folder.sh "$work/releases" 0.3.0 "$1"
  scripts/release-folder.sh "$work/releases" 0.4.0 target/next/storeit-server
  for version in 0.3.0 0.4.0; do
    echo "Building the image of $version"
    CONTAINER_TOOL=podman scripts/image.sh --release "$work/releases/v$version" \
      --isolation=chroot --network=host --pull-never --layers > "$work/build-$version.log" 2>&1 || {
      tail -n 30 "$work/build-$version.log"
      fail "the image of $version cannot be built"
    }
  done
}

# Commands that the test and the documentation call: podman with a store of its own, and as much of `docker compose` as is documented.
commands() {
  PATH=$work/bin:$PATH
  export PATH
  [ "$1" = made ] || make_commands
}

make_commands() {
  rm -f "$work/bin/podman" "$work/bin/docker"
  mkdir -p "$work/bin" "$work/classes"
  cat > "$work/bin/podman" << END
#!/bin/sh
exec $(command -v podman) --log-level=fatal --root '$work/store' --runroot '$run' --runtime=runc --storage-driver=vfs --cgroup-manager=cgroupfs "\$@"
END
  cat > "$work/bin/docker" << END
#!/bin/sh
set -eu
[ "\$1" = compose ] && shift
case \$1 in
pull) echo "(the images are here)" ;;
down)
  podman stop --time 10 storeit > /dev/null
  podman rm storeit > /dev/null
  ;;
up)
  [ "\$2" = -d ]
  # Docker makes the folders that are missing, and they belong to root.
  mkdir -p data/db data/images
  '${java_bin}java' -cp '$work/classes:$root/target/storeit-server' Compose . > .wanted
  rm -f .pid
  # A container of the same configuration is only started again.
  if podman container exists storeit; then
    if cmp -s .wanted .arguments; then exec podman start storeit > /dev/null; fi
    podman rm --force --time 10 storeit > /dev/null
  fi
  mv .wanted .arguments
  set --
  while IFS= read -r argument; do set -- "\$@" "\$argument"; done < .arguments
  podman run --detach --pull=never --name storeit --pidfile .pid --network=host --cgroups=no-conmon \\
    --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 "\$@" > /dev/null
  ;;
logs) podman logs storeit 2>&1 ;;
run)
  [ "\$2 \$3" = '--rm storeit' ]
  shift 3
  options=\$(grep -v -e --restart -e unless-stopped .arguments)
  podman run --rm --pull=never --network=host --cgroups=no-conmon --ulimit=nofile=1024:1024 --ulimit=nproc=1000:1000 \$options "\$@"
  ;;
exec)
  shift
  podman exec "\$@"
  ;;
*) exit 64 ;;
esac
END
  chmod +x "$work/bin/podman" "$work/bin/docker"
  "${java_bin}javac" -d "$work/classes" -cp target/storeit-server scripts/demo/Household.java scripts/image-test/Compose.java
}

# --------------------------------------------------------------------------------------------------------------------------- tools

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

scenario() {
  if [ -d "$work/scenario" ]; then
    if podman container exists storeit; then podman rm --force --time 0 storeit > /dev/null; fi
    cd "$root"
    rm -rf "$work/scenario"
  fi
  printf '%s  == %s\n' "$(date +%T)" "$*"
  mkdir -p "$work/scenario/installation"
  cp compose/compose.yaml "$work/scenario/installation/"
  cp compose/.env.example "$work/scenario/installation/.env"
  cd "$work/scenario/installation"
}

ok() { printf '             %s\n' "$*"; }

household() { "${java_bin}java" -XX:TieredStopAtLevel=1 -cp "$work/classes:$root/target/storeit-server" Household "$@"; }

no_restart() { sed -i 's/^    restart: .*//' compose.yaml; }

pin() { echo "STOREIT_VERSION=$1" >> .env; }

# What an installation of 0.2 leaves: all of it belongs to root.
old_installation() {
  mkdir data data/db
  cp "$root/$fixture/storeit.db" data/db/
  cp -R "$root/$fixture/images" data/
  chown -R root:root data
  chmod -R u+w data
  remember
}

# The present content and file are what `same` and `untouched` compare with.
remember() {
  household rows $database data/images > ../expected
  cp $database ../original.db
}

same() {
  household rows $database data/images > ../found
  cmp -s ../expected ../found || {
    diff ../expected ../found | head -n 5
    fail "the content is not what it was"
  }
}

original() { cmp -s "$1" ../original.db || fail "$1 is not the old database, byte for byte"; }

files_are() {
  found=$(cd data/db && find . -mindepth 1 | sort | sed 's,^\./,,' | tr '\n' ' ')
  [ "$found" = "$* " ] || fail "in data/db there are: $found- and not: $*"
}

# The texts of the log, without times and levels; lines of a failed start have neither.
log_texts() { docker compose logs | sed 's/^[0-9TZ:.-]* *[A-Z]* storeit_server[a-z_:]*: //'; }

# wait_for SECONDS COMMAND...
wait_for() {
  patience=$(($1 * 20))
  shift
  until "$@" > /dev/null 2>&1; do
    patience=$((patience - 1))
    [ $patience -gt 0 ] || {
      docker compose logs | tail -n 20
      fail "waited in vain for: $*"
    }
    sleep 0.05
  done
}

healthy() { STOREIT_BIND=127.0.0.1:8080 bash "$root/compose/storeit-health" 2> /dev/null; }

process() { cat .pid; }

# The whole container at once, as by a power cut. Only after no_restart: podman would bring it back.
kill_hard() {
  kill -9 "$(process)"
  wait_for 10 at_rest
}

# kill_among_writes FILE: kills the container while items are added; FILE gets those that were acknowledged.
kill_among_writes() {
  docker compose up -d
  wait_for 60 healthy
  household add-items http://127.0.0.1:8080 admin changeme "$1" &
  writer=$!
  wait_for 30 test -s "$1"
  sleep 1
  kill_hard
  wait $writer
  [ -s $database-wal ] || fail "there is no write-ahead log after a kill under load"
}

at_rest() { [ "$(podman inspect --format '{{.State.Running}}' storeit)" = false ]; }

exit_code() { podman inspect --format '{{.State.ExitCode}}' storeit; }

# stop SECONDS: it ends by itself, with 0, and leaves no side files.
stop() {
  begin=$(date +%s%N)
  podman stop --time 10 storeit > /dev/null
  milliseconds=$((($(date +%s%N) - begin) / 1000000))
  [ "$(exit_code)" = 0 ] || fail "the stopped container ended with $(exit_code)"
  [ $milliseconds -le $(($1 * 1000)) ] || fail "the stop took $milliseconds ms"
  for side in -wal -shm -journal .token .work; do
    [ ! -e $database$side ] || fail "$database$side is left after a stop"
  done
}

# documented HEADING: the first code block below it in docs/upgrading.md.
documented() {
  awk -v heading="$1" '$0 == heading { seen = 1 } seen && /^```/ { if (block) exit; block = 1; next } seen && block' "$root/docs/upgrading.md"
}

# ----------------------------------------------------------------------------------------------------------------------- scenarios

fresh_start() {
  scenario "A fresh start, as compose.yaml has it: read-only, /tmp without exec, few capabilities"
  echo "STOREIT_ADMIN_PASSWORD=a good password" >> .env
  docker compose up -d
  wait_for 60 healthy
  log_texts | grep -qx 'no existing database found, skipping auto-upgrade' || fail "nothing is said about the missing database"
  log_texts | grep -qx 'listening on 0.0.0.0:8080' || fail "it does not say where it listens"

  for line in 'Uid:	1000	1000	1000	1000' 'Gid:	1000	1000	1000	1000' 'CapEff:	0000000000000000' 'NoNewPrivs:	1'; do
    grep -qx "$line" "/proc/$(process)/status" || fail "the server does not run with $line"
  done
  [ -z "$(find data -mindepth 1 ! -user 1000)" ] || fail "not everything in ./data belongs to user 1000"
  podman exec storeit sh -c '! touch /somewhere 2> /dev/null' || fail "its file system can be written to"
  podman exec storeit sh -c 'cp /bin/true /tmp/ && ! /tmp/true 2> /dev/null' || fail "a program in /tmp can be run"
  ok "the server is process 1, user 1000, without capabilities; its file system is read-only"

  podman healthcheck run storeit || fail "the health check says no"
  household picture picture.jpg
  cp "$(find "$root/$fixture/images" -name '*.webp' ! -name '*_*' | head -n 1)" picture.webp
  login='{"username":"admin","password":"a good password"}'
  curl -sSf -o /dev/null -c jar -H 'Content-Type: application/json' -d "$login" http://127.0.0.1:8080/api/v1/auth/local/login
  location=$(curl -sSf -b jar -H 'Content-Type: application/json' -d '{"name":"Cellar"}' http://127.0.0.1:8080/api/v1/locations | id_in_answer)
  for picture in picture.jpg picture.webp; do
    photo=$(curl -sSf -b jar -F entity_type=location -F "entity_id=$location" -F "file=@$picture" http://127.0.0.1:8080/api/v1/photos | id_in_answer)
    type=$(curl -sSf -o thumbnail -w '%{content_type}' -b jar "http://127.0.0.1:8080/api/v1/photos/$photo/thumbnail")
    { [ "$type" = image/webp ] && ! cmp -s thumbnail $picture; } || fail "no thumbnail of $picture is made, as if a library did not load"
  done
  ok "the health check works, and photos get their thumbnails"

  docker compose exec -u storeit storeit storeit-server export -o /data/db/backup.storeit > /dev/null
  docker compose exec -u storeit storeit storeit-server version > /dev/null
  docker compose exec -u storeit storeit storeit-server verify > /dev/null
  docker compose exec -u storeit storeit storeit-server verify /data/db/backup.storeit > /dev/null
  stop 3
  ok "stopped after $milliseconds ms, with 0"
  files_are backup.storeit storeit.db storeit.db.database.lock
  remember
  docker compose down
  docker compose run --rm storeit import /data/db/backup.storeit > /dev/null
  same
  files_are backup.storeit storeit.db storeit.db.database.lock storeit.db.pre-import
  ok "a backup of the running container is whole, and is taken back"
}

id_in_answer() { sed 's/.*"id":"\([^"]*\)".*/\1/'; }

old_layout() {
  scenario "An installation of 0.2 with schema 1, all of it owned by root"
  old_installation
  pin 0.3.0
  docker compose pull
  docker compose up -d
  wait_for 60 healthy
  documented '## Docker Compose' > /dev/null
  awk '/^You.ll see this/ { seen = 1 } seen && /^```/ { if (block) exit; block = 1; next } seen && block' "$root/docs/upgrading.md" > ../documented
  [ "$(wc -l < ../documented)" = 5 ] || fail "the documentation does not have its five lines"
  log_texts | grep -Fx -f ../documented > ../logged
  cmp -s ../documented ../logged || {
    docker compose logs
    fail "the documented lines are not in the log, each once and in their order"
  }
  ok "the log has the five documented lines, each once and in their order"
  [ -z "$(find data -mindepth 1 ! -user 1000)" ] || fail "not everything in ./data belongs to user 1000"
  grep -q '^Uid:	1000	' "/proc/$(process)/status" || fail "the server does not run as user 1000"
  stop 3
  files_are storeit.db storeit.db.database.lock storeit.db.pre-upgrade
  original $database.pre-upgrade
  same
  ok "$(grep -vc '^image ' ../expected) rows and $(grep -c '^image ' ../expected) photos are the same; the old database is kept, byte for byte"
}

failing() {
  scenario "An upgrade that fails, in a restart loop"
  old_installation
  # A reference that leads nowhere: the export takes it along, the import refuses it.
  household sql $database "PRAGMA foreign_keys = OFF; UPDATE locations SET parent_id = '00000000-0000-4000-8000-000000000000' WHERE name = 'Garage'"
  remember
  pin 0.3.0
  docker compose up -d
  wait_for 60 test -e $database.auto-upgrade-failed
  wait_for 60 restarts 1
  (cd data/db && find . -mindepth 1 -printf '%p %i %s %T@\n' | sort) > ../first
  wait_for 60 restarts 3
  (cd data/db && find . -mindepth 1 -printf '%p %i %s %T@\n' | sort) > ../second
  cmp -s ../first ../second || {
    diff ../first ../second
    fail "a restart changed a file"
  }
  podman stop --time 0 storeit > /dev/null 2>&1 || :
  [ "$(log_texts | grep -c '^schema version mismatch')" = 1 ] || fail "the upgrade was tried more than once"
  log_texts | grep '^Error: auto-upgrade failed: ' | head -n 1
  log_texts | grep '^Error: auto-upgrade failed before: ' | head -n 1
  original $database
  files_are storeit.db storeit.db.auto-upgrade-failed storeit.db.database.lock
  pin 0.3.0
  no_restart
  docker compose up -d
  wait_for 30 at_rest
  [ "$(exit_code)" = 1 ] || fail "a failed start ended with $(exit_code)"
  ok "the old database is there, byte for byte; each restart gives the reason again and touches nothing; exit code 1"

  household sql $database "UPDATE locations SET parent_id = NULL WHERE name = 'Garage'"
  remember
  docker compose up -d
  wait_for 60 healthy
  stop 3
  same
  ok "repaired, it upgrades"
}

restarts() { [ "$(docker compose logs | grep -c 'failed before')" -ge "$1" ]; }

disk_full() {
  scenario "An upgrade on a full disk"
  old_installation
  no_restart
  cp $database ../aside.db
  mount -t tmpfs -o size=800k tmpfs data/db
  cp ../aside.db $database
  pin 0.3.0
  docker compose up -d
  wait_for 30 at_rest
  [ "$(exit_code)" = 1 ] || fail "the start on a full disk ended with $(exit_code)"
  log_texts | grep '^Error: ' | head -n 1
  original $database
  mount -o remount,size=64m data/db
  rm -f $database.auto-upgrade-failed
  docker compose up -d
  wait_for 60 healthy
  stop 3
  same
  original $database.pre-upgrade
  podman rm storeit > /dev/null
  umount data/db
  ok "the old database is there, byte for byte; with space it upgrades"
}

# Enough items for an upgrade of a second or two.
many_items() {
  copies="UPDATE more SET id = lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4' || substr(lower(hex(randomblob(2))), 2) || '-8' || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))); INSERT INTO items SELECT * FROM more;"
  statements="CREATE TEMP TABLE more AS SELECT * FROM items;"
  for _ in 1 2 3 4 5 6; do statements="$statements $copies DROP TABLE more; CREATE TEMP TABLE more AS SELECT * FROM items;"; done
  household sql $database "$statements"
}

reset() {
  rm -rf data
  cp -R ../data.before data
}

# Returns when the moment has come or has slipped by. Without pauses: some moments are short.
moment() {
  patience=5000000
  while [ $patience -gt 0 ]; do
    patience=$((patience - 1))
    case $1 in
    working) [ ! -d $database.work ] || return 0 ;;
    building) [ ! -e $database.importing ] || return 0 ;;
    kept) [ ! -e $database.pre-upgrade ] || return 0 ;;
    switched) if [ -e $database.pre-upgrade ] && [ ! -e $database.importing ]; then return 0; fi ;;
    *) sleep "$1" && return 0 ;;
    esac
    [ ! -e $database.token ] || return 0
  done
}

killed() {
  scenario "An upgrade that is killed at many moments, and started again"
  old_installation
  many_items
  remember
  cp -R data ../data.before
  no_restart
  pin 0.3.0
  docker compose up -d
  podman stop --time 0 storeit > /dev/null
  reset
  begin=$(date +%s%N)
  podman start storeit > /dev/null
  wait_for 60 healthy
  whole=$((($(date +%s%N) - begin) / 1000000))
  stop 3
  same
  tally=
  for moment in working building kept switched 10 25 40 50 60 70 80 90; do
    reset
    case $moment in [0-9]*) moment=$(printf '%d.%03d' $((whole * moment / 100000)) $((whole * moment / 100 % 1000))) ;; esac
    docker compose up -d
    moment "$moment"
    kill_hard
    at=new
    ! cmp -s $database ../original.db || at=old
    tally="$tally $moment:$at"
    docker compose up -d
    wait_for 60 healthy
    stop 3
    files_are storeit.db storeit.db.database.lock storeit.db.pre-upgrade
    original $database.pre-upgrade
    same
  done
  case $tally in *switched:new*) ;; *) fail "no kill came between the switch and the end:$tally" ;; esac
  case $tally in *building:old*) ;; *) fail "no kill came before the switch:$tally" ;; esac
  ok "start to first answer in $whole ms; what a kill left (moment or seconds since the start:database):$tally"
  ok "each time the next start ended with the whole content and one copy of the old database"
}

stopped() {
  scenario "A stop in the middle of an upgrade"
  old_installation
  many_items
  remember
  pin 0.3.0
  docker compose up -d
  moment working
  begin=$(date +%s%N)
  podman stop --time 10 storeit > /dev/null
  milliseconds=$((($(date +%s%N) - begin) / 1000000))
  # 128 and the number of SIGTERM; 137 would be a container that did not listen and was killed.
  [ "$(exit_code)" = 143 ] || fail "the stopped container ended with $(exit_code)"
  original $database
  ok "stopped after $milliseconds ms"
  docker compose up -d
  wait_for 60 healthy
  stop 3
  same
  original $database.pre-upgrade
  ok "the next start ended with the whole content and one copy of the old database"
}

rollback() {
  scenario "Upgrade by pull, hard kill 2 s after a write, and the documented rollback by copy and paste"
  old_installation
  no_restart
  pin 0.3.0
  docker compose up -d
  wait_for 60 healthy
  stop 3
  rm $database.pre-upgrade
  remember
  pin ''
  docker compose pull
  docker compose up -d
  wait_for 60 healthy
  log_texts | grep -q '^schema version mismatch: database has 2, binary expects 3' || fail "the newest image was not used"
  household add-item http://127.0.0.1:8080 admin changeme "Bought after the upgrade"
  sleep 2
  [ ! -s $database-wal ] || fail "two seconds after a write the write-ahead log is not empty"
  cp -R data ../data.after
  kill_hard
  pin 0.3.0
  documented '### Rolling Back (Docker)' > ../rollback.sh
  sed 's/^/             $ /' ../rollback.sh | grep -v '\$ $'
  sh -e ../rollback.sh
  wait_for 60 healthy
  log_texts | grep -qx 'schema version 2 matches, no migration needed' || fail "the old version does not run on the old database"
  stop 3
  same
  files_are storeit.db storeit.db.database.lock
  ok "0.3.0 runs again, with the content from before the upgrade"

  # The instructions people have from earlier versions lack the line that removes the side files.
  rm -rf data
  cp -R ../data.after data
  rm -rf ../data.after
  [ -e $database-wal ] || fail "there is no write-ahead log, not even an empty one"
  grep -v -e -wal ../rollback.sh | grep -v -e '^docker compose down' > ../earlier.sh
  sh -e ../earlier.sh
  wait_for 60 healthy
  stop 3
  same
  ok "so it does by the instructions of earlier versions, since the write-ahead log is empty when nobody writes"

  # A kill in the midst of writes leaves a log that counts: the newer version takes it along, and the documented line removes it.
  kill_among_writes ../acknowledged
  pin ''
  docker compose up -d
  wait_for 60 healthy
  stop 3
  acknowledged_are_there
  ok "killed among writes and upgraded: all $(wc -l < ../acknowledged) acknowledged writes are there"
  kill_among_writes ../more
  pin 0.3.0
  sh -e ../rollback.sh
  wait_for 60 healthy
  stop 3
  acknowledged_are_there
  ok "killed among writes and rolled back: the old database is whole"
}

acknowledged_are_there() {
  household rows $database data/images | sed -n 's/^items .*[ {]name="\(Client [^"]*\)".*/\1/p' | sort > ../present
  sort ../acknowledged | comm -23 - ../present > ../lost
  [ ! -s ../lost ] || fail "$(wc -l < ../lost) acknowledged writes are lost, the first is $(head -n 1 ../lost)"
}

stop_under_load() {
  scenario "Stops under load"
  old_installation
  pin 0.3.0
  for _ in 1 2 3; do
    docker compose up -d
    wait_for 60 healthy
    : > ../acknowledged
    household add-items http://127.0.0.1:8080 admin changeme ../acknowledged &
    writer=$!
    wait_for 30 test -s ../acknowledged
    sleep 2
    stop 4
    wait $writer
    acknowledged_are_there
    ok "stopped after $milliseconds ms, with 0 and without side files; all $(wc -l < ../acknowledged) acknowledged writes are there"
    household sql $database "DELETE FROM items WHERE name LIKE 'Client %'"
  done
}

other_user() {
  scenario "Another user, and no /tmp at all"
  old_installation
  chown -R 1234:1234 data
  pin 0.3.0
  printf '    user: "1234:1234"\n' >> compose.yaml
  sed -i '/^    tmpfs:/d' compose.yaml
  docker compose up -d
  wait_for 60 healthy
  [ -z "$(find data -mindepth 1 ! -user 1234)" ] || fail "files belong to somebody else"
  stop 3
  same
  ok "the container runs as the user that compose.yaml names, on that user's files"
}

figures() {
  scenario "Figures"
  pin 0.3.0
  docker compose up -d
  wait_for 60 healthy
  stop 3
  times=
  for _ in 1 2 3 4 5; do
    begin=$(date +%s%N)
    podman start storeit > /dev/null
    until healthy; do :; done
    times="$times $((($(date +%s%N) - begin) / 1000000))"
    stop 3
  done
  # shellcheck disable=SC2086 # one number a line
  ok "start, from \`podman start\` to the first answer, median of five: $(printf '%s\n' $times | sort -n | sed -n 3p) ms (all:$times)"

  podman push --quiet "$image:0.3.0" "dir:$work/pushed"
  bytes=0
  for layer in "$work"/pushed/*; do bytes=$((bytes + $(gzip -6 -c "$layer" | wc -c))); done
  rm -rf "$work/pushed"
  ok "size of the image, its layers compressed with gzip: $bytes bytes ($(podman image inspect --format '{{.Size}}' "$image:0.3.0") unpacked)"
  [ $bytes -le $most_bytes ] || fail "that is more than $most_bytes bytes"
}

# ---------------------------------------------------------------------------------------------------------------------------- main

clean_up() {
  code=$?
  trap - EXIT HUP INT TERM
  cd "$root"
  if podman container exists storeit 2> /dev/null; then podman rm --force --time 0 storeit > /dev/null || :; fi
  ! mountpoint -q "$work/scenario/installation/data/db" || umount "$work/scenario/installation/data/db"
  [ $keep = yes ] || rm -rf "$work/store" "$work/releases" "$work/scenario"
  rm -rf "$run"
  exit $code
}

keep=no
case ${1-} in
--keep) keep=yes && shift ;;
--scenarios)
  # In a network and with mounts of its own, see below.
  run=$2
  keep=yes
  . scripts/java-check.sh
  commands made
  trap clean_up EXIT
  trap 'exit 130' HUP INT TERM
  ip link set lo up
  shift 2
  [ $# -gt 0 ] || set -- \
    fresh_start old_layout failing disk_full killed stopped rollback stop_under_load other_user figures
  for name do $name; done
  exit 0
  ;;
-*) sed -n '5,7p' "$0" | cut -c 3- >&2; exit 2 ;;
esac

[ "$(uname -s)" = Linux ] || skip "that takes Linux"
[ "$(id -u)" = 0 ] || skip "that takes root, for debootstrap and for a network without a way out"
for program in podman runc debootstrap unshare ip curl bash; do
  command -v $program > /dev/null || skip "$program is missing"
done
unshare --net --mount ip link set lo up 2> /dev/null || skip "no network namespace can be made here"
. scripts/java-check.sh
[ -x target/storeit-server ] || scripts/build.sh
[ -x target/next/storeit-server ] || scripts/build.sh next
server=target/storeit-server
! ls dist/storeit-server-linux-"$(uname -m)" > /dev/null 2>&1 || server=dist/storeit-server-linux-$(uname -m)

mkdir -p "$work"
rm -rf "$work/scenario"
# Short, since it becomes part of the name of a socket, and the same each time, since the store remembers it.
run=/run/storeit-image-test-$(printf %s "$root" | cksum | cut -d ' ' -f 1)
trap clean_up EXIT
trap 'exit 130' HUP INT TERM
commands new
base_image
images "$server"
unshare --net --mount "$root/scripts/image-test.sh" --scenarios "$run" "$@"
echo "The image is as it should be."
