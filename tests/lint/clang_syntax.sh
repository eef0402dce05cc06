#!/usr/bin/env bash
# Checks that clang accepts every source file without a warning; compiles nothing.
# Usage: clang_syntax.sh ROOT BUILD
set -euo pipefail
root=$1 build=$2
cd "$root"
export build
check() {
  clang++-16 -fsyntax-only -std=c++20 -Werror -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion \
    -Wthread-safety -Wno-missing-field-initializers -Isrc -Iinclude \
    $(sed 's/^/-isystem/' "$build/generated_includes.txt" 2>/dev/null) "$1"
}
export -f check
find src tools examples \( -name '*.cc' \) -print0 | xargs -0 -P "$(nproc)" -I{} bash -c 'check {}'
echo "clang: no warnings"
