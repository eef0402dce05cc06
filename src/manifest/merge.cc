// SPDX-License-Identifier: Apache-2.0
// Merge(), and the Manifest as a whole.

#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "manifest/load.h"
#include "manifest/manifest.h"

namespace meshlib::manifest {
namespace {

const char* NameOf(Workload::Kind kind) {
  switch (kind) {
    case Workload::Kind::kPod:
      return "Pod";
    case Workload::Kind::kDeployment:
      return "Deployment";
    case Workload::Kind::kReplicaSet:
      return "ReplicaSet";
    case Workload::Kind::kStatefulSet:
      return "StatefulSet";
    case Workload::Kind::kDaemonSet:
      return "DaemonSet";
    case Workload::Kind::kJob:
      return "Job";
    case Workload::Kind::kCronJob:
      return "CronJob";
    case Workload::Kind::kReplicationController:
      return "ReplicationController";
  }
  return "";
}

const char* KindOf(const Namespace&) { return "Namespace"; }
const char* KindOf(const Service&) { return "Service"; }
const char* KindOf(const EndpointSlice& slice) {
  return slice.from_endpoints ? "Endpoints" : "EndpointSlice";
}
const char* KindOf(const Workload& workload) { return NameOf(workload.kind); }
const char* KindOf(const ServiceEntry&) { return "ServiceEntry"; }
const char* KindOf(const WorkloadEntry&) { return "WorkloadEntry"; }
const char* KindOf(const VirtualService&) { return "VirtualService"; }
const char* KindOf(const DestinationRule&) { return "DestinationRule"; }
const char* KindOf(const Gateway&) { return "Gateway"; }
const char* KindOf(const AuthorizationPolicy&) { return "AuthorizationPolicy"; }
const char* KindOf(const PeerAuthentication&) { return "PeerAuthentication"; }
const char* KindOf(const Sidecar&) { return "Sidecar"; }
const char* KindOf(const MeshConfig&) { return "ConfigMap"; }
const char* KindOf(const NamedObject& object) { return object.kind.c_str(); }

// Puts Manifests behind one another and remembers who was there first. Thread-compatible.
class Merger final {
 public:
  explicit Merger(std::vector<Duplicate>* duplicates) : duplicates_(duplicates) {}

  void Add(const Manifest& part) {
    Append(part.namespaces, merged_.namespaces);
    Append(part.services, merged_.services);
    Append(part.endpoint_slices, merged_.endpoint_slices);
    Append(part.workloads, merged_.workloads);
    Append(part.service_entries, merged_.service_entries);
    Append(part.workload_entries, merged_.workload_entries);
    Append(part.virtual_services, merged_.virtual_services);
    Append(part.destination_rules, merged_.destination_rules);
    Append(part.gateways, merged_.gateways);
    Append(part.sidecars, merged_.sidecars);
    Append(part.authorization_policies, merged_.authorization_policies);
    Append(part.peer_authentications, merged_.peer_authentications);
    Append(part.mesh_configs, merged_.mesh_configs);
    Append(part.unenforced, merged_.unenforced);
    first_order_ += part.size();
  }

  Manifest Take() { return std::move(merged_); }

 private:
  template <typename Object>
  void Append(const std::vector<Object>& from, std::vector<Object>& to) {
    for (const Object& object : from) {
      if (!IsFirst(KindOf(object), object.meta)) continue;
      to.push_back(object);
      to.back().meta.order += first_order_;
    }
  }

  bool IsFirst(const char* kind, const ObjectMeta& meta) {
    std::string object = absl::StrCat(kind, " ", meta.ToString());
    const auto [it, is_new] = places_.try_emplace(object, meta.place);
    // The subsets of one Endpoints are several slices.
    if (is_new || it->second == meta.place) return true;
    duplicates_->push_back({std::move(object), it->second, meta.place});
    return false;
  }

  std::vector<Duplicate>* duplicates_;
  Manifest merged_;
  uint64_t first_order_ = 0;
  absl::flat_hash_map<std::string, Place> places_;
};

}  // namespace

size_t Manifest::size() const {
  return namespaces.size() + services.size() + endpoint_slices.size() + workloads.size() +
         service_entries.size() + workload_entries.size() + virtual_services.size() +
         destination_rules.size() + gateways.size() + sidecars.size() +
         authorization_policies.size() + peer_authentications.size() + mesh_configs.size() +
         unenforced.size();
}

Problem Duplicate::ToProblem() const {
  return {Severity::kError,
          second,
          object,
          {},
          absl::StrCat("is there twice, first at ", first.ToString())};
}

Manifest Merge(const std::vector<const Manifest*>& parts, std::vector<Duplicate>* duplicates) {
  Merger merger(duplicates);
  for (const Manifest* part : parts) merger.Add(*part);
  return merger.Take();
}

}  // namespace meshlib::manifest
