// SPDX-License-Identifier: Apache-2.0
// FakeIdentity: a workload's identity that tests decide.

#ifndef MESHLIB_FAKE_FAKE_IDENTITY_H_
#define MESHLIB_FAKE_FAKE_IDENTITY_H_

#include <list>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
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
  absl::Status status() const override { return status_; }
  const identity::RenewalRecord& record() const override { return record_; }

  void Become(const TestIdentity& identity, std::shared_ptr<const tls::SpiffeBundles> bundles) {
    auto next = std::make_shared<identity::WorkloadIdentity>();
    next->key_pair = identity.pair();
    next->bundles = std::move(bundles);
    next->trust_domain = "cluster.local";
    current_ = std::move(next);
    status_ = absl::OkStatus();
    record_.Succeed();
    for (auto& changed : watchers_) changed();
  }
  // Renewal has failed; as a source does, it tells watchers only while there is no identity.
  void Fail(absl::Status why) {
    status_ = std::move(why);
    record_.Fail(absl::Now());
    if (current_ != nullptr) return;
    for (auto& changed : watchers_) changed();
  }

 private:
  std::shared_ptr<const identity::WorkloadIdentity> current_;
  absl::Status status_;
  identity::RenewalRecord record_;
  std::list<absl::AnyInvocable<void()>> watchers_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_IDENTITY_H_
