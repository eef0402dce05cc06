// SPDX-License-Identifier: Apache-2.0
// ServiceEntry and WorkloadEntry: hosts and endpoints that Kubernetes does not know.

#ifndef MESHLIB_MANIFEST_SERVICE_ENTRY_H_
#define MESHLIB_MANIFEST_SERVICE_ENTRY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// networking.istio.io WorkloadEntry: its spec, which is also the form of a ServiceEntry's
// endpoints. A value.
struct WorkloadSpec {
  std::string address;  // IP address, name, or "unix:///path"; empty where the network has it
  std::map<std::string, uint32_t> ports;  // name of the service's port -> number here
  Labels labels;
  std::string network;
  std::string locality;  // "region/zone/subzone"
  uint32_t weight = 0;   // 0: not given, counts as 1
  std::string service_account;
  Position position;

  friend bool operator==(const WorkloadSpec&, const WorkloadSpec&) = default;
};

// A value.
struct WorkloadEntry {
  ObjectMeta meta;
  WorkloadSpec spec;

  friend bool operator==(const WorkloadEntry&, const WorkloadEntry&) = default;
};

// A value.
struct ServiceEntryPort {
  uint32_t number = 0;
  std::string name;
  std::string protocol;  // upper case: HTTP, HTTPS, GRPC, HTTP2, TCP, TLS, MONGO, ...
  std::optional<uint32_t> target_port;  // absent: `number`
  Position position;

  friend bool operator==(const ServiceEntryPort&, const ServiceEntryPort&) = default;
};

// networking.istio.io ServiceEntry. A value.
struct ServiceEntry {
  enum class Location : uint8_t { kMeshExternal, kMeshInternal };
  enum class Resolution : uint8_t { kNone, kStatic, kDns, kDnsRoundRobin, kDynamicDns };

  ObjectMeta meta;
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;  // IP addresses and prefixes
  std::vector<ServiceEntryPort> ports;
  Location location = Location::kMeshExternal;
  Resolution resolution = Resolution::kNone;
  std::vector<WorkloadSpec> endpoints;
  std::optional<Labels> workload_selector;
  std::vector<std::string> export_to;  // empty: everybody
  std::vector<std::string> subject_alt_names;

  friend bool operator==(const ServiceEntry&, const ServiceEntry&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_SERVICE_ENTRY_H_
