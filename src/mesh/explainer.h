// SPDX-License-Identifier: Apache-2.0
// Explainer: what a snapshot would do with a request.

#ifndef MESHLIB_MESH_EXPLAINER_H_
#define MESHLIB_MESH_EXPLAINER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client/destination.h"
#include "meshlib/explain.h"
#include "meshlib/http_client.h"
#include "meshlib/mesh_options.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::mesh {

// One request to explain, as many snapshots as it takes. Thread-compatible.
class Explainer final {
 public:
  // INVALID_ARGUMENT: the URL cannot be read.
  static absl::StatusOr<Explainer> Make(const HttpRequest& request, const CallOptions& options,
                                        const client::NameRules& rules,
                                        OutboundTrafficPolicy policy);

  // The Listeners that decide, in the order in which they are looked at.
  const std::vector<std::string>& listeners() const { return listeners_; }

  // Whether MeshSnapshot::urls is needed.
  bool is_https() const { return destination_.tls; }

  // Nullopt while the snapshot does not know a Listener that decides. `random` stands for every
  // random choice.
  std::optional<Explanation> Explain(const snapshot::MeshSnapshot& snapshot, uint64_t random) const;

 private:
  Explainer() = default;

  Explanation ByListener(const snapshot::MeshSnapshot& snapshot,
                         const snapshot::ListenerEntry& entry, const std::string& name,
                         uint64_t random) const;
  // The endpoints of every cluster that may be chosen, and why the cluster as a whole cannot be
  // used.
  void AddClusters(const snapshot::MeshSnapshot& snapshot, const snapshot::ListenerEntry& entry,
                   Explanation& explanation) const;
  Explanation WithoutListener() const;

  std::string method_;
  client::Destination destination_;
  Headers headers_;
  std::vector<std::string> listeners_;
  OutboundTrafficPolicy policy_ = OutboundTrafficPolicy::kAllowAny;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_EXPLAINER_H_
