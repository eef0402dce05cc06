// SPDX-License-Identifier: Apache-2.0
// Service, EndpointSlice, Endpoints and Namespace: Kubernetes' view of who offers what.

#ifndef MESHLIB_MANIFEST_SERVICE_H_
#define MESHLIB_MANIFEST_SERVICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// A port by number, or by the name of a container's port.
using TargetPort = std::variant<uint32_t, std::string>;

// A value.
struct ServicePort {
  std::string name;  // may be empty where a Service has one port
  std::string protocol = "TCP";
  std::string app_protocol;
  uint32_t port = 0;
  TargetPort target_port;  // `port` where the manifest does not say
  Position position;

  friend bool operator==(const ServicePort&, const ServicePort&) = default;
};

// v1 Service. A value.
struct Service {
  enum class Type : uint8_t { kClusterIp, kNodePort, kLoadBalancer, kExternalName };

  ObjectMeta meta;
  Type type = Type::kClusterIp;
  // As written; empty where Kubernetes would assign one. A headless Service has {"None"}.
  std::vector<std::string> cluster_ips;
  std::string external_name;  // Type::kExternalName
  std::vector<ServicePort> ports;
  Labels selector;
  bool publish_not_ready_addresses = false;

  bool headless() const { return !cluster_ips.empty() && cluster_ips.front() == "None"; }
  friend bool operator==(const Service&, const Service&) = default;
};

// A port of an EndpointSlice or of a subset of Endpoints. A value.
struct SlicePort {
  std::string name;
  std::string protocol = "TCP";
  std::string app_protocol;
  uint32_t port = 0;

  friend bool operator==(const SlicePort&, const SlicePort&) = default;
};

// One address of a Service. A value.
struct SliceEndpoint {
  std::vector<std::string> addresses;  // alternatives of one endpoint; the first is used
  bool ready = true;
  std::optional<bool> serving;  // absent: as `ready`
  bool terminating = false;
  std::string hostname;
  std::string node_name;
  std::string zone;
  std::string pod_name;  // targetRef of kind Pod

  friend bool operator==(const SliceEndpoint&, const SliceEndpoint&) = default;
};

// discovery.k8s.io EndpointSlice; a v1 Endpoints is read as one slice for each of its subsets.
// A value.
struct EndpointSlice {
  ObjectMeta meta;
  std::string service_name;  // label kubernetes.io/service-name; an Endpoints' own name
  std::string address_type = "IPv4";
  std::vector<SlicePort> ports;
  std::vector<SliceEndpoint> endpoints;
  bool from_endpoints = false;

  friend bool operator==(const EndpointSlice&, const EndpointSlice&) = default;
};

// v1 Namespace. A value.
struct Namespace {
  ObjectMeta meta;

  friend bool operator==(const Namespace&, const Namespace&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_SERVICE_H_
