// SPDX-License-Identifier: Apache-2.0
#include "translate/body_pool.h"

#include <utility>

#include "proto/any.h"

namespace meshlib::translate {

std::shared_ptr<const std::string> BodyPool::Intern(std::string body) {
  const auto found = bodies_.find(body);
  if (found != bodies_.end()) return found->second;
  auto shared = std::make_shared<const std::string>(std::move(body));
  bodies_.emplace(std::string_view(*shared), shared);
  return shared;
}

std::shared_ptr<const std::string> BodyPool::Intern(const google::protobuf::Message& message) {
  return Intern(proto::SerializeDeterministic(message));
}

void BodyPool::Sweep() {
  for (auto it = bodies_.begin(); it != bodies_.end();) {
    if (it->second.use_count() == 1) {
      bodies_.erase(it++);
    } else {
      ++it;
    }
  }
}

}  // namespace meshlib::translate
