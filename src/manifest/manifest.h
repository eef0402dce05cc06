// SPDX-License-Identifier: Apache-2.0
// Manifest: all objects of a mesh, by kind.

#ifndef MESHLIB_MANIFEST_MANIFEST_H_
#define MESHLIB_MANIFEST_MANIFEST_H_

#include <string>
#include <vector>

#include "manifest/authorization_policy.h"
#include "manifest/destination_rule.h"
#include "manifest/gateway.h"
#include "manifest/mesh_config.h"
#include "manifest/object_meta.h"
#include "manifest/peer_authentication.h"
#include "manifest/problem.h"
#include "manifest/service.h"
#include "manifest/service_entry.h"
#include "manifest/sidecar.h"
#include "manifest/virtual_service.h"
#include "manifest/workload.h"

namespace meshlib::manifest {

// An object that is known by name only: RequestAuthentication. A value.
struct NamedObject {
  std::string kind;
  ObjectMeta meta;

  friend bool operator==(const NamedObject&, const NamedObject&) = default;
};

// Objects of a kind are in the order of reading, and no two have the same kind, namespace and name.
// A value.
struct Manifest {
  std::vector<Namespace> namespaces;
  std::vector<Service> services;
  std::vector<EndpointSlice> endpoint_slices;
  std::vector<Workload> workloads;
  std::vector<ServiceEntry> service_entries;
  std::vector<WorkloadEntry> workload_entries;
  std::vector<VirtualService> virtual_services;
  std::vector<DestinationRule> destination_rules;
  std::vector<Gateway> gateways;
  std::vector<Sidecar> sidecars;
  std::vector<AuthorizationPolicy> authorization_policies;
  std::vector<PeerAuthentication> peer_authentications;
  std::vector<MeshConfig> mesh_configs;  // at most one
  // RequestAuthentication: nothing enforces it yet.
  std::vector<NamedObject> unenforced;

  size_t size() const;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// What was read, and what was wrong with it. Objects with an error are not in `manifest`.
struct LoadResult {
  Manifest manifest;
  std::vector<Problem> problems;

  bool ok() const { return !HasErrors(problems); }
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_MANIFEST_H_
