// SPDX-License-Identifier: Apache-2.0
// HeaderIndex: which of many matchers of headers may match a request, without asking each of them.

#ifndef MESHLIB_ACCESS_HEADER_INDEX_H_
#define MESHLIB_ACCESS_HEADER_INDEX_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "access/text_index.h"
#include "route/request_head.h"

namespace meshlib::access {

// What one value of a header must have.
struct HeaderKey {
  std::string name;  // lower case; ":authority", ":scheme" as well
  TextKey value;
};

// Immutable; share freely.
class HeaderIndex final {
 public:
  // Keys with a number each.
  explicit HeaderIndex(std::vector<std::pair<HeaderKey, uint32_t>> keys);

  // Adds the numbers of all keys that the request has. No allocation.
  void Find(const route::RequestHead& head, BitSpan out) const;

 private:
  struct OfName {
    TextIndex values;
    NumberSet all;
    bool is_joined;  // several fields are matched as one value, which is not made here
  };
  const OfName* Named(std::string_view name) const;  // null: none

  absl::flat_hash_map<std::string, OfName> names_;
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_HEADER_INDEX_H_
