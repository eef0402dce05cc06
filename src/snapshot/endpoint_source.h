// SPDX-License-Identifier: Apache-2.0
// EndpointSource: the endpoints of one version of a Cluster, wherever they come from.

#ifndef MESHLIB_SNAPSHOT_ENDPOINT_SOURCE_H_
#define MESHLIB_SNAPSHOT_ENDPOINT_SOURCE_H_

#include <memory>

#include "absl/functional/any_invocable.h"
#include "base/event_loop.h"
#include "base/subscription.h"
#include "net/resolver.h"
#include "resource/cluster.h"
#include "resource/endpoint_set.h"
#include "snapshot/dns_endpoints.h"
#include "snapshot/tls_materials.h"
#include "xds/ads_client.h"

namespace meshlib::snapshot {

// What the parts of a snapshot are made from. All outlive whoever holds it.
struct Sources {
  xds::AdsClient& ads;
  base::EventLoop& loop;
  net::Resolver& resolver;
  TlsMaterials& tls;
};

// Control thread only.
class EndpointSource final {
 public:
  // `changed` is called, not from within the constructor, when endpoints() has become different.
  EndpointSource(const resource::Cluster& cluster, const Sources& sources,
                 absl::AnyInvocable<void()> changed);
  EndpointSource(const EndpointSource&) = delete;
  EndpointSource& operator=(const EndpointSource&) = delete;

  // Null until they are known. An EndpointSet that does not exist, or was rejected without a good
  // version before, is an empty one.
  const std::shared_ptr<const resource::EndpointSet>& endpoints() const;

 private:
  void WatchEds(const resource::EndpointSetName& name, xds::AdsClient& ads);

  absl::AnyInvocable<void()> changed_;
  std::shared_ptr<const resource::EndpointSet> endpoints_;
  std::unique_ptr<DnsEndpoints> dns_;  // null unless the Cluster's endpoints are names
  base::Subscription watch_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_ENDPOINT_SOURCE_H_
