#!/usr/bin/env bash
# Step `get` of action.yml: where flake-audit is to come from. One that is installed is taken; else the
# release of the action's own version, if it is what its checksum says. Where there is none, the output
# `key` says under which name a build of it is kept.
set -euo pipefail

say() { echo "$1=$2" >>"$GITHUB_OUTPUT"; }

root="${RUNNER_TEMP:?}/flake-audit"
say root "$root"

if command -v flake-audit >/dev/null; then
  say found true
  exit 0
fi

manifest="$GITHUB_ACTION_PATH/Cargo.toml"
# The first of each is the package's.
field() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$manifest" | head -n 1; }
version=$(field version)
repository=$(field repository)

case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  # Archives for Windows are no tarballs.
  *) target= ;;
esac

# 0: it is unpacked; 1: there is none; 2: it is not what it should be.
download() {
  local name="flake-audit-v$version-$target" from="$repository/releases/download/v$version" want got
  local get=(curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 2)
  mkdir -p "$root/bin" || return 1
  "${get[@]}" --output "$root/$name.tar.gz" "$from/$name.tar.gz" || return 1
  want="$AUDIT_SHA256"
  if [ -z "$want" ]; then
    "${get[@]}" --output "$root/SHA256SUMS" "$from/SHA256SUMS" || return 1
    want=$(awk -v file="$name.tar.gz" '$2 == file || $2 == "*" file { print $1; exit }' "$root/SHA256SUMS")
  fi
  got=$({ sha256sum "$root/$name.tar.gz" 2>/dev/null || shasum -a 256 "$root/$name.tar.gz"; } | awk '{ print $1 }')
  if [ -z "$want" ] || [ "$want" != "$got" ]; then
    echo "::error title=flake-audit::$name.tar.gz has the checksum $got, and should have ${want:-one}"
    return 2
  fi
  tar -xzf "$root/$name.tar.gz" -C "$root/bin" --strip-components=1 "$name/flake-audit" || return 1
}

if [ "$AUDIT_BUILD" != true ] && [ -n "$target" ] && [[ "$repository" != *"/OWNER/"* ]]; then
  code=0
  download || code=$?
  case "$code" in
    0)
      echo "$root/bin" >>"$GITHUB_PATH"
      say found true
      exit 0
      ;;
    2) exit 2 ;;
  esac
  echo "::notice title=flake-audit::there is no release of $version for this runner: it is built"
fi

say found false
# What a build is made of.
key=$(cd "$GITHUB_ACTION_PATH" && find Cargo.toml Cargo.lock src crates docs/rules -type f -exec cksum {} + | LC_ALL=C sort | cksum)
say key "flake-audit-$version-${key%% *}"
