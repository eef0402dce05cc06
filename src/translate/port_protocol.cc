// SPDX-License-Identifier: Apache-2.0
#include "translate/port_protocol.h"

#include <string>

#include "absl/strings/ascii.h"
#include "base/string_view.h"

namespace meshlib::translate {
namespace {

constexpr uint32_t kWellKnownTcpPorts[] = {25, 53, 3306, 27017};  // SMTP, DNS, MySQL, MongoDB

}  // namespace

PortProtocol IstioPortProtocol(std::string_view protocol) {
  const std::string name = absl::AsciiStrToLower(base::AbslView(protocol));
  if (name == "http" || name == "http_proxy") return PortProtocol::kHttp;
  if (name == "http2") return PortProtocol::kHttp2;
  if (name == "grpc") return PortProtocol::kGrpc;
  if (name == "grpc-web") return PortProtocol::kGrpcWeb;
  if (name == "https" || name == "tls") return PortProtocol::kTls;
  if (name == "udp") return PortProtocol::kUdp;
  if (name == "tcp" || name == "mongo" || name == "redis" || name == "mysql") {
    return PortProtocol::kTcp;
  }
  return PortProtocol::kSniffed;
}

PortProtocol KubernetesPortProtocol(std::string_view transport, std::string_view app_protocol,
                                    std::string_view name, uint32_t number) {
  if (transport == "UDP") return PortProtocol::kUdp;
  if (app_protocol == "kubernetes.io/h2c") return PortProtocol::kHttp2;
  if (app_protocol == "kubernetes.io/ws") return PortProtocol::kHttp;
  if (app_protocol == "kubernetes.io/wss") return PortProtocol::kTls;

  const std::string full =
      absl::AsciiStrToLower(base::AbslView(app_protocol.empty() ? name : app_protocol));
  if (full.rfind("grpc-web", 0) == 0) return PortProtocol::kGrpcWeb;
  const PortProtocol protocol = IstioPortProtocol(full.substr(0, full.find('-')));
  if (protocol != PortProtocol::kSniffed) return protocol;
  for (const uint32_t tcp : kWellKnownTcpPorts) {
    if (number == tcp) return PortProtocol::kTcp;
  }
  return PortProtocol::kSniffed;
}

bool IsHttp(PortProtocol protocol) { return protocol == PortProtocol::kHttp || IsHttp2(protocol); }

bool MayCarryHttp(PortProtocol protocol) {
  return IsHttp(protocol) || protocol == PortProtocol::kSniffed;
}

bool IsHttp2(PortProtocol protocol) {
  return protocol == PortProtocol::kHttp2 || protocol == PortProtocol::kGrpc ||
         protocol == PortProtocol::kGrpcWeb;
}

}  // namespace meshlib::translate
