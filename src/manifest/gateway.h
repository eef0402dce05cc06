// SPDX-License-Identifier: Apache-2.0
// Gateway: networking.istio.io Gateway, the ports of a mesh's edge.

#ifndef MESHLIB_MANIFEST_GATEWAY_H_
#define MESHLIB_MANIFEST_GATEWAY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifest/object_meta.h"

namespace meshlib::manifest {

// ServerTLSSettings. A value.
struct ServerTls {
  enum class Mode : uint8_t {
    kPassthrough,
    kSimple,
    kMutual,
    kAutoPassthrough,
    kIstioMutual,
    kOptionalMutual,
  };

  bool https_redirect = false;
  std::optional<Mode> mode;
  std::string server_certificate;
  std::string private_key;
  std::string ca_certificates;
  std::string credential_name;
  std::vector<std::string> subject_alt_names;

  friend bool operator==(const ServerTls&, const ServerTls&) = default;
};

// One Server of a Gateway. A value.
struct GatewayServer {
  uint32_t port = 0;
  std::string port_name;
  std::string protocol;                 // upper case: HTTP, HTTPS, GRPC, HTTP2, TCP, TLS, MONGO
  std::optional<uint32_t> target_port;  // deprecated
  std::string bind;
  std::vector<std::string> hosts;  // "host" or "namespace/host"
  std::optional<ServerTls> tls;
  std::string name;
  Position position;

  friend bool operator==(const GatewayServer&, const GatewayServer&) = default;
};

// A value.
struct Gateway {
  ObjectMeta meta;
  std::vector<GatewayServer> servers;
  Labels selector;  // of the router workloads; empty: every router

  friend bool operator==(const Gateway&, const Gateway&) = default;
};

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_GATEWAY_H_
