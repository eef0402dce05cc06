// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_endpoint_set.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "google/protobuf/arena.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace eds = envoy::config::endpoint::v3;
using resource::Endpoint;
using resource::EndpointSet;
using resource::Health;
using resource::Locality;

constexpr uint32_t kMaxPriority = 128;
constexpr uint64_t kMaxWeightSum = std::numeric_limits<uint32_t>::max();

// Follows the sums and sets that span localities.
struct Totals {
  size_t endpoints = 0;
  size_t duplicates = 0;
  size_t without_address = 0;
  std::map<uint32_t, uint64_t> locality_weight;  // by priority
  std::map<uint32_t, absl::flat_hash_set<resource::Address>> addresses;
};

void DecodeMetadata(const core::Metadata& in, Endpoint::Details& details, Endpoint& out) {
  if (MetadataString(in, "envoy.transport_socket_match", "tlsMode") == "istio") {
    out.tls_mode = resource::TlsMode::kIstio;
  }
  details.workload = MetadataString(in, "istio", "workload");
}

// The address of the most common form at once; nullopt: to be looked at with care.
std::optional<resource::Address> QuickAddress(const core::Address& in) {
  if (!in.has_socket_address()) return std::nullopt;
  const core::SocketAddress& socket = in.socket_address();
  if (socket.port_specifier_case() != core::SocketAddress::kPortValue ||
      socket.port_value() > std::numeric_limits<uint16_t>::max() ||
      socket.protocol() != core::SocketAddress::TCP) {
    return std::nullopt;
  }
  return resource::Address::FromIp(socket.address(), static_cast<uint16_t>(socket.port_value()));
}

void DecodeMoreAddresses(const eds::Endpoint& in, int index, Endpoint::Details& details,
                         DecodeContext& context) {
  const auto scope = context.In("lb_endpoints", index);
  for (int i = 0; i < in.additional_addresses_size(); ++i) {
    const auto address = context.In("endpoint.additional_addresses", i);
    auto decoded = DecodeAddress(in.additional_addresses(i).address(), context);
    if (decoded) details.more_addresses.push_back(*std::move(decoded));
  }
}

std::optional<Endpoint> DecodeEndpoint(const eds::LbEndpoint& in, int index, Totals& totals,
                                       DecodeContext& context) {
  const core::Address& address = in.endpoint().address();
  if (address.has_envoy_internal_address() || in.has_endpoint_name()) {
    ++totals.without_address;
    return std::nullopt;
  }
  Endpoint out;
  if (auto quick = QuickAddress(address)) {
    out.address = *std::move(quick);
  } else {
    const auto scope = context.In("lb_endpoints", index);
    const auto endpoint = context.In("endpoint.address");
    auto decoded = DecodeAddress(address, context);
    if (!decoded) return std::nullopt;
    out.address = *std::move(decoded);
  }
  out.health = DecodeHealth(in.health_status());
  if (in.has_load_balancing_weight()) {
    out.weight = in.load_balancing_weight().value();
    if (out.weight == 0) {
      const auto scope = context.In("lb_endpoints", index);
      context.Error("load_balancing_weight", "must be at least 1");
    }
  }
  const bool has_more = in.endpoint().additional_addresses_size() > 0;
  if (in.has_metadata() || !in.endpoint().hostname().empty() || has_more) {
    Endpoint::Details details;
    details.hostname = in.endpoint().hostname();
    if (has_more) DecodeMoreAddresses(in.endpoint(), index, details, context);
    DecodeMetadata(in.metadata(), details, out);
    if (details != Endpoint::Details{}) {
      out.details = std::make_shared<const Endpoint::Details>(std::move(details));
    }
  }
  return out;
}

void DecodeEndpoints(const eds::LocalityLbEndpoints& in, Locality& out, Totals& totals,
                     DecodeContext& context) {
  auto& addresses = totals.addresses[out.priority];
  addresses.reserve(addresses.size() + static_cast<size_t>(in.lb_endpoints_size()));
  out.endpoints.reserve(static_cast<size_t>(in.lb_endpoints_size()));
  uint64_t weights = 0;
  for (int i = 0; i < in.lb_endpoints_size(); ++i) {
    auto endpoint = DecodeEndpoint(in.lb_endpoints(i), i, totals, context);
    if (!endpoint) continue;
    weights += endpoint->weight;
    if (!addresses.insert(endpoint->address).second) {
      ++totals.duplicates;
      continue;
    }
    out.endpoints.push_back(*std::move(endpoint));
  }
  if (weights > kMaxWeightSum) context.Error("lb_endpoints", "the weights exceed 4294967295");
}

