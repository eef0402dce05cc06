#!/usr/bin/env bash
# Builds and runs the consumer. Usage: run.sh installed|subdirectory SOURCE BUILD [CXX]
set -euo pipefail
way=$1 source=$2 build=$3 cxx=${4:-c++}
work=$build/package-test/$way
rm -rf "$work/consumer"
mkdir -p "$work"
options=(-G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_COMPILER=$cxx")
if command -v ccache >/dev/null; then options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
if [ "$way" = installed ]; then
  cmake --install "$build" --prefix "$work/prefix" >/dev/null
  options+=("-DCMAKE_PREFIX_PATH=$work/prefix")
else
  options+=("-DMESHLIB_SOURCE=$source")
  export CCACHE_NOHASHDIR=1
fi
cmake -S "$source/tests/package/consumer" -B "$work/consumer" "${options[@]}" >/dev/null
cmake --build "$work/consumer"
"$work/consumer/consumer" "$source/tests/package/consumer/mesh"
