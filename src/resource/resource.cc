// SPDX-License-Identifier: Apache-2.0
// How resources print, and the comparisons that are not member-wise.

#include <tuple>

#include "resource/cluster.h"
#include "resource/listener.h"
#include "resource/report.h"
#include "resource/route_config.h"

namespace meshlib::resource {
namespace {

struct DiscoveryText {
  std::string operator()(const EdsDiscovery& eds) const { return "EDS " + eds.service_name.value; }
  std::string operator()(const StaticDiscovery& fixed) const {
    return "STATIC " + fixed.endpoints.ToString();
  }
  std::string operator()(const DnsDiscovery& dns) const {
    std::string text = dns.kind == DnsDiscovery::Kind::kStrict ? "STRICT_DNS" : "LOGICAL_DNS";
    for (const DnsDiscovery::Group& group : dns.localities) {
      for (const DnsDiscovery::Name& name : group.names) {
        text += " " + name.host + ":" + std::to_string(name.port);
      }
    }
    return text;
  }
  std::string operator()(const OriginalDestination&) const { return "ORIGINAL_DST"; }
};

std::string RoutesText(const HttpSettings& http) {
  if (const auto* name = std::get_if<RouteConfigName>(&http.routes)) return "RDS " + name->value;
  return "inline routes";
}

const RouteConfig* InlineRoutes(const HttpSettings& http) {
  const auto* routes = std::get_if<std::shared_ptr<const RouteConfig>>(&http.routes);
  return routes == nullptr ? nullptr : routes->get();
}

bool SameRoutes(const HttpSettings& a, const HttpSettings& b) {
  const RouteConfig* left = InlineRoutes(a);
  const RouteConfig* right = InlineRoutes(b);
  if (left == nullptr || right == nullptr) return a.routes == b.routes;
  return left == right || *left == *right;
}

}  // namespace

bool operator==(const HttpSettings& a, const HttpSettings& b) {
  const auto decisions = [](const HttpSettings& s) {
    return std::tie(s.fault, s.has_fault_filter, s.rbac, s.normalize_path, s.merge_slashes,
                    s.escaped_slashes, s.xff_num_trusted_hops, s.client_certificate,
                    s.strip_any_host_port, s.strip_matching_host_port, s.strip_trailing_host_dot,
                    s.preserve_external_request_id, s.generate_request_id, s.use_remote_address,
                    s.internal_addresses, s.suppress_envoy_headers, s.stream_idle_timeout,
                    s.request_timeout, s.request_headers_timeout, s.max_stream_duration,
                    s.idle_timeout, s.unusable);
  };
  return SameRoutes(a, b) && decisions(a) == decisions(b);
}

std::string RouteConfig::ToString() const {
  std::string text = name.value + ":";
  for (const VirtualHost& host : virtual_hosts) {
    text += " " + host.name + "(" + std::to_string(host.routes.size()) + " routes)";
  }
  return text;
}

std::string Cluster::ToString() const {
  return name.value + ": " + std::visit(DiscoveryText{}, discovery) +
         (unusable ? ", unusable: " + *unusable : std::string());
}

std::string Listener::ToString() const {
  std::string text = name.value + ":";
  if (api) text += " api " + RoutesText(*api);
  for (const FilterChain& chain : filter_chains) {
    text += " chain(" + (chain.http ? RoutesText(*chain.http) : std::string("TCP")) + ")";
  }
  return unusable ? text + ", unusable: " + *unusable : text;
}

std::string ReportEntry::ToString() const {
  static constexpr const char* kVerbs[] = {"applied", "approximated", "ignored", "rejected"};
  const std::string where =
      origin.empty() ? resource_type + " \"" + resource_name + "\"" : origin.ToString();
  // Where the object's own field is known, people do not need that of xDS.
  const bool is_located = field.empty() || !origin.field.empty();
  return where + (is_located ? "" : " " + field) + ": " + message + ", " +
         kVerbs[static_cast<size_t>(disposition)];
}

}  // namespace meshlib::resource