Locality DecodeLocality(const eds::LocalityLbEndpoints& in, Totals& totals,
                        DecodeContext& context) {
  Locality out;
  out.name = {in.locality().region(), in.locality().zone(), in.locality().sub_zone()};
  out.priority = in.priority();
  if (out.priority > kMaxPriority) context.Error("priority", "must not be more than 128");
  if (in.has_load_balancing_weight()) {
    out.weight = in.load_balancing_weight().value();
    if (out.weight == 0) context.Error("load_balancing_weight", "must be at least 1");
    totals.locality_weight[out.priority] += out.weight;
  }
  ReportUnused(
      in,
      {"locality", "metadata", "lb_endpoints", "load_balancing_weight", "priority", "proximity"},
      context);
  totals.endpoints += static_cast<size_t>(in.lb_endpoints_size());
  if (totals.endpoints <= kMaxEndpoints) DecodeEndpoints(in, out, totals, context);
  return out;
}

void CheckTotals(const EndpointSet& set, const Totals& totals, DecodeContext& context) {
  std::set<uint32_t> priorities;
  for (const Locality& locality : set.localities) priorities.insert(locality.priority);
  uint32_t expected = 0;
  for (const uint32_t priority : priorities) {
    if (priority != expected++) {
      context.Error("endpoints", "there is no priority " + std::to_string(expected - 1));
      break;
    }
  }
  for (const auto& [priority, weight] : totals.locality_weight) {
    if (weight > kMaxWeightSum) {
      context.Error("endpoints", "the localities' weights at priority " + std::to_string(priority) +
                                     " exceed 4294967295");
    }
  }
  if (totals.endpoints > kMaxEndpoints) {
    context.Error("endpoints", std::to_string(totals.endpoints) + " endpoints are more than " +
                                   std::to_string(kMaxEndpoints));
  }
  if (totals.duplicates > 0) {
    context.Ignored("endpoints", std::to_string(totals.duplicates) +
                                     " endpoints repeat an address of their priority");
  }
  if (totals.without_address > 0) {
    context.Ignored("endpoints",
                    std::to_string(totals.without_address) + " endpoints have no network address");
  }
}

void DecodePolicy(const eds::ClusterLoadAssignment::Policy& in, EndpointSet& out,
                  DecodeContext& context) {
  const auto scope = context.In("policy");
  ReportUnused(in, {"drop_overloads", "overprovisioning_factor"}, context);
  if (in.has_overprovisioning_factor()) {
    out.overprovisioning_percent = in.overprovisioning_factor().value();
    if (out.overprovisioning_percent == 0) {
      context.Error("overprovisioning_factor", "must be greater than 0");
    }
  }
  for (int i = 0; i < in.drop_overloads_size(); ++i) {
    const auto drop_scope = context.In("drop_overloads", i);
    const auto& drop = in.drop_overloads(i);
    if (drop.category().empty()) context.Error("category", "must not be empty");
    out.drops.push_back(
        {drop.category(),
         DecodeFractionalPercent(drop.drop_percentage(), "drop_percentage", context).per_million});
  }
}

}  // namespace

Health DecodeHealth(core::HealthStatus in) {
  switch (in) {
    case core::UNHEALTHY:
    case core::TIMEOUT:
      return Health::kUnhealthy;
    case core::DRAINING:
      return Health::kDraining;
    case core::DEGRADED:
      return Health::kDegraded;
    default:
      return Health::kHealthy;
  }
}

EndpointSet DecodeEndpointSetMessage(const eds::ClusterLoadAssignment& in, DecodeContext& context) {
  EndpointSet out;
  out.name = resource::EndpointSetName(in.cluster_name());
  if (in.cluster_name().empty()) context.Error("cluster_name", "must not be empty");
  ReportUnused(in, {"cluster_name", "endpoints", "named_endpoints", "policy"}, context);
  Totals totals;
  out.localities.reserve(static_cast<size_t>(in.endpoints_size()));
  for (int i = 0; i < in.endpoints_size(); ++i) {
    const auto scope = context.In("endpoints", i);
    out.localities.push_back(DecodeLocality(in.endpoints(i), totals, context));
  }
  CheckTotals(out, totals, context);
  DecodePolicy(in.policy(), out, context);
  return out;
}

absl::StatusOr<std::shared_ptr<const EndpointSet>> DecodeEndpointSet(std::string_view bytes,
                                                                     resource::Report& report) {
  DecodeContext context("EndpointSet", report);
  google::protobuf::ArenaOptions options;
  options.start_block_size = std::clamp<size_t>(bytes.size(), 4096, 1u << 20);
  options.max_block_size = 1u << 20;
  google::protobuf::Arena arena(options);
  auto& in = *google::protobuf::Arena::CreateMessage<eds::ClusterLoadAssignment>(&arena);
  if (!ParseResource(bytes, in, context)) return context.status();
  context.set_name(in.cluster_name());
  auto out = std::make_shared<EndpointSet>(DecodeEndpointSetMessage(in, context));
  if (context.has_errors()) return context.status();
  return out;
}

}  // namespace meshlib::xds
