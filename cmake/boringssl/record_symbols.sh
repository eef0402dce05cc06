#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records the names to prefix of a BoringSSL without its own prefix headers, so that its users
# compile it once, not twice. Usage: record_symbols.sh SYMBOLS SOURCE_DIR REVISION
#
# SYMBOLS is src/tls/boringssl/symbols.txt of a build tree that had no list; CMake has said which
# revision that was. It knows the assembly of one CPU; that of the others adds its .globl names. A
# name that nothing defines does no harm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
globl='s/^[[:space:]]*\.globl[[:space:]]*_*\([A-Za-z][A-Za-z0-9_]*\).*/\1/p'
{
  cat "$1"
  find "$2" -name '*.S' -exec sed -n "$globl" {} +
} | LC_ALL=C sort -u >"$here/symbols-$3.txt"
