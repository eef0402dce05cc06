// SPDX-License-Identifier: Apache-2.0
// Sidecar.

#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

void DecodePort(const Cursor& at, uint32_t* out) {
  Fields fields(at);
  fields.Require("number", out);
  fields.Ignore({"name", "protocol", "targetPort"});
}

// "namespace/host", where each may be "*", and the namespace "." or "~" too.
void DecodeImportedHost(const Cursor& at, std::string* out) {
  Decode(at, out);
  const size_t slash = out->find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == out->size()) {
    at.Error(absl::StrCat("\"", *out, "\" is not namespace/host, such as ./reviews or */*"));
  }
}

void DecodeEgress(const Cursor& at, SidecarEgress* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("hosts", &out->hosts, ListOf(DecodeImportedHost));
  fields.Read("port", &out->port, DecodePort);
  // Where a proxy listens for what it intercepts: there is neither.
  fields.Ignore({"bind", "captureMode"});
}

void DecodeSelector(const Cursor& at, Labels* out) { Fields(at).Read("labels", out, DecodeLabels); }

void DecodeSpec(const Cursor& at, Sidecar* out) {
  Fields fields(at);
  fields.Read("workloadSelector", &out->workload_selector, DecodeSelector);
  fields.Read("egress", &out->egress, ListOf(DecodeEgress));
  out->has_ingress = fields.Has("ingress");
  out->has_outbound_traffic_policy = fields.Has("outboundTrafficPolicy");
  out->has_inbound_connection_pool = fields.Has("inboundConnectionPool");
}

}  // namespace

void DecodeSidecar(Fields& fields, Sidecar* out) {
  fields.Read("spec", out, DecodeSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
