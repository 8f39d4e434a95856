#!/bin/sh
# @NAME@: a launch stub with a jar behind it. Runs on any POSIX system with Java 17 or newer; `java -jar` works on it too.
# Variables: @VARIABLE@_JAVA (a java to use instead of JAVA_HOME's or the one in PATH), @VARIABLE@_JAVA_OPTS (more options for
# it), @VARIABLE@_CACHE (folder of the start-up cache). `@NAME@ __warm` writes that cache; nothing else ever does.

# This file's real, absolute path: Java leaves classes out of its cache when the path of the jar is relative.
self=$0
case $self in
*/*) ;;
*) if [ -f "$self" ]; then self=./$self; else self=$(command -v -- "$self"); fi ;;
esac
while [ -h "$self" ]; do
  link=$(readlink -- "$self")
  case $link in /*) self=$link ;; *) self=${self%/*}/$link ;; esac
done
self=$(CDPATH='' cd -P -- "${self%/*}/" && pwd)/${self##*/}

java=${@VARIABLE@_JAVA:-${JAVA_HOME:+$JAVA_HOME/bin/java}}
[ -n "$java" ] && [ -x "$java" ] || java=$(command -v java) || {
  echo "@NAME@: Java 17 or newer is needed, and there is none in JAVA_HOME or PATH" >&2
  echo "Install it (Debian, Ubuntu: apt install default-jre-headless), or name a java in @VARIABLE@_JAVA." >&2
  exit 127
}

# The version stands in the file `release` of the Java installation. Without that file (a wrapper script named java, say) the
# version is unknown: then Java is simply started, without a cache.
home=$java
while [ -h "$home" ]; do
  link=$(readlink -- "$home")
  case $link in /*) home=$link ;; *) home=${home%/*}/$link ;; esac
done
home=${home%/bin/java}
version=
if [ -r "$home/release" ]; then
  while IFS='=' read -r key value; do
    case $key in
    JAVA_RUNTIME_VERSION) version=$value && break ;;
    JAVA_VERSION) version=$value ;;
    esac
  done < "$home/release"
fi
version=${version#\"}
version=${version%\"}
major=${version%%[!0-9]*}
major=${major:-0}
if [ "$major" -gt 0 ] && [ "$major" -lt 17 ]; then
  echo "@NAME@: Java 17 or newer is needed, $java is version $version" >&2
  echo "Install a newer one (Debian, Ubuntu: apt install default-jre-headless), or name it in @VARIABLE@_JAVA." >&2
  exit 127
fi

# Java takes the encoding of file names and of its output from the locale.
case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
*[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
*) export LC_ALL=C.UTF-8 ;;
esac

# The cache is tied to this build and to this very Java. Java 17 crashes on a truncated cache and Java 25 complains about a
# missing one, so it gets its name only after a successful trial, and is used only if it is there. -Xlog:disable because Java
# writes its complaints about a cache to standard output, where they would spoil JSON.
caches=${@VARIABLE@_CACHE:-${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}}
[ -n "${@VARIABLE@_CACHE-}" ] || caches=${caches:+$caches/@NAME@}
cache=$caches/@BUILD@-$version
if [ "$major" -ge 25 ]; then
  cache=$cache.aot use=-XX:AOTCache= write=-XX:AOTCacheOutput= insist=-XX:AOTMode=on
else
  cache=$cache.jsa use=-XX:SharedArchiveFile= write=-XX:ArchiveClassesAtExit= insist=-Xshare:on
fi

if [ "${1-}" = __warm ]; then
  if [ -z "$caches" ] || [ "$major" -eq 0 ] || ! mkdir -p -- "$caches"; then
    echo "@NAME@: no start-up cache written: set HOME or @VARIABLE@_CACHE, and JAVA_HOME to a Java installation" >&2
    exit 1
  fi
  trial=$cache.$$.tmp
  trap 'rm -f -- "$trial" "$trial".*' EXIT
  trap 'exit 1' HUP INT TERM
  "$java" -XX:+UseSerialGC @OPTIONS@ -Xlog:disable "$write$trial" -jar "$self" __warm > /dev/null 2>&1 &&
    "$java" -XX:+UseSerialGC @OPTIONS@ -Xlog:disable $insist "$use$trial" -jar "$self" --version > /dev/null 2>&1 &&
    mv -f -- "$trial" "$cache" || {
    echo "@NAME@: no start-up cache written to $caches; @NAME@ works without, only starts slower" >&2
    exit 1
  }
  # Caches of earlier builds: the six newest stay.
  ls -t -- "$caches"/*.jsa "$caches"/*.aot 2> /dev/null | tail -n +7 | while IFS= read -r old; do rm -f -- "$old"; done
  exit 0
fi

# Short commands end before Java's second compiler pays. All others need it: hashing is eleven times slower without.
compiler= large=
for argument do
  case $argument in
  @SHORT@) compiler=-XX:TieredStopAtLevel=1 ;;
  @LARGE@) large='@LARGE_OPTIONS@' ;;
  esac
done

set -- -jar "$self" "$@"
[ "$major" -ge 17 ] && [ -s "$cache" ] && set -- "$use$cache" "$@"
exec "$java" $compiler -XX:+UseSerialGC @OPTIONS@ $large -Xlog:disable ${@VARIABLE@_JAVA_OPTS-} "$@"
