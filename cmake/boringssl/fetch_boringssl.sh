#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts BoringSSL's source, as Debian distributes it, verified and unpacked, into a new directory.
# Usage: fetch_boringssl.sh DIR
#
# apt-get does it, from the mirror and with the keys of this machine, but with state of its own:
# nothing in /etc or /var changes and root is not needed. apt verifies the signature of the release
# file and through it the checksums of the index, the .dsc and its tarballs; the checksum of the
# original tarball must moreover be the one pinned here.
#
# Environment: MESHLIB_DEBIAN_MIRROR, MESHLIB_DEBIAN_SUITE (bookworm, sid), MESHLIB_DEBIAN_KEYRING.
set -eu

fail() { echo "fetch_boringssl: $*" >&2; exit 1; }

package=android-platform-external-boringssl
suite=${MESHLIB_DEBIAN_SUITE:-bookworm}
case $suite in
  bookworm)
    version=13.0.0+r24
    sha256=583b7aeee1fca68b8244d086cea6fca23bd19d517bd63f0b9de714e048f92a7d ;;
  sid)
    version=14.0.0+r45
    sha256=f9223e8c15ad5d9e3f1cd50861f4c272658864661e2332bea5d60952aa0930cd ;;
  *) fail "no checksum is known for Debian's $suite" ;;
esac
keyring=${MESHLIB_DEBIAN_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

[ $# -eq 1 ] || fail "usage: $0 DIR"
dest=$1
[ ! -e "$dest/.complete" ] || exit 0
for tool in apt-get dpkg-source sha256sum; do
  command -v "$tool" >/dev/null || fail "$tool not found (Debian packages apt, dpkg-dev)"
done

mkdir -p "$(dirname "$dest")"
work=$(mktemp -d "$(dirname "$dest")/.boringssl.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
work=$(cd "$work" && pwd)

mirror=${MESHLIB_DEBIAN_MIRROR:-$(apt-get indextargets --format '$(SITE)' \
  'Created-By: Packages' | awk '/debian/ && !/security/ {print; exit}')}
[ -n "$mirror" ] || fail "apt knows no mirror of Debian; set MESHLIB_DEBIAN_MIRROR"

mkdir -p "$work/lists/partial" "$work/state" "$work/cache/archives/partial" "$work/download"
echo "deb-src [signed-by=$keyring] $mirror $suite main" >"$work/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$work/state";
Dir::State::lists "$work/lists";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
export APT_CONFIG="$work/apt.conf"
apt-get -qq update || fail "cannot read the index of $suite at $mirror"
(cd "$work/download" && apt-get -qq source --download-only --only-source "$package") ||
  fail "cannot download $package of $suite from $mirror"

orig=$work/download/${package}_$version.orig.tar.xz
[ -e "$orig" ] || fail "$suite at $mirror no longer has version $version"
echo "$sha256  $orig" | sha256sum --check --status || fail "unexpected sha256 of $orig"
# --no-check: apt has checked the .dsc against the signed index; the maintainer's key is not needed.
(cd "$work" && dpkg-source --no-check -x download/*.dsc source >/dev/null)
touch "$work/source/.complete"
rm -rf "$dest"
mv "$work/source" "$dest"
