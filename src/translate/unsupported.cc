// SPDX-License-Identifier: Apache-2.0
#include "translate/unsupported.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "translate/delegates.h"
#include "translate/endpoint_index.h"
#include "translate/gateway_routes.h"
#include "translate/host_name.h"

namespace meshlib::translate {
namespace {

// Collects what is found in one object.
class Finder final {
 public:
  Finder(std::string_view kind, const manifest::ObjectMeta& meta, TranslateReport& report)
      : object_(absl::StrCat(base::AbslView(kind), " ", meta.ToString())),
        place_(meta.place),
        report_(report) {}

  void Add(std::string field, std::string message, manifest::Position position = {}) {
    manifest::Place place = place_;
    if (position.line != 0) place.position = position;
    report_.push_back({.place = place.ToString(),
                       .object = object_,
                       .field = std::move(field),
                       .message = std::move(message)});
  }

 private:
  const std::string object_;
  const manifest::Place place_;
  TranslateReport& report_;
};

void LookAt(const manifest::VirtualService& object, const Delegates& delegates,
            TranslateReport& report) {
  Finder finder("VirtualService", object.meta, report);
  if (Delegates::IsRoot(object)) {
    for (DelegateProblem& problem : delegates.Merge(object).problems) {
      finder.Add(absl::StrCat("http[", problem.route, "].delegate"), std::move(problem.text),
                 problem.position);
    }
  }
  if (!object.tls.empty()) {
    finder.Add("tls", "routes of TLS connections are not supported, ignored",
               object.tls.front().position);
  }
  if (!object.tcp.empty()) {
    finder.Add("tcp", "routes of TCP connections are not supported, ignored",
               object.tcp.front().position);
  }
}

void LookAt(const std::optional<manifest::TrafficPolicy>& policy, const std::string& field,
            Finder& finder) {
  if (!policy) return;
  if (policy->has_tunnel) finder.Add(absl::StrCat(field, ".tunnel"), "not supported, ignored");
  if (policy->has_proxy_protocol) {
    finder.Add(absl::StrCat(field, ".proxyProtocol"), "not supported, ignored");
  }
  if (policy->tls && !policy->tls->credential_name.empty()) {
    finder.Add(absl::StrCat(field, ".tls.credentialName"),
               "Secrets are not supported yet, ignored");
  }
  if (policy->outlier_detection && policy->outlier_detection->consecutive_errors) {
    finder.Add(absl::StrCat(field, ".outlierDetection.consecutiveErrors"),
               "was removed from Istio, ignored: use consecutiveGatewayErrors or "
               "consecutive5xxErrors");
  }
}

void LookAt(const manifest::DestinationRule& object, TranslateReport& report) {
  Finder finder("DestinationRule", object.meta, report);
  LookAt(object.traffic_policy, "trafficPolicy", finder);
  for (size_t i = 0; i < object.subsets.size(); ++i) {
    LookAt(object.subsets[i].traffic_policy, absl::StrCat("subsets[", i, "].trafficPolicy"),
           finder);
  }
}

void LookAt(const manifest::Gateway& object, TranslateReport& report) {
  Finder finder("Gateway", object.meta, report);
  for (size_t i = 0; i < object.servers.size(); ++i) {
    const manifest::GatewayServer& server = object.servers[i];
    if (!server.bind.empty() && server.bind != "0.0.0.0") {
      finder.Add(absl::StrCat("servers[", i, "].bind"),
                 "not supported, the router listens where it is told to", server.position);
    }
    if (IsPlainHttp(server)) continue;
    const char* what = server.tls ? " with TLS" : "";
    finder.Add(absl::StrCat("servers[", i, "]"),
               absl::StrCat("protocol ", server.protocol, what,
                            " is not supported yet, the server is left out"),
               server.position);
  }
}

void LookAt(const manifest::ServiceEntry& object, TranslateReport& report) {
  if (object.resolution != manifest::ServiceEntry::Resolution::kDynamicDns) return;
  Finder("ServiceEntry", object.meta, report)
      .Add("resolution", "DYNAMIC_DNS is treated as NONE: the client resolves the name");
}

void LookAt(const manifest::Sidecar& object, TranslateReport& report) {
  Finder finder("Sidecar", object.meta, report);
  for (size_t i = 0; i < object.egress.size(); ++i) {
    if (!object.egress[i].port) continue;
    finder.Add(absl::StrCat("egress[", i, "].port"),
               "the hosts are imported with all of their ports", object.egress[i].position);
  }
  if (object.has_ingress) finder.Add("ingress", "not supported, ignored");
  if (object.has_outbound_traffic_policy) {
    finder.Add("outboundTrafficPolicy",
               "not supported, ignored: MeshOptions::outbound_traffic_policy decides");
  }
  if (object.has_inbound_connection_pool) {
    finder.Add("inboundConnectionPool", "not supported, ignored");
  }
}

// Two objects that claim one host in one namespace: the second is never used.
void LookAtHosts(const ServiceIndex& services, TranslateReport& report) {
  std::map<std::pair<std::string, std::string>, const MeshService*> first;
  for (const MeshService& service : services.services()) {
    const auto [found, added] = first.insert({{service.name_space, service.host}, &service});
    if (added || found->second->meta == service.meta) continue;
    Finder(service.kubernetes ? "Service" : "ServiceEntry", *service.meta, report)
        .Add("hosts", absl::StrCat("\"", service.host, "\" is already that of ",
                                   found->second->meta->place.ToString(), ", ignored"));
  }
}

// Names of ports that nobody resolves.
void LookAtTargets(const manifest::Manifest& manifest, const MeshService& service,
                   TranslateReport& report) {
  if (service.service == nullptr || !service.selector) return;
  for (size_t i = 0; i < service.ports.size(); ++i) {
    const MeshPort& port = service.ports[i];
    const auto* name = std::get_if<std::string>(&port.target);
    if (name == nullptr || KnowsContainerPort(manifest, service, *name)) continue;
    Finder("Service", *service.meta, report)
        .Add(absl::StrCat("ports[", i, "].targetPort"),
             absl::StrCat("no container that the Service selects has a port \"", *name, "\", ",
                          port.number, " is used"),
             service.service->ports[i].position);
  }
}

}  // namespace

std::string TranslateProblem::ToString() const {
  return absl::StrCat(place, ": ", object, field.empty() ? "" : " ", field, ": ", message);
}

TranslateReport FindUnsupported(const manifest::Manifest& manifest, const ServiceIndex& services) {
  TranslateReport report;
  const Delegates delegates(manifest);
  for (const auto& object : manifest.virtual_services) LookAt(object, delegates, report);
  for (const auto& object : manifest.destination_rules) LookAt(object, report);
  for (const auto& object : manifest.gateways) LookAt(object, report);
  for (const auto& object : manifest.service_entries) LookAt(object, report);
  for (const auto& object : manifest.sidecars) LookAt(object, report);
  for (const MeshService& service : services.services()) LookAtTargets(manifest, service, report);
  LookAtHosts(services, report);
  std::stable_sort(report.begin(), report.end());
  return report;
}

}  // namespace meshlib::translate
