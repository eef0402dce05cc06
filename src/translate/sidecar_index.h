// SPDX-License-Identifier: Apache-2.0
// SidecarIndex: which part of the mesh a client imports.

#ifndef MESHLIB_TRANSLATE_SIDECAR_INDEX_H_
#define MESHLIB_TRANSLATE_SIDECAR_INDEX_H_

#include <string>
#include <utility>
#include <vector>

#include "manifest/manifest.h"
#include "translate/node_class.h"

namespace meshlib::translate {

// The egress hosts of a Sidecar, for a client. A value.
class EgressHosts final {
 public:
  // Everything.
  EgressHosts() = default;
  EgressHosts(const manifest::Sidecar& sidecar, const std::string& client_namespace);

  bool is_everything() const { return everything_; }
  // Whether a service of that namespace is imported: every name of it.
  bool ImportsService(const std::string& name_space, const std::string& host) const;
  // Whether a VirtualService of that namespace for these hosts is: some name of them.
  bool ImportsVirtualService(const std::string& name_space,
                             const std::vector<std::string>& hosts) const;

 private:
  bool everything_ = true;
  std::vector<std::pair<std::string, std::string>> hosts_;  // namespace or "*", host
};

// Immutable; share freely.
class SidecarIndex final {
 public:
  // `manifest` must outlive it.
  explicit SidecarIndex(const manifest::Manifest& manifest);

  // By the Sidecar of the client's namespace that selects it, else by that namespace's for all,
  // else by the root namespace's for all; of several the oldest. `client.labels` must have all that
  // a selector asks for.
  EgressHosts Of(const NodeClass& client) const;

 private:
  std::vector<const manifest::Sidecar*> oldest_first_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_SIDECAR_INDEX_H_
