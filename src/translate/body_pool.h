// SPDX-License-Identifier: Apache-2.0
// BodyPool: one copy of each serialized resource.

#ifndef MESHLIB_TRANSLATE_BODY_POOL_H_
#define MESHLIB_TRANSLATE_BODY_POOL_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/message.h"

namespace meshlib::translate {

// Equal bytes get the same pointer, whichever node, name or version they were made for, so that
// "unchanged" is a comparison of pointers. Control thread only.
class BodyPool final {
 public:
  std::shared_ptr<const std::string> Intern(std::string body);
  // Serialized with map entries in key order: equal messages have equal bytes.
  std::shared_ptr<const std::string> Intern(const google::protobuf::Message& message);
  // Lets go of the bodies that nobody else holds.
  void Sweep();
  size_t size() const { return bodies_.size(); }

 private:
  // The key points into the body.
  absl::flat_hash_map<std::string_view, std::shared_ptr<const std::string>> bodies_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_BODY_POOL_H_
