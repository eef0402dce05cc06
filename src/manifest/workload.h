// SPDX-License-Identifier: Apache-2.0
// Workload: a Pod, or a controller with a template for Pods.

#ifndef MESHLIB_MANIFEST_WORKLOAD_H_
#define MESHLIB_MANIFEST_WORKLOAD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// A value.
struct ContainerPort {
  std::string name;
  std::string protocol = "TCP";
  uint32_t container_port = 0;

  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

// A value.
struct Container {
  std::string name;
  std::string image;
  std::vector<ContainerPort> ports;

  friend bool operator==(const Container&, const Container&) = default;
};

// A Deployment, StatefulSet, ReplicaSet, DaemonSet, Job, CronJob, ReplicationController or Pod, as
// far as it says which labels, ports and service account the processes have. Replicas do not become
// endpoints: processes that register do, and Pods with an address. A value.
struct Workload {
  enum class Kind : uint8_t {
    kPod,
    kDeployment,
    kReplicaSet,
    kStatefulSet,
    kDaemonSet,
    kJob,
    kCronJob,
    kReplicationController,
  };

  Kind kind = Kind::kPod;
  ObjectMeta meta;
  std::optional<uint32_t> replicas;
  Labels pod_labels;  // of the template; a Pod's own
  Labels pod_annotations;
  std::string service_account = "default";
  std::string node_name;
  std::vector<Container> containers;  // without istio-proxy, which meshlib replaces
  bool had_istio_proxy = false;

  // Pods with a status only.
  std::vector<std::string> pod_ips;
  bool ready = true;  // condition Ready, and phase Running where they are given

  friend bool operator==(const Workload&, const Workload&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_WORKLOAD_H_
