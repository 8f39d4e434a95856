# shellcheck shell=sh disable=SC2154 # folder and machine are set by those who read this
# Read by the scripts that boot a Debian of their own under a real systemd, in a container without a network. They set folder, for
# what belongs to the test, and machine, the folder in it that is booted.

skip() { echo "SKIPPED: $*"; exit 0; }
fail() { echo "FAILED: $*"; exit 1; }

require_container() {
  [ "$(uname -s)" = Linux ] || skip "systemd runs on Linux only"
  [ "$(id -u)" = 0 ] || skip "booting a container needs root"
  for program in systemd-nspawn nsenter debootstrap; do command -v $program > /dev/null || skip "there is no $program here"; done
}

# new_machine TREE PACKAGES: a fresh machine of Debian bookworm with these packages. TREE is made once and kept.
new_machine() {
  if [ ! -d "$1" ]; then
    echo "Making the Debian tree, once"
    rm -rf "$1.part"
    debootstrap --variant=minbase --include="$2" bookworm "$1.part" > "$folder/debootstrap.log" 2>&1 || {
      tail -n 5 "$folder/debootstrap.log"
      skip "no Debian tree could be made; is there a network?"
    }
    # Every boot is the boot of this machine, with a journal that outlives it.
    rm -f "$1.part/etc/machine-id" "$1.part"/var/cache/apt/archives/*.deb
    mkdir -p "$1.part/var/log/journal"
    systemd-machine-id-setup --root="$1.part" > /dev/null 2>&1
    mv "$1.part" "$1"
  fi
  rm -rf "$machine"
  cp -a "$1" "$machine"
}

nspawn=
leader=

boot() {
  systemd-nspawn --quiet -D "$machine" -b --register=no --keep-unit --private-network --hostname=storeit > "$folder/console.log" 2>&1 < /dev/null &
  nspawn=$!
  patience=600
  until leader=$(cat "/proc/$nspawn/task/$nspawn/children" 2> /dev/null) && leader=${leader%% *} && [ -n "$leader" ] &&
    inside systemctl is-system-running > "$folder/state" 2> /dev/null || grep -q degraded "$folder/state" 2> /dev/null; do
    patience=$((patience - 1))
    if [ $patience -le 0 ] || ! kill -0 "$nspawn" 2> /dev/null; then
      tail -n 20 "$folder/console.log"
      fail "the machine does not boot"
    fi
    sleep 0.1
  done
  rm -f "$folder/state"
}

# inside COMMAND...: in the booted machine, as root.
inside() {
  nsenter -t "$leader" -m -u -i -n -p -r -w env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}
