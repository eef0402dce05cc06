// SPDX-License-Identifier: Apache-2.0
// FakeResolver: names and addresses that a test decides.

#ifndef MESHLIB_FAKE_FAKE_RESOLVER_H_
#define MESHLIB_FAKE_FAKE_RESOLVER_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/resolver.h"

namespace meshlib::fake {

// Answers by Deliver(), in the order of the questions. Loop-bound.
class FakeResolver final : public net::Resolver {
 public:
  // What `host` resolves to from now on: "127.0.0.1", "::1". None: NOT_FOUND.
  void Set(const std::string& host, const std::vector<std::string>& ips,
           absl::Duration ttl = absl::Seconds(30)) {
    net::Resolution& known = known_[host];
    known.addresses.clear();
    for (const std::string& ip : ips) {
      known.addresses.push_back(resource::Address::FromIp(ip, 0).value());
    }
    known.ttl = ttl;
  }
  // Every answer from now on is this error (OK: none).
  void Break(absl::Status error) { error_ = std::move(error); }

  base::Subscription Resolve(const std::string& host, net::AddressFamily family,
                             Done done) override {
    ++questions_;
    auto query = std::make_shared<Query>(Query{host, family, std::move(done)});
    queries_.push_back(query);
    return base::Subscription([weak = std::weak_ptr<Query>(query)] {
      if (const auto waiting = weak.lock()) waiting->done = nullptr;
    });
  }

  // Answers everything asked so far.
  void Deliver() {
    for (const auto& query : std::exchange(queries_, {})) {
      Done done = std::exchange(query->done, nullptr);
      if (done) done(AnswerTo(*query));
    }
  }
  // Questions so far, cancelled ones included.
  int questions() const { return questions_; }

 private:
  struct Query {
    std::string host;
    net::AddressFamily family;
    Done done;
  };

  absl::StatusOr<net::Resolution> AnswerTo(const Query& query) const {
    if (!error_.ok()) return error_;
    net::Resolution answer;
    if (const auto it = known_.find(query.host); it != known_.end()) {
      answer.ttl = it->second.ttl;
      for (const resource::Address& address : it->second.addresses) {
        const bool v4 = address.family() == resource::Address::Family::kIpv4;
        if (query.family == (v4 ? net::AddressFamily::kIpv6 : net::AddressFamily::kIpv4)) continue;
        answer.addresses.push_back(address);
      }
    }
    if (answer.addresses.empty()) {
      return absl::NotFoundError("net: resolve \"" + query.host + "\": domain name not found");
    }
    return answer;
  }

  std::map<std::string, net::Resolution> known_;
  absl::Status error_;
  std::vector<std::shared_ptr<Query>> queries_;
  int questions_ = 0;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_RESOLVER_H_
