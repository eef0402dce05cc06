// SPDX-License-Identifier: Apache-2.0
#include "translate/server_listeners.h"

#include <algorithm>
#include <vector>

#include "translate/cluster_name.h"
#include "translate/listener_builder.h"

namespace meshlib::translate {
namespace {

bool Contains(const std::vector<uint32_t>& numbers, uint32_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

bool LeadsTo(const MeshModel& model, const MeshService& service, const MeshPort& port,
             const ads_server::Node& node, uint32_t number) {
  if (service.name_space != NamespaceOf(node)) return false;
  if (service.selector && LabelsMatch(*service.selector, node.labels) &&
      Contains(TargetNumbers(model.manifest(), service, port, node.labels), number)) {
    return true;
  }
  const std::vector<MeshEndpoint> listed = model.files().Of(service, port);
  return std::any_of(listed.begin(), listed.end(), [&](const MeshEndpoint& endpoint) {
    return endpoint.port == number &&
           std::find(node.ips.begin(), node.ips.end(), endpoint.address) != node.ips.end();
  });
}

// Stock gRPC serves with TLS or without; where both are allowed, Istio's clients use TLS with a
// workload that is labelled for it.
MtlsMode MtlsOf(const MeshModel& model, const ads_server::Node& node, Shape shape, uint32_t port) {
  const MtlsMode mode = model.policies().Mtls(NamespaceOf(node), node.labels, port);
  const auto label = node.labels.find("security.istio.io/tlsMode");
  const bool uses_tls = label != node.labels.end() && label->second == "istio";
  const bool strict = shape == Shape::kGrpc && mode == MtlsMode::kPermissive && uses_tls;
  return strict ? MtlsMode::kStrict : mode;
}

}  // namespace

bool IsServerListener(std::string_view name) {
  const std::string_view prefix = kInboundPrefix;
  return name.substr(0, prefix.size()) == prefix;
}

std::optional<xds_listener::Listener> FindServerListener(const MeshModel& model,
                                                         const ads_server::Node& node, Shape shape,
                                                         const std::string& name) {
  const std::string_view prefix = kInboundPrefix;
  const auto bound = ParseHostPort(std::string_view(name).substr(prefix.size()));
  if (!bound) return std::nullopt;
  const AppliedPolicies policies = model.policies().Authorization(NamespaceOf(node), node.labels);
  for (const MeshService& service : model.services().services()) {
    for (const MeshPort& port : service.ports) {
      if (!LeadsTo(model, service, port, node, bound->port)) continue;
      return BuildServerListener(shape,
                                 {.name = name,
                                  .address = bound->host,
                                  .port = bound->port,
                                  .service = service,
                                  .service_port = port,
                                  .trust_domains = model.trust_domains(),
                                  .mtls = MtlsOf(model, node, shape, bound->port),
                                  .rbac = BuildRbacFilters(shape, policies, model.trust_domains(),
                                                           !MayCarryHttp(port.protocol))});
    }
  }
  return std::nullopt;
}

}  // namespace meshlib::translate
