// SPDX-License-Identifier: Apache-2.0
#include "manifest/host_index.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "manifest/near_name.h"

namespace meshlib::manifest {
namespace {

using base::AbslView;

constexpr char kServiceDomain[] = ".svc.cluster.local";

bool IsWildcard(std::string_view host) { return !host.empty() && host.front() == '*'; }

}  // namespace

std::string CompleteHost(const std::string& host, const std::string& name_space) {
  const bool complete = host.find('.') != std::string::npos || IsWildcard(host) || host.empty();
  return complete ? host : absl::StrCat(host, ".", name_space, kServiceDomain);
}

bool HostCoveredBy(std::string_view host, std::string_view of) {
  if (!IsWildcard(of)) return host == of;
  return absl::EndsWith(AbslView(host), AbslView(of.substr(1)));
}

bool HostsMeet(std::string_view a, std::string_view b) {
  return HostCoveredBy(a, b) || HostCoveredBy(b, a);
}

HostIndex::HostIndex(const Manifest& manifest) {
  for (const Service& service : manifest.services) {
    const std::string host = CompleteHost(service.meta.name, service.meta.name_space);
    std::set<uint32_t>& ports = exact_[host];
    for (const ServicePort& port : service.ports) ports.insert(port.port);
    services_.emplace(host, &service);
  }
  for (const ServiceEntry& entry : manifest.service_entries) {
    for (const std::string& host : entry.hosts) {
      std::set<uint32_t>& ports = (IsWildcard(host) ? wildcards_ : exact_)[host];
      for (const ServiceEntryPort& port : entry.ports) ports.insert(port.number);
    }
  }
  for (const DestinationRule& rule : manifest.destination_rules) {
    rules_[CompleteHost(rule.host, rule.meta.name_space)].push_back(&rule);
  }
}

bool HostIndex::Has(const std::string& host) const {
  if (exact_.count(host) > 0) return true;
  const auto covers = [&](const auto& entry) { return HostsMeet(host, entry.first); };
  if (std::any_of(wildcards_.begin(), wildcards_.end(), covers)) return true;
  return IsWildcard(host) && std::any_of(exact_.begin(), exact_.end(), covers);
}

std::set<uint32_t> HostIndex::PortsOf(const std::string& host) const {
  const auto it = exact_.find(host);
  if (it != exact_.end()) return it->second;
  for (const auto& [wildcard, ports] : wildcards_) {
    if (HostCoveredBy(host, wildcard)) return ports;
  }
  return {};
}

std::optional<std::string> HostIndex::Nearest(const std::string& host) const {
  // "reviews.default" is complete for Istio, though hardly meant so.
  if (exact_.count(host + kServiceDomain) > 0) return host + kServiceDomain;
  std::vector<std::string_view> names;
  for (const auto& [name, ports] : exact_) names.push_back(name);
  const size_t domain = host.find(kServiceDomain);
  if (domain == std::string::npos) {
    const auto nearest = NearestName(host, names);
    return nearest ? std::optional<std::string>(*nearest) : std::nullopt;
  }
  // Only what is before the common domain counts, or all hosts would be near.
  std::vector<std::string> heads;
  for (std::string_view name : names) heads.emplace_back(name.substr(0, name.find(kServiceDomain)));
  const std::vector<std::string_view> views(heads.begin(), heads.end());
  const auto nearest = NearestName(host.substr(0, domain), views);
  if (!nearest) return std::nullopt;
  return std::string(
      names[static_cast<size_t>(std::find(views.begin(), views.end(), *nearest) - views.begin())]);
}

std::vector<const DestinationRule*> HostIndex::RulesFor(const std::string& host) const {
  std::vector<const DestinationRule*> rules;
  const auto exact = rules_.find(host);
  if (exact != rules_.end()) rules = exact->second;
  // Wildcards are together in the order of text.
  for (auto it = rules_.lower_bound("*"); it != rules_.end() && IsWildcard(it->first); ++it) {
    if (it->first == host || !HostCoveredBy(host, it->first)) continue;
    rules.insert(rules.end(), it->second.begin(), it->second.end());
  }
  return rules;
}

const Service* HostIndex::ServiceOf(const std::string& host) const {
  const auto it = services_.find(host);
  return it == services_.end() ? nullptr : it->second;
}

}  // namespace meshlib::manifest
