// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_discovery.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "xds/decode_endpoint_set.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace cds = envoy::config::cluster::v3;
namespace eds = envoy::config::endpoint::v3;
using resource::DnsDiscovery;

resource::EdsDiscovery DecodeEds(const cds::Cluster& in, DecodeContext& context) {
  const auto scope = context.In("eds_cluster_config");
  const auto& config = in.eds_cluster_config();
  if (!config.has_eds_config()) {
    context.Error("eds_config", "is required");
  } else {
    const auto source = context.In("eds_config");
    RequireAds(config.eds_config(), context);
  }
  return {
      resource::EndpointSetName(config.service_name().empty() ? in.name() : config.service_name())};
}

std::optional<DnsDiscovery::Name> DecodeName(const eds::LbEndpoint& in, DecodeContext& context) {
  const core::Address& address = in.endpoint().address();
  if (!address.has_socket_address()) {
    context.Error("endpoint.address", "must be a socket address");
    return std::nullopt;
  }
  const core::SocketAddress& socket = address.socket_address();
  if (socket.address().empty()) context.Error("endpoint.address", "must not be empty");
  if (!socket.resolver_name().empty()) {
    context.Error("endpoint.address", "must not have a resolver_name");
  }
  if (socket.port_specifier_case() != core::SocketAddress::kPortValue ||
      socket.port_value() > std::numeric_limits<uint16_t>::max()) {
    context.Error("endpoint.address", "port_value must be 0 to 65535");
  }
  DnsDiscovery::Name out{.host = socket.address(),
                         .port = static_cast<uint16_t>(socket.port_value()),
                         .weight = 1,
                         .health = DecodeHealth(in.health_status())};
  if (in.has_load_balancing_weight()) {
    out.weight = in.load_balancing_weight().value();
    if (out.weight == 0) context.Error("load_balancing_weight", "must be at least 1");
  }
  return out;
}

DnsDiscovery::Group DecodeGroup(const eds::LocalityLbEndpoints& in, DecodeContext& context) {
  DnsDiscovery::Group out;
  out.name = {in.locality().region(), in.locality().zone(), in.locality().sub_zone()};
  out.weight = in.load_balancing_weight().value();
  out.priority = in.priority();
  if (in.has_load_balancing_weight() && out.weight == 0) {
    context.Error("load_balancing_weight", "must be at least 1");
  }
  if (out.priority > 128) context.Error("priority", "must not be more than 128");
  for (int i = 0; i < in.lb_endpoints_size(); ++i) {
    const auto scope = context.In("lb_endpoints", i);
    if (auto name = DecodeName(in.lb_endpoints(i), context)) out.names.push_back(*std::move(name));
  }
  return out;
}

DnsDiscovery::Family DecodeFamily(const cds::Cluster& in, DecodeContext& context) {
  switch (in.dns_lookup_family()) {
    case cds::Cluster::AUTO:
      return DnsDiscovery::Family::kAuto;
    case cds::Cluster::V4_ONLY:
      return DnsDiscovery::Family::kV4Only;
    case cds::Cluster::V6_ONLY:
      return DnsDiscovery::Family::kV6Only;
    case cds::Cluster::V4_PREFERRED:
      return DnsDiscovery::Family::kV4Preferred;
    case cds::Cluster::ALL:
      return DnsDiscovery::Family::kAll;
    default:
      context.Error("dns_lookup_family", "unknown value");
      return DnsDiscovery::Family::kAuto;
  }
}

DnsDiscovery DecodeDns(const cds::Cluster& in, DnsDiscovery::Kind kind, DecodeContext& context) {
  DnsDiscovery out;
  out.kind = kind;
  out.family = DecodeFamily(in, context);
  out.respect_ttl = in.respect_dns_ttl();
  if (in.has_dns_refresh_rate()) {
    out.refresh_rate = DecodeDuration(in.dns_refresh_rate(), "dns_refresh_rate", context);
    if (out.refresh_rate <= absl::Milliseconds(1)) {
      context.Error("dns_refresh_rate", "must be more than 1 ms");
    }
  }
  const auto scope = context.In("load_assignment");
  const auto& names = in.load_assignment();
  for (int i = 0; i < names.endpoints_size(); ++i) {
    const auto group = context.In("endpoints", i);
    out.localities.push_back(DecodeGroup(names.endpoints(i), context));
  }
  const bool one_name = out.localities.size() == 1 && out.localities[0].names.size() == 1;
  if (kind == DnsDiscovery::Kind::kLogical && !one_name) {
    context.Error("endpoints", "LOGICAL_DNS needs exactly one locality with one endpoint");
  }
  return out;
}

resource::OriginalDestination DecodeOriginalDestination(const cds::Cluster& in,
                                                        DecodeContext& context) {
  if (in.lb_policy() != cds::Cluster::CLUSTER_PROVIDED) {
    context.Error("lb_policy", "ORIGINAL_DST needs CLUSTER_PROVIDED");
  }
  if (in.has_load_assignment()) {
    context.Error("load_assignment", "ORIGINAL_DST must have none");
  }
  return {};
}

resource::Discovery DecodeType(const cds::Cluster& in, DecodeContext& context) {
  switch (in.type()) {
    case cds::Cluster::STATIC: {
      const auto scope = context.In("load_assignment");
      if (!in.has_load_assignment()) return resource::StaticDiscovery{};
      return resource::StaticDiscovery{DecodeEndpointSetMessage(in.load_assignment(), context)};
    }
    case cds::Cluster::STRICT_DNS:
      return DecodeDns(in, DnsDiscovery::Kind::kStrict, context);
    case cds::Cluster::LOGICAL_DNS:
      return DecodeDns(in, DnsDiscovery::Kind::kLogical, context);
    case cds::Cluster::EDS:
      return DecodeEds(in, context);
    case cds::Cluster::ORIGINAL_DST:
      return DecodeOriginalDestination(in, context);
    default:
      context.Error("type", "unknown value");
      return resource::StaticDiscovery{};
  }
}

}  // namespace

void DecodeDiscovery(const cds::Cluster& in, resource::Cluster& out, DecodeContext& context) {
  if (in.has_cluster_type()) {
    out.unusable = "pick: cluster type " + in.cluster_type().name() + " is not supported yet";
    context.Ignored("cluster_type", "\"" + in.cluster_type().name() +
                                        "\" is not supported yet: Calls to the cluster fail");
    out.discovery = resource::StaticDiscovery{};
    return;
  }
  if (in.lb_policy() == cds::Cluster::CLUSTER_PROVIDED && in.type() != cds::Cluster::ORIGINAL_DST) {
    context.Error("lb_policy", "CLUSTER_PROVIDED is for clusters that provide one");
  }
  out.discovery = DecodeType(in, context);
  if (in.has_load_assignment() && in.load_assignment().policy().has_overprovisioning_factor()) {
    out.overprovisioning_percent = in.load_assignment().policy().overprovisioning_factor().value();
  }
}

}  // namespace meshlib::xds
