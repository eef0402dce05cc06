// SPDX-License-Identifier: Apache-2.0
// Resolver: names of hosts to addresses.

#ifndef MESHLIB_NET_RESOLVER_H_
#define MESHLIB_NET_RESOLVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/subscription.h"
#include "net/loop.h"
#include "resource/address.h"

namespace meshlib::net {

enum class AddressFamily : uint8_t { kAny, kIpv4, kIpv6 };

// What a name resolved to. A value.
struct Resolution {
  std::vector<resource::Address> addresses;  // never empty; port 0; preferred first (RFC 6724)
  // How long it holds: InfiniteDuration() for IP literals and localhost, zero for /etc/hosts.
  absl::Duration ttl;
  friend bool operator==(const Resolution&, const Resolution&) = default;
};

// Loop-bound: use only on the loop passed to the constructor.
class Resolver {
 public:
  virtual ~Resolver() = default;

  using Done = absl::AnyInvocable<void(absl::StatusOr<Resolution>)>;
  // Calls `done` once, on the loop, never inside Resolve(). Destroying the Subscription cancels;
  // so does destroying the Resolver. NOT_FOUND when the name has no such addresses, UNAVAILABLE
  // when nobody could be asked. "localhost" and IP literals need no server.
  virtual base::Subscription Resolve(const std::string& host, AddressFamily family, Done done) = 0;
};

// A value.
struct DnsOptions {
  // "127.0.0.1:53"; empty: those of /etc/resolv.conf.
  std::vector<resource::Address> servers;
  absl::Duration timeout = absl::Seconds(2);  // of the first try; doubled by each further one
  int tries = 3;
};

// Asks /etc/hosts and DNS by c-ares. UNAVAILABLE when c-ares cannot start.
absl::StatusOr<std::unique_ptr<Resolver>> CreateDnsResolver(Loop& loop,
                                                            const DnsOptions& options = {});

}  // namespace meshlib::net

#endif  // MESHLIB_NET_RESOLVER_H_
