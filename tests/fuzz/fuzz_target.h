// SPDX-License-Identifier: Apache-2.0
// A fuzz target: what it checks, and what it starts from.
//
// With clang and -DMESHLIB_LIBFUZZER=ON a target is a libFuzzer program; with any compiler it is a
// test that mutates its seeds a fixed number of times (standalone_main.cc). Properties that do not
// hold end the process.

#ifndef MESHLIB_TESTS_FUZZ_FUZZ_TARGET_H_
#define MESHLIB_TESTS_FUZZ_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace meshlib::fuzz {

// Defined by each target.
std::vector<std::string> Seeds();
// Pieces that are worth inserting.
std::vector<std::string> Dictionary();

inline void Require(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace meshlib::fuzz

#endif  // MESHLIB_TESTS_FUZZ_FUZZ_TARGET_H_
