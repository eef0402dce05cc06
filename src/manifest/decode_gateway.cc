// SPDX-License-Identifier: Apache-2.0
// Gateway.

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

void DecodeProtocol(const Cursor& at, std::string* out) {
  Decode(at, out);
  *out = absl::AsciiStrToUpper(*out);
  for (const char* known : {"HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "REDIS", "MYSQL",
                            "TCP", "TLS", "HBONE"}) {
    if (*out == known) return;
  }
  at.Error(absl::StrCat("\"", out->substr(0, 80),
                        "\" is not one of HTTP, HTTPS, GRPC, GRPC-WEB, "
                        "HTTP2, MONGO, REDIS, MYSQL, TCP, TLS"));
}

void DecodePortOfServer(const Cursor& at, GatewayServer* out) {
  Fields fields(at);
  fields.Require("number", &out->port, DecodePort);
  fields.Require("name", &out->port_name);
  fields.Require("protocol", &out->protocol, DecodeProtocol);
  if (fields.Read("targetPort", &out->target_port, DecodePort)) {
    fields.Error("targetPort", "has no effect at a Gateway");
  }
}

// "host" or "namespace/host", where "." and "*" are namespaces as well.
void DecodeServerHost(const Cursor& at, std::string* out) {
  Decode(at, out);
  std::string_view host = *out;
  const size_t slash = host.find('/');
  if (slash != host.npos) {
    const std::string_view name_space = host.substr(0, slash);
    if (name_space != "." && name_space != "*" && !IsDnsLabel(name_space)) {
      at.Error(absl::StrCat("\"", out->substr(0, 80),
                            "\" does not start with a namespace, \".\" or \"*\""));
    }
    host.remove_prefix(slash + 1);
  }
  const std::string name(host);
  const bool partial = absl::StartsWith(name, "*") && name != "*" && !absl::StartsWith(name, "*.");
  if (partial || (!IsWildcardHost(name) && !IsIpAddress(name))) {
    at.Error(
        absl::StrCat("\"", name.substr(0, 80), "\" is not a DNS name, \"*.\" with one, or \"*\""));
  } else if (name != "*" && !absl::StrContains(name, ".") && !IsIpAddress(name)) {
    at.Error(absl::StrCat("\"", name, "\" is a short name; a Gateway's hosts are complete"));
  }
}

void DecodeTlsMode(const Cursor& at, ServerTls::Mode* out) {
  using Mode = ServerTls::Mode;
  DecodeEnum<Mode>(at,
                   {{"PASSTHROUGH", Mode::kPassthrough},
                    {"SIMPLE", Mode::kSimple},
                    {"MUTUAL", Mode::kMutual},
                    {"AUTO_PASSTHROUGH", Mode::kAutoPassthrough},
                    {"ISTIO_MUTUAL", Mode::kIstioMutual},
                    {"OPTIONAL_MUTUAL", Mode::kOptionalMutual}},
                   out);
}

void DecodeServerTls(const Cursor& at, ServerTls* out) {
  Fields fields(at);
  fields.Read("httpsRedirect", &out->https_redirect);
  fields.Read("mode", &out->mode, DecodeTlsMode);
  fields.Read("serverCertificate", &out->server_certificate);
  fields.Read("privateKey", &out->private_key);
  fields.Read("caCertificates", &out->ca_certificates);
  fields.Read("credentialName", &out->credential_name);
  fields.Read("subjectAltNames", &out->subject_alt_names);
  fields.WarnIgnored({"caCrl", "caCertCredentialName", "credentialNames", "tlsCertificates",
                      "verifyCertificateSpki", "verifyCertificateHash", "minProtocolVersion",
                      "maxProtocolVersion", "cipherSuites"});
}

void CheckTls(const Fields& fields, const GatewayServer& server) {
  const bool secure = server.protocol == "HTTPS" || server.protocol == "TLS";
  if (secure && !server.tls.has_value()) fields.Missing("tls");
  if (secure || !server.tls.has_value()) return;
  const bool only_redirects = server.tls->https_redirect && !server.tls->mode.has_value();
  if (!only_redirects) {
    fields.Error("tls", absl::StrCat("a server of ", server.protocol, " has no TLS settings"));
  }
}

void DecodeServer(const Cursor& at, GatewayServer* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("port", out, DecodePortOfServer);
  fields.Require("hosts", &out->hosts, [](const Cursor& list, auto* hosts) {
    DecodeList(list, hosts, DecodeServerHost);
    if (hosts->empty()) list.Error("a server has at least one host");
  });
  fields.Read("bind", &out->bind, [](const Cursor& text, std::string* address) {
    Decode(text, address);
    if (!IsIpAddress(*address) && !absl::StartsWith(*address, "unix://")) {
      text.Error(absl::StrCat("\"", address->substr(0, 80), "\" is no IP address"));
    }
  });
  fields.Read("name", &out->name);
  fields.Read("tls", &out->tls, DecodeServerTls);
  fields.Ignore({"defaultEndpoint"});
  CheckTls(fields, *out);
}

void DecodeServers(const Cursor& at, std::vector<GatewayServer>* out) {
  DecodeList(at, out, DecodeServer);
  if (out->empty()) at.Error("a Gateway has at least one server");
  std::set<std::string_view> names;
  for (const GatewayServer& server : *out) {
    if (!names.insert(server.port_name).second) {
      at.Error(absl::StrCat("the port name \"", server.port_name, "\" is used twice"));
    }
  }
}

void DecodeSpec(const Cursor& at, Gateway* out) {
  Fields fields(at);
  fields.Require("servers", &out->servers, DecodeServers);
  fields.Read("selector", &out->selector, DecodeLabels);
}

}  // namespace

void DecodeGateway(Fields& fields, Gateway* out) {
  fields.Require("spec", out, DecodeSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
