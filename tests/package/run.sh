#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ways to depend on meshlib, as docs/install.md describes them: its snippets are extracted, built and
# run. The tests are the functions below; `extract` comes first. Where meshlib is compiled, it is in
# folders beside BUILD, so that ccache knows the objects from there.
# Usage: run.sh SOURCE BUILD TEST [ARGUMENT]
set -euo pipefail
source=$1 build=$2
here=$source/tests/package
work=$build/package-test
beside=$(dirname "$build")
export CMAKE_GENERATOR=Ninja MESHLIB=$source

extract() {
  rm -rf "$work/docs"
  python3 "$here/extract.py" "$source/docs/install.md" "$work/docs"
}

install() {  # install KIND: into a prefix that has moved when it is used
  rm -rf "$work/prefix-$1" "$work/prefix-before"
  KIND=$1 PREFIX=$work/prefix-before bash -e "$work/docs/install/install.sh"
  mv "$work/prefix-before" "$work/prefix-$1"
  diff -r "$source/include" "$work/prefix-$1/include"  # no public header was forgotten
}

project() {  # project NAME WAY: goes to a fresh hello project that depends on meshlib in this way
  rm -rf "${work:?}/$1"
  cp -r "$work/docs/hello" "$work/$1"
  cp "$work/docs/$2"/* "$work/$1"
  cd "$work/$1"
}

run() {  # INSTANCE_IP: an address that other tests do not use
  local answer
  answer=$(INSTANCE_IP=127.0.3.2 timeout 30 bash -e "$work/docs/hello/run.sh")
  echo "$answer"
  [ "$answer" = "200 hello from hello:9080" ]
}

find_package() {  # find_package KIND
  project "find_package-$1" find_package
  PREFIX=$work/prefix-$1 CXXFLAGS="-Wall -Wextra -Wpedantic -Werror" bash -e build.sh
  run
}

pkg_config() {  # pkg_config KIND
  project "pkg_config-$1" pkg_config
  PREFIX=$work/prefix-$1 bash -e build.sh
  run
  sed -i 's/--libs/--static --libs/' build.sh
  PREFIX=$work/prefix-$1 bash -e build.sh
  run
  [ "$(PKG_CONFIG_PATH=$work/prefix-$1/lib/pkgconfig pkg-config --modversion meshlib)" = \
    "$(sed -n 's/.*MESHLIB_VERSION_STRING "\(.*\)"/\1/p' "$source/include/meshlib/version.h")" ]
}

inside() {  # inside NAME: prepares a build that compiles meshlib itself, with its objects in ccache
  mkdir -p "$beside/package-$1"
  ln -s "$beside/package-$1" build
  rm -f build/CMakeCache.txt
  if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
    export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=$source
  fi
  cmake -S . -B build "-DMESHLIB_GENERATED_DIR=$PWD/build" \
    "-DMESHLIB_BORINGSSL_SOURCE_DIR=$(boringssl)" "${@:2}" >/dev/null
}

boringssl() {  # where the build has its BoringSSL
  local given
  given=$(sed -n 's/^MESHLIB_BORINGSSL_SOURCE_DIR:PATH=//p' "$build/CMakeCache.txt")
  echo "${given:-$source/build/boringssl-source}"
}

subdirectory() {
  project subdirectory subdirectory
  mkdir third_party
  ln -s "$source" third_party/meshlib
  inside subdirectory
  bash -e build.sh
  run
}

archive() {  # an archive of the sources as they are
  tar -C "$source" -czf "$work/meshlib.tar.gz" --transform 's,^,meshlib/,' \
    CMakeLists.txt cmake src include
  export MESHLIB_URL=file://$work/meshlib.tar.gz
  MESHLIB_SHA256=$(sha256sum "$work/meshlib.tar.gz" | cut -d' ' -f1)
  export MESHLIB_SHA256
}

fetch_content() {  # unpacks and configures the archive; compiles the same sources from where they are
  archive
  project fetch_content-configure fetch_content
  sed -i "/--build/d; s,-B build,& -DMESHLIB_BORINGSSL_SOURCE_DIR=$(boringssl)," build.sh
  bash -e build.sh
  project fetch_content fetch_content
  inside fetch_content "-DFETCHCONTENT_SOURCE_DIR_MESHLIB=$source"
  bash -e build.sh
  run
}

fetch_content_whole() {  # the same without short cuts: compiles what was unpacked
  archive
  project fetch_content-whole fetch_content
  sed -i "s,-B build,& -DMESHLIB_BORINGSSL_SOURCE_DIR=$(boringssl)," build.sh
  bash -e build.sh
  run
}

exports() {
  python3 "$here/check_exports.py" "$work/prefix-shared/lib/libmeshlib.so" "$source/include"
}

headers_alone() {  # headers_alone COMPILER: every public header, in every standard
  local header standard
  for standard in 20 2b; do
    for header in "$source"/include/meshlib/*.h; do
      echo "#include <meshlib/$(basename "$header")>" |
        "$1" "-std=c++$standard" -fsyntax-only -Wall -Wextra -Wpedantic -Werror \
          "-I$source/include" -x c++ -
    done
  done
}

# What an installed meshlib refuses, and in which words: refused WORDS OPTION... configures a project
# with options of tests/package/refused.
refused() {
  local words=$1 output
  rm -rf "$work/refused"
  if output=$(cmake -S "$here/refused" -B "$work/refused" "-DCMAKE_PREFIX_PATH=$work/prefix-shared" \
    "${@:2}" 2>&1); then
    echo "not refused: ${*:2}"
    return 1
  fi
  # CMake breaks lines where it likes.
  tr -s ' \n' ' ' <<<"$output" | grep -qF -- "$words" || { echo "$output"; return 1; }
  echo "refused: $words"
}

refusals() {
  refused 'has no component "grpc"; it has: meshlib' -DCOMPONENTS=grpc
  refused 'g++ 12 or newer, or clang++ 16 or newer; ' -DPRETEND_ID=GNU -DPRETEND_VERSION=11.4.0
  refused 'is Clang 14.0.6' -DPRETEND_ID=Clang -DPRETEND_VERSION=14.0.6
  refused 'does not enable the language CXX' -DLANGUAGE=C
  refused 'version: 0.1.0' -DVERSION=0.2
  refused 'version: 0.1.0' -DVERSION=1.0
  refused 'needs libraries that were not found: absl' -DCMAKE_DISABLE_FIND_PACKAGE_absl=ON
  local output
  output=$(g++ -std=c++17 -fsyntax-only "-I$work/prefix-shared/include" \
    "$work/docs/hello/main.cc" 2>&1) && return 1
  grep -F '#error "meshlib needs C++20: compile with -std=c++20 or newer' <<<"$output"
}

cxx17() {  # a project in C++17 is compiled in C++20 where it uses meshlib
  project cxx17 find_package
  PREFIX=$work/prefix-shared CXXFLAGS=-Werror bash -e <(sed 's/-B build/& -DCMAKE_CXX_STANDARD=17/' build.sh)
  run
}

twice() {  # twice KIND: a project that finds meshlib more than once
  cmake -S "$here/twice" -B "$work/twice-$1" "-DCMAKE_PREFIX_PATH=$work/prefix-$1" \
    "-DMAIN=$work/docs/hello/main.cc"
}

"${@:3}"
