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

if [ "$AUDIT_BUILD" != true ]; then
  code=0
  told=$("$BASH" "$GITHUB_ACTION_PATH/ci/release/download.sh" "$root" "$AUDIT_SHA256" 2>&1) || code=$?
  if [ "$code" = 0 ]; then
    echo "$root/bin" >>"$GITHUB_PATH"
    say found true
    exit 0
  fi
  # One line of a command.
  told=${told//$'\n'/%0A}
  if [ "$code" = 2 ]; then
    echo "::error title=flake-audit::$told"
    exit 2
  fi
  echo "::notice title=flake-audit::it is built, since the release cannot be had: $told"
fi

say found false
# What a build is made of.
cd "$GITHUB_ACTION_PATH"
key=$(find Cargo.toml Cargo.lock src crates docs/rules -type f -exec cksum {} + | LC_ALL=C sort | cksum)
say key "flake-audit-${key%% *}"
