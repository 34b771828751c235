#!/usr/bin/env bash
# The archive of a release for $TARGET, in dist: the names are those of action.yml, ci/hook, and of
# binstall in Cargo.toml.
set -euo pipefail

name=flake-audit-$TAG-$TARGET
mkdir -p "$name" dist
cp README.md CHANGELOG.md LICENSE-MIT LICENSE-APACHE "$name"
case $TARGET in
  *windows*)
    cp "target/$TARGET/release/flake-audit.exe" "$name"
    7z a "dist/$name.zip" "$name"
    ;;
  *)
    cp "target/$TARGET/release/flake-audit" "$name"
    tar -czf "dist/$name.tar.gz" "$name"
    ;;
esac
