// SPDX-License-Identifier: Apache-2.0
// PortProtocol: what is spoken on a port of a Service, as Istio reads it from names.

#ifndef MESHLIB_TRANSLATE_PORT_PROTOCOL_H_
#define MESHLIB_TRANSLATE_PORT_PROTOCOL_H_

#include <cstdint>
#include <string_view>

namespace meshlib::translate {

enum class PortProtocol : uint8_t {
  kSniffed,  // nothing said: HTTP if it looks like it
  kHttp,
  kHttp2,
  kGrpc,
  kGrpcWeb,
  kTcp,  // also the databases that Istio knows
  kTls,  // HTTPS and TLS: the client brings its own
  kUdp,
};

// Of a Kubernetes Service: appProtocol, else the port's name up to its first hyphen, else what the
// number is well known for. `transport`: "TCP", "UDP" or empty.
PortProtocol KubernetesPortProtocol(std::string_view transport, std::string_view app_protocol,
                                    std::string_view name, uint32_t number);

// Of a ServiceEntry's or Gateway's `protocol`: "HTTP", "GRPC", "HTTPS", ...
PortProtocol IstioPortProtocol(std::string_view protocol);

bool IsHttp(PortProtocol protocol);        // by declaration
bool MayCarryHttp(PortProtocol protocol);  // by declaration or by its looks
bool IsHttp2(PortProtocol protocol);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_PORT_PROTOCOL_H_
