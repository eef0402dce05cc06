// SPDX-License-Identifier: Apache-2.0
// Random: the one source of random choices, seeded by whoever constructs it.

#ifndef MESHLIB_BASE_RANDOM_H_
#define MESHLIB_BASE_RANDOM_H_

#include <cstdint>

namespace meshlib::base {

// xoshiro256++ (Blackman and Vigna). Not for secrets. Thread-compatible: one per loop.
class Random final {
 public:
  explicit Random(uint64_t seed);

  // Seeded from the kernel's entropy.
  static Random FromEntropy();

  uint64_t Next();

  // Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound);

  // Uniform in [0, 1).
  double Fraction();

 private:
  uint64_t state_[4];
};

}  // namespace meshlib::base

#endif  // MESHLIB_BASE_RANDOM_H_
