# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
#
# What the demo runs, and when it must be built again.

VERSION=0.1.0-SNAPSHOT
SUPERVISOR=dev.obolus.sandbox.demo.DemoMain
SANDBOX_JAR="$ROOT/sandbox/target/obolus-sandbox-$VERSION.jar"
CLI_JAR="$ROOT/control-plane/cli/target/obolus-cli-$VERSION.jar"
CONSOLE_JAR="$ROOT/console/target/obolus-console-$VERSION-app.jar"
GATEWAY_JAR="$ROOT/distribution/target/obolus-distribution-$VERSION-app.jar"
BENCH_JAR="$ROOT/bench/target/obolus-bench-$VERSION.jar"
SUPERVISOR_FLAGS="-XX:+UseSerialGC -Xmx128m -XX:TieredStopAtLevel=1"
CLI_FLAGS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
# a long verification wants the better compiler: it hashes with the processor's own instructions
AUDIT_FLAGS="-XX:+UseSerialGC -Xmx512m"
GATEWAY_FLAGS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow"

require_maven() {
  command -v mvn >/dev/null 2>&1 && return 0
  case "$(uname -s)" in
    Darwin) die "no Maven (mvn) here. Install it: brew install maven" 3 ;;
    *) die "no Maven (mvn) here. Install it: apt-get install maven, dnf install maven, or sdk install maven" 3 ;;
  esac
}

# True if a jar is missing, or a source is newer than the oldest of them.
stale() {
  oldest=""
  for jar in "$SANDBOX_JAR" "$CLI_JAR" "$CONSOLE_JAR" "$GATEWAY_JAR"; do
    [ -f "$jar" ] || return 0
    if [ -z "$oldest" ] || [ "$jar" -ot "$oldest" ]; then oldest="$jar"; fi
  done
  newer="$(find "$ROOT" \( -name target -o -name .git -o -name .obolus -o -name .tools -o -name node_modules \
      -o -path "$ROOT/docs" -o -path "$ROOT/bench" -o -path "$ROOT/e2e" -o -path '*/src/test' \) -prune \
      -o -type f \( -path '*/src/main/*' -o -name pom.xml -o -path "$ROOT/policies/*" \) -newer "$oldest" -print | head -n 1)"
  [ -n "$newer" ]
}

build_if_stale() {
  stale || return 0
  require_maven
  provide_tools opa
  log="$ROOT/.obolus/logs/build.log"
  mkdir -p "$ROOT/.obolus/logs"
  say "Building (a few minutes the first time; output in .obolus/logs/build.log) …"
  started="$(date +%s)"
  cd "$ROOT"
  set +e
  mvn -B -ntp -T1C -Dquick -pl sandbox,control-plane/cli,console,distribution -am package 2>&1 |
    tee "$log" | awk '/Building Obolus:/ { sub(/.*Building Obolus: /, "  "); sub(/ [0-9].*/, ""); print; fflush() }' >&2
  status="${PIPESTATUS[0]}"
  set -e
  if [ "$status" -ne 0 ]; then
    grep '^\[ERROR\]' "$log" | head -n 12 >&2
    die "the build failed; its whole output is in $log" 1
  fi
  touch "$SANDBOX_JAR" "$CLI_JAR" "$CONSOLE_JAR" "$GATEWAY_JAR"
  cd "$CALLED_FROM"
  say "Built in $(($(date +%s) - started)) s."
}

# Measurements are always of what the sources say now.
build_bench() {
  require_maven
  provide_tools opa
  say "Building …"
  (cd "$ROOT" && mvn -B -ntp -q -Dquick -pl bench -am package >&2) || die "the build failed" 1
}
