// SPDX-License-Identifier: Apache-2.0
#include "translate/node_class.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/string_view.h"
#include "translate/host_name.h"

namespace meshlib::translate {

std::string NamespaceOf(const ads_server::Node& node) {
  return node.name_space.empty() ? "default" : node.name_space;
}

NodeClass ClassOf(const ads_server::Node& node, const AskedOfClients& asked) {
  NodeClass result;
  // Our own clients ask by names, and understand all that sidecars do.
  const bool is_grpc = node.generator == "grpc" && !node.meshlib;
  result.shape = node.type == "router" ? Shape::kRouter : is_grpc ? Shape::kGrpc : Shape::kSidecar;
  result.name_space = NamespaceOf(node);
  result.dns_domain = node.dns_domain.empty()
                          ? absl::StrCat(result.name_space, ".svc.", base::AbslView(kClusterDomain))
                          : node.dns_domain;
  for (const auto& [key, value] : node.labels) {
    // Routers are few, and selected by Gateways and Services.
    if (result.shape == Shape::kRouter || asked.label_keys.contains(key))
      result.labels.emplace(key, value);
  }
  if (asked.locality) {
    result.locality = node.locality.empty() ? LocalityOf(node.labels) : node.locality;
  }
  return result;
}

std::string LocalityOf(const std::map<std::string, std::string>& labels) {
  const auto found = labels.find("istio-locality");
  if (found == labels.end()) return "";
  return absl::StrReplaceAll(found->second, {{".", "/"}});
}

bool LabelsMatch(const std::map<std::string, std::string>& wanted,
                 const std::map<std::string, std::string>& labels) {
  for (const auto& [key, value] : wanted) {
    const auto found = labels.find(key);
    if (found == labels.end() || found->second != value) return false;
  }
  return true;
}

}  // namespace meshlib::translate
