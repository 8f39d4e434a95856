# shellcheck shell=sh disable=SC2154,SC2034 # java_bin is of java-check.sh, keys is for those who read this
# Read by the scripts that build, after java-check.sh: how the two programs are made of their jars, and what the files of releases are called.

# The heap begins small and is given back; the library's memory too, where Java can do that (an older one ignores the option).
server_options='-Xms16m -Xmx128m -XX:NewRatio=1 -XX:MaxNewSize=24m -XX:MinHeapFreeRatio=20 -XX:MaxHeapFreeRatio=40 -XX:+IgnoreUnrecognizedVMOptions -XX:TrimNativeHeapInterval=2000'
# What goes through whole archives makes garbage as fast as it works and ends soon: with this heap, and with less compiled early, it
# spends a tenth less, and stays under a quarter of a gigabyte.
large_server_options='-Xms96m -Xmn48m -XX:CompileThresholdScaling=3'

# The name that this machine has in releases.
this_platform() {
  case $(uname -s) in Linux) system=linux ;; Darwin) system=darwin ;; *) echo "no server is built for $(uname -s)" >&2; exit 1 ;; esac
  case $(uname -m) in
  x86_64 | amd64) echo $system-x86_64 ;;
  aarch64 | arm64) echo $system-aarch64 ;;
  *) echo "no server is built for $(uname -m)" >&2; exit 1 ;;
  esac
}

# sha256 [--] FILE...: as sha256sum prints it.
sha256() {
  if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# trusted_keys FOLDER: sets keys, the option of Maven by which a build trusts releases signed with the keys in STOREIT_RELEASE_KEYS;
# FOLDER gets a copy of them. Empty without the variable: such a build brings no key along.
trusted_keys() {
  keys=
  [ -n "${STOREIT_RELEASE_KEYS-}" ] || return 0
  trusted=$("${java_bin}java" scripts/release/Signing.java list "$STOREIT_RELEASE_KEYS") || exit 1
  printf '%s\n' "$trusted" | sed 's/^/Releases are trusted that are signed by key /' >&2
  mkdir -p "$1"
  cat "$STOREIT_RELEASE_KEYS" > "$1/release-keys.pem"
  keys=-Drelease.keys=$(CDPATH='' cd -P -- "$1" && pwd)
}

# platform_jars JAR PLATFORM TARGET [PLATFORM TARGET...]
platform_jars() {
  "${java_bin}java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$1" scripts/release/PlatformJar.java "$@"
}

# server_file JAR FILE: the executable of a jar that has one platform's native code.
server_file() {
  scripts/executable.sh storeit-server STOREIT_SERVER "$server_options" 'version|--version|-V|help|--help|-h' "$1" "$2" \
    'import|auto-upgrade' "$large_server_options"
}

# server_program JAR PLATFORM FILE: the executable for one platform of a jar that has native code for all.
server_program() {
  platform_jars "$1" "$2" "$3.jar"
  server_file "$3.jar" "$3"
  rm -f "$3.jar"
}

# ctl_program JAR FILE: one executable for every system that runs the launch stub.
ctl_program() {
  platform_jars "$1" unix "$2.jar"
  scripts/executable.sh storeit-ctl STOREIT_CTL '' 'status|doctor|releases|config|cleanup|--at-boot|__ready|--version|-V|help|--help|-h' "$2.jar" "$2"
  rm -f "$2.jar"
}
