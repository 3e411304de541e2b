# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
#
# Everything that the build machine runs, with what the tests need.

# run_tests [--long] [further arguments for Maven]
run_tests() {
  long=""
  if [ "${1:-}" = "--long" ]; then
    long="-Dlong"
    shift
  fi
  require_maven
  provide_tools opa regal
  require_browser
  require_node
  require_python
  cd "$ROOT"
  find . -path '*/target/surefire-reports/*' -name 'TEST-*.xml' -exec rm -f {} +
  set +e
  mvn -B -ntp -fae $long verify "$@"
  status=$?
  set -e
  report "$status"
}

# The sums of all test reports; the last line is the count, the exit code says whether all is well.
report() {
  counts="$(find . -path '*/target/surefire-reports/*' -name 'TEST-*.xml' -exec grep -h '<testsuite ' {} + | awk '
    function n(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
    { t += n("tests"); f += n("failures") + n("errors"); s += n("skipped") }
    END { print t - f - s, f + 0, s + 0 }')"
  set -- "$1" $counts
  [ "$4" -eq 0 ] || say "$4 skipped"
  if [ "$1" -ne 0 ] && [ "$3" -eq 0 ]; then
    say "The build failed outside the tests: see [ERROR] above."
  fi
  printf '%s passed, %s failed\n' "$2" "$3"
  [ "$1" -eq 0 ] && [ "$3" -eq 0 ] && [ "$2" -gt 0 ]
  exit $?
}

# A Chromium for the browser tests: CHROMIUM, PATH, or the system's packages.
require_browser() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
    [ -n "$name" ] || continue
    if command -v "$name" >/dev/null 2>&1; then
      CHROMIUM="$(command -v "$name")"
      export CHROMIUM
      return 0
    fi
  done
  install_package chromium || die "no Chromium for the browser tests: install it, or name one in CHROMIUM" 3
  CHROMIUM="$(command -v chromium)"
  export CHROMIUM
}

# Playwright's driver is a Node program; MSAL for Node, a client of the stand-in Entra, comes by npm.
require_node() {
  if ! command -v node >/dev/null 2>&1; then
    install_package nodejs || die "no Node.js 20 or newer for the tests: install it" 3
  fi
  version="$(node --version | sed 's/^v\([0-9]*\).*/\1/')"
  [ "$version" -ge 20 ] || die "Node.js $version is too old for the tests: 20 or newer" 3
  command -v npm >/dev/null 2>&1 || install_package npm || die "no npm for the tests: install it" 3
  PLAYWRIGHT_NODEJS_PATH="$(command -v node)"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
  export PLAYWRIGHT_NODEJS_PATH PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD
}

# The second verifier of the audit log is a Python program; MSAL for Python wants an environment of its own.
require_python() {
  command -v python3 >/dev/null 2>&1 || install_package python3 || die "no Python for the second verifier: install python3, 3.10 or newer" 3
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || die "python3 is too old for the second verifier: 3.10 or newer" 3
  python3 -c 'import ensurepip' 2>/dev/null || install_package python3-venv || die "no venv for python3: install python3-venv" 3
}

install_package() {
  command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] || return 1
  say "Installing $1 …"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1 ||
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null; }
}
