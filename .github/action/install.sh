#!/usr/bin/env bash
# Downloads a release of preflight for this runner, and unpacks it only if it is known where it comes
# from: by a hash that stands beside this script or was given, and by the attestation of its build
# where `gh` is there to check it. One of them must be had.
#
# Takes PREFLIGHT_VERSION, PREFLIGHT_SHA256 (may be empty), GH_TOKEN (for `gh`) and GitHub's
# RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP and GITHUB_OUTPUT; gives the path of the command as output `bin`.
set -euo pipefail

fail() {
  echo "::error title=preflight::$1" >&2
  exit 2
}

[[ $PREFLIGHT_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
  fail "expected a version such as 0.1.0, but found '$PREFLIGHT_VERSION'"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exe=preflight
case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc exe=preflight.exe ;;
  *) fail "no binary is released for $RUNNER_OS on $RUNNER_ARCH" ;;
esac

archive="preflight-v$PREFLIGHT_VERSION-$target.tar.gz"
release="https://github.com/preflight-emo/preflight/releases/download/v$PREFLIGHT_VERSION"
folder=$(mktemp -d "$RUNNER_TEMP/preflight.XXXXXX")
cd "$folder"

download() {
  curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 \
    --max-time 120 --output "$1" "$release/$1" || fail "could not download $release/$1"
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

expected=$PREFLIGHT_SHA256
if [ -z "$expected" ]; then
  expected=$(awk -v name="$archive" '$2 == name { print $1 }' "$here/sha256sums")
fi

download "$archive"
if [ -n "$expected" ]; then
  # Upper-case hexadecimal, as PowerShell prints it, is the same number.
  expected=$(tr '[:upper:]' '[:lower:]' <<<"$expected")
  [[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "expected a SHA-256 in hexadecimal, but found '$expected'"
  found=$(checksum "$archive")
  [ "$found" = "$expected" ] || fail "$archive: expected SHA-256 $expected, but found $found"
fi

if command -v gh >/dev/null && [ -n "${GH_TOKEN:-}" ]; then
  gh attestation verify "$archive" --repo preflight-emo/preflight \
    --signer-workflow preflight-emo/preflight/.github/workflows/build.yml >&2 ||
    fail "$archive: no attestation says that it was built by preflight-emo/preflight"
elif [ -z "$expected" ]; then
  fail "$archive: the SHA-256 of this version is not known here; give it as input sha256, or install gh"
fi

tar -xzf "$archive" "$exe"
echo "bin=$folder/$exe" >>"$GITHUB_OUTPUT"
