// SPDX-License-Identifier: Apache-2.0
// DnsEndpoints: the names of a Cluster, resolved into an EndpointSet and kept up to date.

#ifndef MESHLIB_SNAPSHOT_DNS_ENDPOINTS_H_
#define MESHLIB_SNAPSHOT_DNS_ENDPOINTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "net/resolver.h"
#include "resource/cluster.h"
#include "resource/endpoint_set.h"

namespace meshlib::snapshot {

// As Envoy's STRICT_DNS and LOGICAL_DNS: a name is asked for again after its TTL (respect_ttl) or
// the Cluster's refresh rate; an answer without addresses empties it, a failure to get an answer
// leaves it as it was. LOGICAL_DNS has one endpoint, whose addresses are raced; it keeps to the
// first one that it has while the answer lists it. Control thread only.
class DnsEndpoints final {
 public:
  // `changed` is called, not from within the constructor, when endpoints() has become different.
  // REQUIRES: `resolver` and `loop` outlive it.
  DnsEndpoints(resource::DnsDiscovery discovery, resource::EndpointSetName name,
               net::Resolver& resolver, base::EventLoop& loop, absl::AnyInvocable<void()> changed);
  ~DnsEndpoints();
  DnsEndpoints(const DnsEndpoints&) = delete;
  DnsEndpoints& operator=(const DnsEndpoints&) = delete;

  // Null until every name has been answered, or failed, once.
  const std::shared_ptr<const resource::EndpointSet>& endpoints() const { return endpoints_; }

 private:
  struct Lookup;

  void Ask(Lookup& lookup);
  void OnAnswer(Lookup& lookup, absl::StatusOr<net::Resolution> answer);
  absl::Duration RefreshAfter(const absl::StatusOr<net::Resolution>& answer) const;
  void Assemble();
  std::vector<resource::Endpoint> EndpointsOf(const resource::DnsDiscovery::Name& name) const;

  const resource::DnsDiscovery discovery_;
  const resource::EndpointSetName name_;
  net::Resolver& resolver_;
  base::EventLoop& loop_;
  absl::AnyInvocable<void()> changed_;
  std::map<std::string, std::unique_ptr<Lookup>> lookups_;  // by host
  std::shared_ptr<const resource::EndpointSet> endpoints_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_DNS_ENDPOINTS_H_
