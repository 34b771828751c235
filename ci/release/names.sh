#!/usr/bin/env bash
# The tag is the version of Cargo.toml, which CHANGELOG.md has, and the project has a home.
set -euo pipefail

field() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" Cargo.toml | head -n 1; }
version=$(field version)

fail() {
  echo "$1" >&2
  exit 1
}

[ "$TAG" = "v$version" ] || fail "the tag is $TAG, Cargo.toml says $version"
heading=$(grep -F "## [$version]" CHANGELOG.md) || fail "CHANGELOG.md has no heading ## [$version]"
[[ "$heading" != *unreleased* ]] || fail "CHANGELOG.md says that $version is unreleased: give it its date"
case "$(field repository)" in
  */OWNER/*) fail "repository in Cargo.toml is the placeholder still: CONTRIBUTING.md, Releases" ;;
esac
