#!/usr/bin/env bash
# Checks the names in all headers with clang-tidy, and that clang accepts every header alone.
# Usage: run_clang_tidy.sh ROOT BUILD
set -euo pipefail
root=$1 build=$2
cd "$root"
mapfile -t headers < <(find include src -name '*.h' | sort)
cat > "$build/headers_alone.sh" <<'SCRIPT'
set -e
clang-tidy-16 --quiet --config-file=tests/lint/clang_tidy_names.yaml "$1" -- -x c++ -std=c++20 \
  -Isrc -Iinclude -I"$2/src/proto/gen" -I"$2/gen" -I"$2" -Wall -Wextra 2>"$2/tidy.$$.log" ||
  { cat "$2/tidy.$$.log"; exit 1; }
rm -f "$2/tidy.$$.log"
SCRIPT
printf '%s\n' "${headers[@]}" | xargs -P "$(nproc)" -I{} bash "$build/headers_alone.sh" {} "$build"
echo "${#headers[@]} headers: names in order"
