// SPDX-License-Identifier: Apache-2.0
// MeshService: a host that clients may call, whatever kind of object it came from.

#ifndef MESHLIB_TRANSLATE_MESH_SERVICE_H_
#define MESHLIB_TRANSLATE_MESH_SERVICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/service.h"
#include "manifest/service_entry.h"
#include "translate/port_protocol.h"

namespace meshlib::translate {

// A value.
struct MeshPort {
  uint32_t number = 0;
  std::string name;
  PortProtocol protocol = PortProtocol::kSniffed;
  manifest::TargetPort target;  // of the workloads

  friend bool operator==(const MeshPort&, const MeshPort&) = default;
};

// Where the endpoints of a MeshService come from.
enum class Resolution : uint8_t {
  kEndpoints,      // we know them
  kDns,            // all addresses of names
  kDnsRoundRobin,  // one address of a name at a time
  kPassthrough,    // where the client was going anyway
};

// Points into the Manifest that it was made of. A value.
struct MeshService {
  std::string host;  // lower case; may start with "*"
  std::string name;  // of a Kubernetes Service; else the host
  std::string name_space;
  bool kubernetes = false;
  bool external = false;  // outside the mesh: never mutual TLS
  Resolution resolution = Resolution::kEndpoints;
  std::vector<std::string> addresses;  // virtual ones, by which it may be called too
  std::vector<MeshPort> ports;
  std::vector<std::string> aliases;            // hosts of ExternalName Services that name it
  std::optional<manifest::Labels> selector;    // of its workloads
  std::vector<std::string> export_to;          // empty: everybody
  std::vector<std::string> subject_alt_names;  // beyond those of its workloads
  std::string dns_name;                        // of an ExternalName Service: where it leads
  const manifest::ObjectMeta* meta = nullptr;
  const manifest::Service* service = nullptr;                 // this,
  const manifest::ServiceEntry* entry = nullptr;              // or this,
  std::vector<const manifest::ServiceEntry*> more_entries{};  // with these

  const MeshPort* PortNumbered(uint32_t number) const;
};

// Whether an object of `name_space` with this exportTo is there for `client_namespace`.
bool IsExported(const std::vector<std::string>& export_to, const std::string& name_space,
                const std::string& client_namespace);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_MESH_SERVICE_H_
