// SPDX-License-Identifier: Apache-2.0
#include "translate/sidecar_index.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "translate/destination_rule_index.h"
#include "translate/host_name.h"

namespace meshlib::translate {

EgressHosts::EgressHosts(const manifest::Sidecar& sidecar, const std::string& client_namespace)
    : everything_(sidecar.egress.empty()) {
  for (const manifest::SidecarEgress& egress : sidecar.egress) {
    for (const std::string& host : egress.hosts) {
      const size_t slash = host.find('/');
      std::string name_space = host.substr(0, slash);
      if (name_space == "~") continue;  // nothing
      if (name_space == ".") name_space = client_namespace;
      hosts_.emplace_back(std::move(name_space), absl::AsciiStrToLower(host.substr(slash + 1)));
    }
  }
}

bool EgressHosts::ImportsService(const std::string& name_space, const std::string& host) const {
  return everything_ || std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& each) {
           return (each.first == "*" || each.first == name_space) &&
                  HostIsWithin(host, each.second);
         });
}

bool EgressHosts::ImportsVirtualService(const std::string& name_space,
                                        const std::vector<std::string>& hosts) const {
  return everything_ || std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& each) {
           if (each.first != "*" && each.first != name_space) return false;
           return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
             return HostsOverlap(host, each.second);
           });
         });
}

SidecarIndex::SidecarIndex(const manifest::Manifest& manifest) {
  for (const manifest::Sidecar& sidecar : manifest.sidecars) oldest_first_.push_back(&sidecar);
  std::stable_sort(oldest_first_.begin(), oldest_first_.end(), [](const auto* a, const auto* b) {
    return manifest::IsOlder(a->meta, b->meta);
  });
}

EgressHosts SidecarIndex::Of(const NodeClass& client) const {
  const manifest::Sidecar* of_namespace = nullptr;
  const manifest::Sidecar* of_root = nullptr;
  for (const manifest::Sidecar* sidecar : oldest_first_) {
    const bool is_own = sidecar->meta.name_space == client.name_space;
    if (sidecar->workload_selector) {
      if (is_own && LabelsMatch(*sidecar->workload_selector, client.labels)) {
        return {*sidecar, client.name_space};
      }
      continue;
    }
    if (is_own && of_namespace == nullptr) of_namespace = sidecar;
    if (sidecar->meta.name_space == kRootNamespace && of_root == nullptr) of_root = sidecar;
  }
  const manifest::Sidecar* chosen = of_namespace != nullptr ? of_namespace : of_root;
  return chosen == nullptr ? EgressHosts() : EgressHosts(*chosen, client.name_space);
}

}  // namespace meshlib::translate
