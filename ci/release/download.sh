#!/usr/bin/env bash
# download.sh ROOT [SHA256]: brings the released program of the version that is checked out here to
# ROOT/bin, if its archive has the checksum that is named, or else the one in the release's list. Ends
# with 1 where there is no such release, and with 2 where it is not what it should be.
set -euo pipefail

root=$1 want=${2:-}
manifest="$(dirname -- "${BASH_SOURCE[0]}")/../../Cargo.toml"
# The first of each is the project's.
field() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$manifest" | head -n 1; }
version=$(field version)
repository=$(field repository)

case "$repository" in
  */OWNER/*)
    echo "the project has no home yet, and so no releases" >&2
    exit 1
    ;;
esac
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *)
    echo "there is no archive of a release for $(uname -s) on $(uname -m)" >&2
    exit 1
    ;;
esac

name="flake-audit-v$version-$target"
from="$repository/releases/download/v$version"
get() {
  curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 2 --output "$1" "$2"
}

mkdir -p "$root"
work=$(mktemp -d "$root/download.XXXXXX")
trap 'rm -rf "$work"' EXIT
get "$work/$name.tar.gz" "$from/$name.tar.gz" || exit 1
if [ -z "$want" ]; then
  get "$work/SHA256SUMS" "$from/SHA256SUMS" || exit 1
  want=$(awk -v file="$name.tar.gz" '$2 == file || $2 == "*" file { print $1; exit }' "$work/SHA256SUMS")
fi
if command -v sha256sum >/dev/null; then
  got=$(sha256sum "$work/$name.tar.gz")
else
  got=$(shasum -a 256 "$work/$name.tar.gz")
fi
got=${got%% *}
if [ -z "$want" ] || [ "$want" != "$got" ]; then
  echo "$name.tar.gz has the checksum $got, and should have ${want:-one}" >&2
  exit 2
fi
tar -xzf "$work/$name.tar.gz" -C "$work" "$name/flake-audit"
mkdir -p "$root/bin"
# Others may do the same at the same time.
mv -f "$work/$name/flake-audit" "$root/bin/flake-audit"
