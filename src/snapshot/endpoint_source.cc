// SPDX-License-Identifier: Apache-2.0
#include "snapshot/endpoint_source.h"

#include <utility>
#include <variant>

#include "xds/decode_types.h"

namespace meshlib::snapshot {
namespace {

std::shared_ptr<const resource::EndpointSet> NoEndpoints(resource::EndpointSetName name) {
  auto set = std::make_shared<resource::EndpointSet>();
  set->name = std::move(name);
  return set;
}

}  // namespace

EndpointSource::EndpointSource(const resource::Cluster& cluster, const Sources& sources,
                               absl::AnyInvocable<void()> changed)
    : changed_(std::move(changed)) {
  const resource::EndpointSetName name(cluster.name.value);
  if (const auto* eds = std::get_if<resource::EdsDiscovery>(&cluster.discovery)) {
    WatchEds(eds->service_name, sources.ads);
  } else if (const auto* dns = std::get_if<resource::DnsDiscovery>(&cluster.discovery)) {
    dns_ = std::make_unique<DnsEndpoints>(*dns, name, sources.resolver, sources.loop,
                                          [this] { changed_(); });
  } else if (const auto* fixed = std::get_if<resource::StaticDiscovery>(&cluster.discovery)) {
    endpoints_ = std::make_shared<const resource::EndpointSet>(fixed->endpoints);
  } else {
    endpoints_ = NoEndpoints(name);
  }
}

const std::shared_ptr<const resource::EndpointSet>& EndpointSource::endpoints() const {
  return dns_ == nullptr ? endpoints_ : dns_->endpoints();
}

void EndpointSource::WatchEds(const resource::EndpointSetName& name, xds::AdsClient& ads) {
  using Update = xds::AdsClient::Update<resource::EndpointSet>;
  watch_ = ads.Watch<resource::EndpointSet>(
      xds::EndpointSetType(), name.value, [this, name](const Update& update) {
        if (!update.ok()) {
          endpoints_ = NoEndpoints(name);
        } else if (endpoints_ == nullptr || *endpoints_ != **update) {
          endpoints_ = *update;
        } else {
          return;
        }
        changed_();
      });
}

}  // namespace meshlib::snapshot
