// SPDX-License-Identifier: Apache-2.0
// FakeIdentity: a workload's identity that tests decide.

#ifndef MESHLIB_FAKE_FAKE_IDENTITY_H_
#define MESHLIB_FAKE_FAKE_IDENTITY_H_

#include <list>
#include <memory>
#include <utility>

#include "fake/test_ca.h"
#include "identity/identity_source.h"

namespace meshlib::fake {

// Of trust domain cluster.local. Tells of changes at once. Thread-compatible.
class FakeIdentity final : public identity::IdentitySource {
 public:
  std::shared_ptr<const identity::WorkloadIdentity> Current() const override { return current_; }
  base::Subscription Watch(absl::AnyInvocable<void()> changed) override {
    const auto place = watchers_.insert(watchers_.end(), std::move(changed));
    return base::Subscription([this, place] { watchers_.erase(place); });
  }
  absl::Status status() const override { return absl::OkStatus(); }

  void Become(const TestIdentity& identity, std::shared_ptr<const tls::SpiffeBundles> bundles) {
    auto next = std::make_shared<identity::WorkloadIdentity>();
    next->key_pair = identity.pair();
    next->bundles = std::move(bundles);
    next->trust_domain = "cluster.local";
    current_ = std::move(next);
    for (auto& changed : watchers_) changed();
  }

 private:
  std::shared_ptr<const identity::WorkloadIdentity> current_;
  std::list<absl::AnyInvocable<void()>> watchers_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_IDENTITY_H_
