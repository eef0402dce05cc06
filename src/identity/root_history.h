// SPDX-License-Identifier: Apache-2.0
// RootHistory: the roots of a trust domain while they are being replaced.

#ifndef MESHLIB_IDENTITY_ROOT_HISTORY_H_
#define MESHLIB_IDENTITY_ROOT_HISTORY_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace meshlib::identity {

// A root stays as long as a certificate that came with it is valid: peers may have one of the same
// age. Thread-compatible.
class RootHistory final {
 public:
  // Every certificate of `pem` is needed until `until`, at least.
  void Add(std::string_view pem, absl::Time until);
  // Drops what is needed no more. Whether there was any.
  bool Expire(absl::Time now);

  // All of them, in an order that depends on nothing but them.
  std::string Pem() const;
  // InfiniteFuture(): there is none.
  absl::Time NextExpiry() const;

 private:
  std::map<std::string, absl::Time> until_by_certificate_;
};

}  // namespace meshlib::identity

#endif  // MESHLIB_IDENTITY_ROOT_HISTORY_H_
