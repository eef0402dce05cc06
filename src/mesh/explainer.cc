// SPDX-License-Identifier: Apache-2.0
#include "mesh/explainer.h"

#include <utility>

#include "client/endpoint_security.h"
#include "route/explain.h"
#include "route/path_normalization.h"

namespace meshlib::mesh {
namespace {

using snapshot::ListenerEntry;

// Envoy's name in Istio for what leaves the mesh.
constexpr const char* kPassthrough = "PassthroughCluster";

Explanation Failed(int status, std::string error) {
  Explanation explanation;
  explanation.action = "none";
  explanation.status = status;
  explanation.error = std::move(error);
  return explanation;
}

const snapshot::ClusterEntry* FindCluster(const ListenerEntry& entry, const std::string& name) {
  const auto& names = entry.routes->clusters();
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].value == name) return entry.clusters[i].get();
  }
  return nullptr;
}

}  // namespace

absl::StatusOr<Explainer> Explainer::Make(const HttpRequest& request, const CallOptions& options,
                                          const client::NameRules& rules,
                                          OutboundTrafficPolicy policy) {
  Explainer explainer;
  if (absl::Status status = explainer.destination_.Decode(request, rules); !status.ok()) {
    return status;
  }
  explainer.method_ = request.method;
  explainer.headers_ = request.headers;
  for (const Headers::Field field : options.headers)
    explainer.headers_.Add(field.name, field.value);
  explainer.policy_ = policy;
  if (!options.listener.empty()) {
    explainer.listeners_.push_back(options.listener);
  } else {
    const auto names = explainer.destination_.listeners();
    explainer.listeners_.assign(names.begin(), names.end());
  }
  return explainer;
}

std::optional<Explanation> Explainer::Explain(const snapshot::MeshSnapshot& snapshot,
                                              uint64_t random) const {
  if (is_https() && snapshot.urls == nullptr) return std::nullopt;
  for (const std::string& name : listeners_) {
    const ListenerEntry* entry = snapshot.Find(name);
    if (entry == nullptr) return std::nullopt;
    if (entry->state != ListenerEntry::State::kAbsent) {
      return ByListener(snapshot, *entry, name, random);
    }
  }
  return WithoutListener();
}

Explanation Explainer::ByListener(const snapshot::MeshSnapshot& snapshot,
                                  const ListenerEntry& entry, const std::string& name,
                                  uint64_t random) const {
  if (entry.state == ListenerEntry::State::kFailed) {
    Explanation failed = Failed(503, std::string(entry.failure.message()));
    failed.listener = name;
    return failed;
  }
  std::string path = destination_.path;
  if (!route::ApplyPathSettings(*entry.http, path)) {
    return Failed(400, "route: the path cannot be normalized");
  }
  Explanation explanation;
  route::Explain(
      *entry.routes, *entry.http,
      {.method = method_, .path = path, .authority = destination_.authority, .headers = &headers_},
      random, explanation);
  explanation.listener = name;
  if (entry.http->unusable) explanation.error = *entry.http->unusable;
  AddClusters(snapshot, entry, explanation);
  return explanation;
}

void Explainer::AddClusters(const snapshot::MeshSnapshot& snapshot, const ListenerEntry& entry,
                            Explanation& explanation) const {
  for (const ExplainedCluster& named : explanation.clusters) {
    const snapshot::ClusterEntry* cluster = FindCluster(entry, named.name);
    if (cluster == nullptr) {
      explanation.error = "cluster \"" + named.name + "\" does not exist";
      continue;
    }
    if (cluster->cluster->unusable) explanation.error = *cluster->cluster->unusable;
    if (explanation.subset.empty()) explanation.subset = cluster->cluster->subset;
    for (ExplainedEndpoint& endpoint : cluster->picker->Explain()) {
      endpoint.cluster = named.name;
      const auto mode =
          endpoint.tls_mode == "istio" ? resource::TlsMode::kIstio : resource::TlsMode::kDisabled;
      endpoint.security =
          client::SecurityOf(snapshot, *cluster, mode, destination_, explanation.authority)
              .Describe();
      explanation.endpoints.push_back(std::move(endpoint));
    }
  }
}

Explanation Explainer::WithoutListener() const {
  if (destination_.in_cluster_domain) {
    return Failed(404, "route: no such host in the mesh: \"" + destination_.host + "\"");
  }
  if (policy_ == OutboundTrafficPolicy::kRegistryOnly) {
    return Failed(502, "route: \"" + destination_.host +
                           "\" is not in the mesh, and the outbound traffic policy is "
                           "REGISTRY_ONLY");
  }
  Explanation explanation;
  explanation.action = "forward";
  explanation.clusters = {{kPassthrough, 1}};
  explanation.path = destination_.path;
  explanation.authority = destination_.authority;
  return explanation;
}

}  // namespace meshlib::mesh
