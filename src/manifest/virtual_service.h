// SPDX-License-Identifier: Apache-2.0
// VirtualService: networking.istio.io VirtualService. Its HTTP routes are in http_route.h.

#ifndef MESHLIB_MANIFEST_VIRTUAL_SERVICE_H_
#define MESHLIB_MANIFEST_VIRTUAL_SERVICE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/http_route.h"
#include "manifest/object_meta.h"

namespace meshlib::manifest {

// L4MatchAttributes, and TLSMatchAttributes where `sni_hosts` is not empty. A value.
struct ConnectionMatch {
  std::vector<std::string> sni_hosts;  // never empty in a TlsRoute
  std::vector<std::string> destination_subnets;
  std::optional<uint32_t> port;
  std::string source_subnet;
  Labels source_labels;
  std::vector<std::string> gateways;
  std::string source_namespace;
  Position position;

  friend bool operator==(const ConnectionMatch&, const ConnectionMatch&) = default;
};

// A value.
struct ConnectionDestination {
  Destination destination;
  uint32_t weight = 0;  // as written; a single destination counts as 100

  friend bool operator==(const ConnectionDestination&, const ConnectionDestination&) = default;
};

// TLSRoute or TCPRoute. A value.
struct ConnectionRoute {
  std::vector<ConnectionMatch> match;  // empty: everything
  std::vector<ConnectionDestination> route;
  Position position;

  friend bool operator==(const ConnectionRoute&, const ConnectionRoute&) = default;
};

// A value.
struct VirtualService {
  ObjectMeta meta;
  std::vector<std::string> hosts;     // as written: short names are not expanded; empty: a delegate
  std::vector<std::string> gateways;  // as written; empty: {"mesh"}
  std::vector<HttpRoute> http;
  std::vector<ConnectionRoute> tls;
  std::vector<ConnectionRoute> tcp;
  std::vector<std::string> export_to;  // empty: everybody
  Position hosts_position;

  friend bool operator==(const VirtualService&, const VirtualService&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_VIRTUAL_SERVICE_H_
