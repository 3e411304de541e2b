# SPDX-License-Identifier: Apache-2.0
# Copyright the Obolus authors
#
# Brings opa and Regal to .tools/: named by the user, already there, on PATH, built from the pinned
# Go modules beside this folder, or downloaded from their releases and checked.

OPA_VERSION=1.22.0
REGAL_VERSION=0.42.0
OLDEST_GO=1.26
# Where releases are downloaded from; a mirror of github.com may stand in.
RELEASES="${OBOLUS_RELEASES:-https://github.com}"

# True if dotted version $1 is at least $2.
at_least() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

# The version a tool says it has, or that Go put into it when it was built from its module.
tool_version() {
  said="$("$1" version 2>/dev/null | sed -n 's/^Version: *v\{0,1\}\([0-9][0-9.]*\).*/\1/p' | head -n 1)"
  if [ -z "$said" ] && command -v go >/dev/null 2>&1; then
    said="$(GOTOOLCHAIN=local go version -m "$1" 2>/dev/null |
      sed -n 's#^[[:space:]]*mod[[:space:]]*github.com/open-policy-agent/[a-z]*[[:space:]]*v\([0-9][0-9.]*\).*#\1#p' | head -n 1)"
  fi
  printf '%s\n' "$said"
}

# True if the tool $1 tells a version of at least $2; found is what it tells.
new_enough() {
  found="$(tool_version "$1")"
  [ -n "$found" ] && at_least "$found" "$2"
}

# provide_tools [opa] [regal]: both, if none is named.
provide_tools() {
  [ $# -gt 0 ] || set -- opa regal
  mkdir -p "$ROOT/.tools"
  for tool in "$@"; do
    case "$tool" in
      opa) provide opa "$OPA_VERSION" "${OBOLUS_OPA:-}" ;;
      regal) provide regal "$REGAL_VERSION" "${OBOLUS_REGAL:-}" ;;
      *) die "tools: opa or regal, not $tool" 2 ;;
    esac
  done
}

# provide NAME OLDEST-VERSION NAMED-BY-THE-USER
provide() {
  if [ -n "$3" ]; then
    name="OBOLUS_$(printf '%s' "$1" | tr a-z A-Z)"
    [ -x "$3" ] || die "$3 ($name) is not a program" 2
    new_enough "$3" "$2" || die "$3 ($name) is version ${found:-unknown}; $1 must be $2 or newer" 2
    [ "$3" -ef "$ROOT/.tools/$1" ] || ln -sf "$3" "$ROOT/.tools/$1"
  elif [ -x "$ROOT/.tools/$1" ] && new_enough "$ROOT/.tools/$1" "$2"; then
    :
  elif command -v "$1" >/dev/null 2>&1 && new_enough "$(command -v "$1")" "$2"; then
    ln -sf "$(command -v "$1")" "$ROOT/.tools/$1"
  elif go_is_there; then
    build_tool "$1"
  else
    download_tool "$1" "$2"
  fi
  new_enough "$ROOT/.tools/$1" "$2" || die ".tools/$1 is version ${found:-unknown}; $1 must be $2 or newer" 3
  say "$1 $found at .tools/$1"
}

go_is_there() {
  command -v go >/dev/null 2>&1 || return 1
  found="$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9][0-9.]*\).*/\1/p')"
  [ -n "$found" ] && at_least "$found" "$OLDEST_GO"
}

# Its module pins the source; go.sum holds its hashes. Regal knows its version only if it is told.
build_tool() {
  say "Building $1 from its pinned Go module (about a minute, once) …"
  log="$ROOT/.tools/$1-build.log"
  if ! (cd "$ROOT/tools/$1" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly CGO_ENABLED=0 \
      go build -trimpath -ldflags "$(stamp "$1")" -o "$ROOT/.tools/$1.new" "github.com/open-policy-agent/$1") >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    die "could not build $1; the whole output is in $log" 3
  fi
  mv "$ROOT/.tools/$1.new" "$ROOT/.tools/$1"
}

stamp() {
  case "$1" in
    regal) echo "-X github.com/open-policy-agent/regal/pkg/version.Version=$REGAL_VERSION" ;;
  esac
}

# Checked against the SHA-256 that was published with the release.
download_tool() {
  asset="$(release_asset "$1")"
  release="$RELEASES/open-policy-agent/$1/releases/download/v$2"
  new="$ROOT/.tools/$1.new"
  say "Downloading $1 $2 ($asset) …"
  fetch "$release/$asset" "$new" || no_tool "$1"
  case "$1" in
    opa) fetch "$release/$asset.sha256" "$new.sha256" || no_tool "$1" ;;
    regal) fetch "$release/checksums.txt" "$new.sha256" || no_tool "$1" ;;
  esac
  wanted="$(awk -v a="$asset" '$2 == a || $2 == "*" a { print $1; exit }' "$new.sha256")"
  found="$(sha256_of "$new")"
  rm -f "$new.sha256"
  if [ -z "$wanted" ] || [ "$wanted" != "$found" ]; then
    rm -f "$new"
    die "$asset does not have the SHA-256 published with it; not used" 3
  fi
  chmod 755 "$new"
  mv "$new" "$ROOT/.tools/$1"
}

release_asset() {
  case "$1 $(uname -s) $(uname -m)" in
    "opa Linux x86_64") echo opa_linux_amd64_static ;;
    "opa Linux aarch64" | "opa Linux arm64") echo opa_linux_arm64_static ;;
    "opa Darwin x86_64") echo opa_darwin_amd64 ;;
    "opa Darwin arm64") echo opa_darwin_arm64_static ;;
    "regal Linux x86_64") echo regal_Linux_x86_64 ;;
    "regal Linux aarch64" | "regal Linux arm64") echo regal_Linux_arm64 ;;
    "regal Darwin x86_64") echo regal_Darwin_x86_64 ;;
    "regal Darwin arm64") echo regal_Darwin_arm64 ;;
    *) die "no release of $1 for $(uname -s) $(uname -m); put one on PATH" 3 ;;
  esac
}

fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --retry 2 -o "$2" "$1"
  else
    wget -q -O "$2" "$1"
  fi
}

sha256_of() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

no_tool() {
  rm -f "$ROOT/.tools/$1.new"*
  die "no $1: not on PATH, no Go $OLDEST_GO to build it, and $RELEASES does not answer" 3
}
