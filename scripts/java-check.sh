# shellcheck shell=sh
# Read by the other scripts. Sets java_bin, the prefix of java and javac, and java_version; ends the script with one line where there
# is no JDK of version 17 or newer.
java_bin=${JAVA_HOME:+$JAVA_HOME/bin/}
java_version=$("${java_bin}javac" -version 2>&1) || java_version=
java_version=${java_version##*javac }
case ${java_version%%[!0-9]*} in
'' | [1-9] | 1[0-6])
  echo "StoreIT needs a JDK of version 17 or newer in JAVA_HOME or PATH; found: ${java_version:-none}" >&2
  exit 1
  ;;
esac

# Java takes the encoding of sources, file names and its output from the locale.
case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in
*[Uu][Tt][Ff]8* | *[Uu][Tt][Ff]-8*) ;;
*) export LC_ALL=C.UTF-8 ;;
esac
