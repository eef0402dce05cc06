// SPDX-License-Identifier: Apache-2.0
#include "identity/identity_publisher.h"

#include <utility>
#include <vector>

namespace meshlib::identity {

IdentityPublisher::IdentityPublisher(base::EventLoop& loop)
    : loop_(loop), watchers_(std::make_shared<Watchers>()) {}

IdentityPublisher::~IdentityPublisher() { watchers_->by_id.clear(); }

void IdentityPublisher::Publish(std::shared_ptr<const WorkloadIdentity> identity) {
  current_ = std::move(identity);
  TellWatchers();
}

void IdentityPublisher::TellWatchers() {
  if (std::exchange(watchers_->telling, true)) return;
  loop_.Post([weak = std::weak_ptr(watchers_)] {
    if (const auto watchers = weak.lock()) Tell(*watchers);
  });
}

base::Subscription IdentityPublisher::Watch(absl::AnyInvocable<void()> changed) {
  const uint64_t id = watchers_->next++;
  watchers_->by_id.emplace(id, std::make_shared<absl::AnyInvocable<void()>>(std::move(changed)));
  return base::Subscription([weak = std::weak_ptr(watchers_), id] {
    if (const auto watchers = weak.lock()) watchers->by_id.erase(id);
  });
}

// A watcher may end its own and other registrations.
void IdentityPublisher::Tell(Watchers& watchers) {
  watchers.telling = false;
  std::vector<uint64_t> ids;
  ids.reserve(watchers.by_id.size());
  for (const auto& [id, changed] : watchers.by_id) ids.push_back(id);
  for (const uint64_t id : ids) {
    const auto it = watchers.by_id.find(id);
    if (it == watchers.by_id.end()) continue;
    const auto changed = it->second;
    (*changed)();
  }
}

}  // namespace meshlib::identity
