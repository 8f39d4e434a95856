#!/bin/sh
# tools.sh NAME...: prints a folder for PATH in which these programs are, such as `PATH=$(scripts/tools.sh restic age):$PATH`.
#
# Those that this machine has are linked there. The others are fetched, with what they need, as packages of the machine's own Debian or
# Ubuntu, checked by apt as ever, and unpacked under target/tools: nothing is installed, root is not needed, and apt's own lists and
# caches are left alone. Where that can't be (no apt, no network), exit code 1 and one line that says why.
set -eu
[ $# -gt 0 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
tools=$(CDPATH='' cd -P -- "$(dirname -- "$0")/.." && pwd)/target/tools
mkdir -p "$tools/bin"

# What a program's package is called, where that is not its name. The usual zsh looks for its modules only where a package manager
# puts them; the static one has them inside.
packages_of() {
  case $1 in zsh) echo zsh-static zsh-common ;; script) echo bsdutils ;; *) echo "$1" ;; esac
}

programs_of() {
  case $1 in age) echo age age-keygen ;; *) echo "$1" ;; esac
}

fail() {
  echo "$1" >&2
  exit 1
}

# apt-get with lists, caches and logs of its own. The list of installed packages is the machine's: what it has is not fetched.
apt() {
  cat > "$tools/apt/apt.conf" << END
Dir::State "$tools/apt";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$tools/apt";
Dir::Log "$tools/apt";
Debug::NoLocking "true";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "10";
Acquire::https::Timeout "10";
END
  APT_CONFIG=$tools/apt/apt.conf LC_ALL=C timeout 180 apt-get -q -y "$@" > "$tools/apt/output" 2>&1 < /dev/null
}

# fetch NAME: its packages, unpacked in a folder that gets its name when all of it is there.
fetch() {
  for program in apt-get dpkg-deb flock timeout; do
    command -v $program > /dev/null || fail "$1 is not installed, and cannot be fetched: there is no $program here"
  done
  # Whoever asks again right after a failure has the same answer at once: many tests ask.
  if [ -n "$(find "$tools/failed-$1" -mmin -10 2> /dev/null)" ]; then fail "$(cat "$tools/failed-$1")"; fi
  echo "Fetching $1 from the package archive of this system" >&2
  rm -rf "$tools/apt/archives" "$tools/$1.new"
  mkdir -p "$tools/apt/archives/partial" "$tools/apt/lists/partial" "$tools/$1.new"
  # A list that could not be read matters only if the package is not found.
  unread=
  if [ -z "$(find "$tools/apt/updated" -mmin -600 2> /dev/null)" ]; then
    apt update || :
    unread=$(sed -n 's/^[WE]: Failed to fetch [^ ]* *//p' "$tools/apt/output" | head -n 1)
    touch "$tools/apt/updated"
  fi
  # shellcheck disable=SC2046 # one word each
  if ! apt install --download-only --reinstall $(packages_of "$1"); then
    rm -f "$tools/apt/updated"
    # apt's reason is the first line that it marks as an error.
    reason=${unread:-$(sed -n 's/^E: //p' "$tools/apt/output" | head -n 1)}
    echo "$1 is not installed, and cannot be fetched: ${reason:-apt-get did not end in time}" > "$tools/failed-$1"
    fail "$(cat "$tools/failed-$1")"
  fi
  for package in "$tools"/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$tools/$1.new"
  done
  rm -rf "$tools/apt/archives" "$tools/failed-$1"
  # fish looks for its settings beside the folder it runs from.
  [ -e "$tools/$1.new/usr/etc" ] || ln -s ../etc "$tools/$1.new/usr/etc"
  mv "$tools/$1.new" "$tools/$1"
}

# wrap NAME PROGRAM: the program of an unpacked package, with its libraries and functions.
wrap() {
  unpacked=$tools/$1/usr/bin/$2
  [ -x "$unpacked" ] || unpacked=$tools/$1/bin/$2
  [ -x "$unpacked" ] || unpacked=$tools/$1/bin/$2-static
  libraries=$(find "$tools/$1" -type d -path '*/lib/*-linux-*' -prune -print 2> /dev/null | paste -sd : -)
  functions=$(find "$tools/$1" -type d -path '*/share/zsh/functions*' 2> /dev/null | paste -sd : -)
  {
    echo '#!/bin/sh'
    [ -z "$libraries" ] || echo "export LD_LIBRARY_PATH='$libraries'\"\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\""
    [ -z "$functions" ] || echo "export FPATH='$functions'\"\${FPATH:+:\$FPATH}\""
    echo "exec '$unpacked' \"\$@\""
  } > "$tools/bin/$2.new"
  chmod 755 "$tools/bin/$2.new"
  mv -f "$tools/bin/$2.new" "$tools/bin/$2"
}

# Several tests may ask at once, on two Javas: one of them works, the others wait and find the work done.
mkdir -p "$tools/apt"
exec 9> "$tools/lock"
! command -v flock > /dev/null || flock 9
for name; do
  case $name in *[!a-z0-9-]* | '') fail "No program can have the name $name" ;; esac
  if found=$(command -v "$name") && [ "${found%/*}" != "$tools/bin" ]; then
    for program in $(programs_of "$name"); do
      ! found=$(command -v "$program") || ln -sf "$found" "$tools/bin/$program"
    done
  else
    [ -d "$tools/$name" ] || fetch "$name"
    for program in $(programs_of "$name"); do wrap "$name" "$program"; done
  fi
done
echo "$tools/bin"
