# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
#
# Finds a JDK new enough for Obolus, wherever this machine keeps one.

OLDEST_JDK=25

# The feature version of the JDK in a folder ("25"), from its release file or by asking it.
jdk_version() {
  [ -x "$1/bin/javac" ] || return 1
  if [ -r "$1/release" ]; then
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
  else
    "$1/bin/javac" -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p'
  fi
}

# One candidate folder a line: what the user named first, then where systems put JDKs, then PATH.
jdk_candidates() {
  [ -n "${JAVA_HOME:-}" ] && printf '%s\n' "$JAVA_HOME"
  for home in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$home" ] && printf '%s\n' "$home"
  done
  [ -x /usr/libexec/java_home ] && /usr/libexec/java_home -v "$OLDEST_JDK+" 2>/dev/null
  for home in "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/* /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    [ -d "$home" ] && printf '%s\n' "$home"
  done
  if command -v javac >/dev/null 2>&1; then
    found="$(command -v javac)"
    while [ -L "$found" ]; do
      link="$(readlink "$found")"
      case "$link" in /*) found="$link" ;; *) found="$(dirname "$found")/$link" ;; esac
    done
    dirname "$(dirname "$found")"
  fi
  return 0
}

# Sets JAVA_HOME and JAVA to the first JDK that is new enough, or says what to install and stops.
require_jdk() {
  seen=""
  while IFS= read -r home; do
    version="$(jdk_version "$home" || true)"
    [ -n "$version" ] || continue
    if [ "$version" -ge "$OLDEST_JDK" ]; then
      export JAVA_HOME="$home"
      JAVA="$home/bin/java"
      return 0
    fi
    case " $seen " in *" $version "*) ;; *) seen="$seen $version" ;; esac
  done <<CANDIDATES
$(jdk_candidates)
CANDIDATES
  say "obolus: no JDK $OLDEST_JDK or newer here${seen:+ (found only:$seen)}."
  case "$(uname -s)" in
    Darwin) say "Install one: brew install openjdk@$OLDEST_JDK, or from https://adoptium.net/temurin/releases/?version=$OLDEST_JDK" ;;
    *) say "Install one: from https://adoptium.net/temurin/releases/?version=$OLDEST_JDK, by SDKMAN (sdk install java $OLDEST_JDK-tem)," ;
       say "or from the system's packages (temurin-$OLDEST_JDK-jdk, openjdk-$OLDEST_JDK-jdk), or set JAVA_HOME to one." ;;
  esac
  exit 3
}
