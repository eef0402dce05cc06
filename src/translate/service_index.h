// SPDX-License-Identifier: Apache-2.0
// ServiceIndex: the hosts of a mesh.

#ifndef MESHLIB_TRANSLATE_SERVICE_INDEX_H_
#define MESHLIB_TRANSLATE_SERVICE_INDEX_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"
#include "translate/mesh_service.h"
#include "translate/sidecar_index.h"

namespace meshlib::translate {

// One service for each host: the one that a client in some namespace gets.
using VisibleServices = std::map<std::string, const MeshService*, std::less<>>;

// ServiceEntries of one namespace that name the same host in the same way are one service with the
// ports and endpoints of all of them, as in Istio. Immutable; share freely.
class ServiceIndex final {
 public:
  // `manifest` must outlive it.
  explicit ServiceIndex(const manifest::Manifest& manifest);
  ServiceIndex(const ServiceIndex&) = delete;
  ServiceIndex& operator=(const ServiceIndex&) = delete;

  // Of two services of one host: Kubernetes' own, then that of the client's namespace, then the
  // oldest. Only what `imported` covers.
  VisibleServices VisibleTo(const std::string& client_namespace,
                            const EgressHosts& imported = {}) const;

  const std::vector<MeshService>& services() const { return services_; }

 private:
  void AddService(const manifest::Service& service);
  void AddEntry(const manifest::ServiceEntry& entry);
  // Whether `service` went into one that is there already.
  bool Merge(const MeshService& service);
  void AddExternalName(const manifest::Service& service);
  void AddAliases(const manifest::Manifest& manifest);

  std::vector<MeshService> services_;  // in the order of preference
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_SERVICE_INDEX_H_
