// SPDX-License-Identifier: Apache-2.0
#include "ads_server/inbound_registrations.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "resource/address.h"

namespace meshlib::ads_server {
namespace {

constexpr std::string_view kInboundPrefix = "xds.istio.io/grpc/lds/inbound/";

// Where peers reach the workload.
std::optional<resource::Address> Reachable(const Node& node, const resource::Address& bound) {
  if (!bound.is_unspecified()) return bound;
  std::optional<resource::Address> best;
  for (const std::string& ip : node.ips) {
    const auto address = resource::Address::FromIp(ip, bound.port());
    if (!address.has_value() || address->is_unspecified()) continue;
    if (address->family() == bound.family()) return address;
    // A socket bound to :: takes IPv4 as well.
    if (!best.has_value() && bound.family() == resource::Address::Family::kIpv6) best = address;
  }
  return best;
}

std::optional<registry::Registration> RegistrationOf(const Node& node, std::string_view name) {
  if (name.substr(0, kInboundPrefix.size()) != kInboundPrefix) return std::nullopt;
  const auto bound = resource::Address::FromString(name.substr(kInboundPrefix.size()));
  if (!bound.has_value() || !bound->is_ip() || bound->port() == 0) return std::nullopt;
  const std::optional<resource::Address> address = Reachable(node, *bound);
  if (!address.has_value()) return std::nullopt;
  return registry::Registration{.workload = {.name = node.name,
                                             .name_space = node.name_space,
                                             .service_account = node.service_account,
                                             .labels = node.labels,
                                             .address = address->IpString(),
                                             .ports = {}},
                                .port = address->port()};
}

}  // namespace

void InboundRegistrations::Update(const Node& node,
                                  const std::vector<std::string>& listener_names) {
  if (registry_ == nullptr) return;
  std::erase_if(registered_, [&](const auto& each) {
    return std::find(listener_names.begin(), listener_names.end(), each.first) ==
           listener_names.end();
  });
  for (const std::string& name : listener_names) {
    if (registered_.find(name) != registered_.end()) continue;
    if (auto registration = RegistrationOf(node, name)) {
      registered_[name] = registry_->Register(*std::move(registration));
    }
  }
}

}  // namespace meshlib::ads_server
