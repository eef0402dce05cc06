// SPDX-License-Identifier: Apache-2.0
#include "translate/mesh_model.h"

#include <optional>
#include <utility>

#include "translate/unsupported.h"

namespace meshlib::translate {
namespace {

void LookAt(const std::optional<manifest::TrafficPolicy>& policy, AskedOfClients& asked) {
  if (!policy) return;
  const auto look_at = [&](const std::optional<manifest::LoadBalancer>& balancer) {
    if (!balancer || !balancer->locality_lb_setting) return;
    asked.locality = true;
    for (const std::string& label : balancer->locality_lb_setting->failover_priority) {
      asked.label_keys.insert(label.substr(0, label.find('=')));
    }
  };
  look_at(policy->load_balancer);
  if (policy->outlier_detection) asked.locality = true;
  for (const manifest::PortTrafficPolicy& port : policy->port_level_settings) {
    look_at(port.load_balancer);
    if (port.outlier_detection) asked.locality = true;
  }
}

AskedOfClients WhatIsAsked(const manifest::Manifest& manifest) {
  AskedOfClients asked;
  const auto add = [&](const manifest::Labels& labels) {
    for (const auto& [key, value] : labels) asked.label_keys.insert(key);
  };
  for (const manifest::VirtualService& virtual_service : manifest.virtual_services) {
    for (const manifest::HttpRoute& http : virtual_service.http) {
      for (const manifest::HttpMatch& match : http.match) add(match.source_labels);
    }
  }
  for (const manifest::Sidecar& sidecar : manifest.sidecars) {
    if (sidecar.workload_selector) add(*sidecar.workload_selector);
  }
  for (const manifest::DestinationRule& rule : manifest.destination_rules) {
    if (rule.workload_selector) add(*rule.workload_selector);
    LookAt(rule.traffic_policy, asked);
    for (const manifest::Subset& subset : rule.subsets) LookAt(subset.traffic_policy, asked);
  }
  return asked;
}

}  // namespace

MeshModel::MeshModel(std::shared_ptr<const manifest::Manifest> manifest,
                     const std::string& trust_domain)
    : manifest_(std::move(manifest)),
      services_(*manifest_),
      virtual_services_(*manifest_),
      rules_(*manifest_),
      policies_(*manifest_),
      sidecars_(*manifest_),
      trust_domains_(TrustDomainsOf(*manifest_, trust_domain)),
      files_(*manifest_, {}),
      asked_of_clients_(WhatIsAsked(*manifest_)),
      report_(FindUnsupported(*manifest_, services_)) {}

}  // namespace meshlib::translate
