// SPDX-License-Identifier: Apache-2.0
#include "mesh/security_report.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/endpoint_security.h"

namespace meshlib::mesh {
namespace {

using resource::Disposition;

// A Cluster may have thousands.
constexpr size_t kMostNamed = 16;

struct Way {
  std::string text;
  Disposition disposition = Disposition::kApplied;
  friend auto operator<=>(const Way&, const Way&) = default;
};

Way WayTo(const snapshot::MeshSnapshot& snapshot, const snapshot::ClusterEntry& cluster,
          resource::TlsMode mode) {
  if (cluster.cluster->unusable) return {*cluster.cluster->unusable, Disposition::kRejected};
  const client::Destination unknown;
  const client::EndpointSecurity security =
      client::SecurityOf(snapshot, cluster, mode, unknown, "");
  if (security.tls != nullptr && security.tls->depends_on_host()) {
    return {security.tls->description()};
  }
  return {security.Describe(),
          security.Context().ok() ? Disposition::kApplied : Disposition::kRejected};
}

std::string Named(std::vector<std::string> addresses) {
  const size_t count = addresses.size();
  if (count > kMostNamed) {
    addresses.resize(kMostNamed);
    addresses.push_back("...");
  }
  return absl::StrCat(count, count == 1 ? " endpoint (" : " endpoints (",
                      absl::StrJoin(addresses, ", "), ")");
}

void AddCluster(const snapshot::MeshSnapshot& snapshot, const std::string& name,
                const snapshot::ClusterEntry& cluster, resource::Report& report) {
  std::map<resource::TlsMode, std::vector<std::string>> by_mode;
  for (ExplainedEndpoint& endpoint : cluster.picker->Explain()) {
    const auto mode =
        endpoint.tls_mode == "istio" ? resource::TlsMode::kIstio : resource::TlsMode::kDisabled;
    by_mode[mode].push_back(std::move(endpoint.address));
  }
  std::map<Way, std::vector<std::string>> by_way;
  for (auto& [mode, addresses] : by_mode) {
    std::vector<std::string>& all = by_way[WayTo(snapshot, cluster, mode)];
    std::move(addresses.begin(), addresses.end(), std::back_inserter(all));
  }
  for (auto& [way, addresses] : by_way) {
    report.push_back({.disposition = way.disposition,
                      .resource_type = "Cluster",
                      .resource_name = name,
                      .field = "",
                      .message = absl::StrCat(Named(std::move(addresses)), ": ", way.text),
                      .origin = {}});
  }
}

}  // namespace

resource::Report SecurityReport(const snapshot::MeshSnapshot& snapshot) {
  const std::map<std::string, std::shared_ptr<const snapshot::ClusterEntry>> sorted(
      snapshot.clusters.begin(), snapshot.clusters.end());
  resource::Report report;
  for (const auto& [name, cluster] : sorted) AddCluster(snapshot, name, *cluster, report);
  return report;
}

}  // namespace meshlib::mesh
