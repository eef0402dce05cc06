// SPDX-License-Identifier: Apache-2.0
// MESHLIB_EXPORT marks what the shared library exports. The other public headers include this one,
// so that a compiler that cannot compile them says why.

#ifndef MESHLIB_EXPORT_H_
#define MESHLIB_EXPORT_H_

#if defined(__cplusplus) && __cplusplus < 202002L
#error "meshlib needs C++20: compile with -std=c++20 or newer (in CMake, cxx_std_20)"
#elif defined(__clang__) && !defined(__apple_build_version__) && __clang_major__ < 16
#error "meshlib needs clang++ 16 or newer, or g++ 12 or newer"
#elif defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 12
#error "meshlib needs g++ 12 or newer, or clang++ 16 or newer"
#endif

#if defined(__GNUC__)
#define MESHLIB_EXPORT __attribute__((visibility("default")))
#else
#define MESHLIB_EXPORT
#endif

#endif  // MESHLIB_EXPORT_H_
