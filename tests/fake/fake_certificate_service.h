// SPDX-License-Identifier: Apache-2.0
// FakeCertificateService: an authority that answers when, and what, a test says.

#ifndef MESHLIB_FAKE_FAKE_CERTIFICATE_SERVICE_H_
#define MESHLIB_FAKE_FAKE_CERTIFICATE_SERVICE_H_

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "identity/certificate_service.h"
#include "identity/workload_name.h"
#include "tls/authority.h"

namespace meshlib::fake {

// One request at a time waits until it is answered. One that still waits at the end, or two at a
// time, fail the test. Thread-compatible.
class FakeCertificateService final : public identity::CertificateService {
 public:
  explicit FakeCertificateService(const base::Clock& clock) : clock_(clock) { ChangeRoot(); }
  ~FakeCertificateService() override { EXPECT_FALSE(waiting()) << "a request was not cancelled"; }

  base::Subscription CreateCertificate(std::string request_pem, absl::Duration lifetime,
                                       Done done) override {
    EXPECT_FALSE(waiting()) << "two requests at a time";
    ++asked_;
    requests_.push_back(request_pem);
    lifetime_ = lifetime;
    waiting_ = std::make_shared<Done>(std::move(done));
    return base::Subscription([this, cancelled = std::weak_ptr(waiting_)] {
      if (cancelled.lock() == waiting_) waiting_ = nullptr;
    });
  }
  std::string ToString() const override { return "fake://authority"; }

  bool waiting() const { return waiting_ != nullptr; }
  int asked() const { return asked_; }
  // All so far, PEM.
  const std::vector<std::string>& requests() const { return requests_; }
  absl::Duration lifetime() const { return lifetime_; }
  const std::string& root_pem() const { return authority_->root_pem(); }

  // From now on another root signs.
  void ChangeRoot() {
    const absl::Time now = clock_.WallNow();
    authority_ = tls::Authority::Generate("cluster.local", now - absl::Hours(1000),
                                          now + absl::Hours(100'000))
                     .value();
  }

  struct Leaf {
    identity::WorkloadName name;
    absl::Duration begins_in = -absl::Minutes(2);
    absl::Duration ends_in = absl::Hours(24);
    std::optional<std::string> other_request;  // its key is certified instead
  };
  // The chain that answers the newest request.
  std::vector<std::string> Chain(const Leaf& leaf) const {
    const absl::Time now = clock_.WallNow();
    tls::LeafOptions options;
    options.names = {{.type = tls::SubjectAltName::Type::kUri, .value = leaf.name.SpiffeId()}};
    options.not_before = now + leaf.begins_in;
    options.not_after = now + leaf.ends_in;
    const std::string& request = leaf.other_request.value_or(requests_.back());
    return {authority_->Sign(request, options).value(), authority_->root_pem()};
  }

  // REQUIRES: waiting().
  void Issue(const Leaf& leaf) { Answer(Chain(leaf)); }
  void Answer(absl::StatusOr<std::vector<std::string>> answer) {
    const auto done = std::exchange(waiting_, nullptr);
    (*done)(std::move(answer));
  }

 private:
  const base::Clock& clock_;
  std::shared_ptr<const tls::Authority> authority_;
  std::shared_ptr<Done> waiting_;
  std::vector<std::string> requests_;
  absl::Duration lifetime_;
  int asked_ = 0;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_CERTIFICATE_SERVICE_H_
