// SPDX-License-Identifier: Apache-2.0
// Workload: a member of the mesh that is connected and ready.

#ifndef MESHLIB_REGISTRY_WORKLOAD_H_
#define MESHLIB_REGISTRY_WORKLOAD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace meshlib::registry {

// What a workload says of itself in its node, and where it listens. A value.
struct Workload {
  std::string name;  // of the pod
  std::string name_space;
  std::string service_account;
  std::map<std::string, std::string> labels;
  std::string address;          // an IP in its usual text form: "127.0.1.1", "::1"
  std::vector<uint16_t> ports;  // those that accept connections, ascending

  friend bool operator==(const Workload&, const Workload&) = default;
};

}  // namespace meshlib::registry

#endif  // MESHLIB_REGISTRY_WORKLOAD_H_
