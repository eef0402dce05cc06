// SPDX-License-Identifier: Apache-2.0
#include "snapshot/dns_endpoints.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "base/subscription.h"
#include "base/timer.h"

namespace meshlib::snapshot {
namespace {

using resource::Address;
using resource::DnsDiscovery;
using resource::Endpoint;

net::AddressFamily QueryFamily(DnsDiscovery::Family family) {
  switch (family) {
    case DnsDiscovery::Family::kV4Only:
      return net::AddressFamily::kIpv4;
    case DnsDiscovery::Family::kV6Only:
      return net::AddressFamily::kIpv6;
    default:
      return net::AddressFamily::kAny;
  }
}

// Which of an answer's addresses count, where each is an endpoint. kAuto takes the family that the
// resolver prefers, which knows whether IPv6 is of any use on this machine (Envoy takes IPv6 where
// the name has it).
std::vector<Address> OfFamily(const std::vector<Address>& addresses, DnsDiscovery::Family family) {
  if (addresses.empty() || family == DnsDiscovery::Family::kAll) return addresses;
  Address::Family wanted = addresses.front().family();
  if (family == DnsDiscovery::Family::kV4Preferred &&
      std::any_of(addresses.begin(), addresses.end(),
                  [](const Address& a) { return a.family() == Address::Family::kIpv4; })) {
    wanted = Address::Family::kIpv4;
  }
  std::vector<Address> kept;
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(kept),
               [&](const Address& address) { return address.family() == wanted; });
  return kept;
}

// Resolvers rotate their answers: what was listed before stays in its order, and the first one
// first.
void KeepOrder(const std::vector<Address>& before, std::vector<Address>& now) {
  const auto place = [&](const Address& address) {
    return std::find(before.begin(), before.end(), address) - before.begin();
  };
  std::stable_sort(now.begin(), now.end(),
                   [&](const Address& a, const Address& b) { return place(a) < place(b); });
}

}  // namespace

struct DnsEndpoints::Lookup {
  Lookup(std::string host_name, base::TimerQueue& timers, absl::AnyInvocable<void()> ask)
      : host(std::move(host_name)), refresh(timers, std::move(ask)) {}

  const std::string host;
  base::Timer refresh;
  base::Subscription query;
  bool answered = false;
  std::vector<Address> addresses;
};

DnsEndpoints::DnsEndpoints(DnsDiscovery discovery, resource::EndpointSetName name,
                           net::Resolver& resolver, base::EventLoop& loop,
                           absl::AnyInvocable<void()> changed)
    : discovery_(std::move(discovery)),
      name_(std::move(name)),
      resolver_(resolver),
      loop_(loop),
      changed_(std::move(changed)) {
  for (const DnsDiscovery::Group& group : discovery_.localities) {
    for (const DnsDiscovery::Name& entry : group.names) {
      std::unique_ptr<Lookup>& lookup = lookups_[entry.host];
      if (lookup != nullptr) continue;
      lookup = std::make_unique<Lookup>(entry.host, loop_.timers(), [this, host = entry.host] {
        Ask(*lookups_.find(host)->second);
      });
    }
  }
  for (auto& [host, lookup] : lookups_) Ask(*lookup);
  if (lookups_.empty()) Assemble();
}

DnsEndpoints::~DnsEndpoints() = default;

void DnsEndpoints::Ask(Lookup& lookup) {
  lookup.query = resolver_.Resolve(lookup.host, QueryFamily(discovery_.family),
                                   [this, &lookup](absl::StatusOr<net::Resolution> answer) {
                                     OnAnswer(lookup, std::move(answer));
                                   });
}

void DnsEndpoints::OnAnswer(Lookup& lookup, absl::StatusOr<net::Resolution> answer) {
  lookup.refresh.ArmAt(loop_.Now() + RefreshAfter(answer));
  if (answer.ok()) {
    const bool logical = discovery_.kind == DnsDiscovery::Kind::kLogical;
    // Addresses of both families are ways to one endpoint, and raced.
    const bool both = logical && discovery_.family == DnsDiscovery::Family::kAuto;
    std::vector<Address> addresses =
        both ? answer->addresses : OfFamily(answer->addresses, discovery_.family);
    if (logical) KeepOrder(lookup.addresses, addresses);
    lookup.addresses = std::move(addresses);
  } else if (absl::IsNotFound(answer.status())) {
    lookup.addresses.clear();
  }
  lookup.answered = true;
  const bool all = std::all_of(lookups_.begin(), lookups_.end(),
                               [](const auto& entry) { return entry.second->answered; });
  if (!all) return;
  const auto before = endpoints_;
  Assemble();
  if (before != endpoints_) changed_();
}

absl::Duration DnsEndpoints::RefreshAfter(const absl::StatusOr<net::Resolution>& answer) const {
  if (!answer.ok()) return discovery_.refresh_rate;
  if (answer->ttl == absl::InfiniteDuration()) return answer->ttl;
  const bool by_ttl = discovery_.respect_ttl && answer->ttl > absl::ZeroDuration();
  return by_ttl ? answer->ttl : discovery_.refresh_rate;
}

// Replaces endpoints_ unless it would be equal.
void DnsEndpoints::Assemble() {
  auto set = std::make_shared<resource::EndpointSet>();
  set->name = name_;
  std::map<uint32_t, absl::flat_hash_set<Address>> seen;  // by priority
  for (const DnsDiscovery::Group& group : discovery_.localities) {
    resource::Locality locality{
        .name = group.name, .weight = group.weight, .priority = group.priority, .endpoints = {}};
    for (const DnsDiscovery::Name& entry : group.names) {
      for (Endpoint& endpoint : EndpointsOf(entry)) {
        if (!seen[group.priority].insert(endpoint.address).second) continue;
        locality.endpoints.push_back(std::move(endpoint));
      }
    }
    set->localities.push_back(std::move(locality));
  }
  if (endpoints_ == nullptr || *endpoints_ != *set) endpoints_ = std::move(set);
}

std::vector<Endpoint> DnsEndpoints::EndpointsOf(const DnsDiscovery::Name& name) const {
  const std::vector<Address>& addresses = lookups_.find(name.host)->second->addresses;
  Endpoint::Details details{.hostname = name.host, .workload = "", .more_addresses = {}};
  size_t count = addresses.size();
  if (discovery_.kind == DnsDiscovery::Kind::kLogical && count > 1) {
    for (size_t i = 1; i < count; ++i) {
      details.more_addresses.push_back(addresses[i].WithPort(name.port));
    }
    count = 1;
  }
  const auto shared = std::make_shared<const Endpoint::Details>(std::move(details));
  std::vector<Endpoint> endpoints;
  for (size_t i = 0; i < count; ++i) {
    Endpoint endpoint;
    endpoint.address = addresses[i].WithPort(name.port);
    endpoint.weight = name.weight;
    endpoint.health = name.health;
    endpoint.details = shared;
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

}  // namespace meshlib::snapshot
