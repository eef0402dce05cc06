// SPDX-License-Identifier: Apache-2.0
// PeerAuthentication.

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

using Mode = PeerAuthentication::Mode;

void DecodeMode(const Cursor& at, Mode* out) {
  DecodeEnum<Mode>(at,
                   {{"UNSET", Mode::kUnset},
                    {"DISABLE", Mode::kDisable},
                    {"PERMISSIVE", Mode::kPermissive},
                    {"STRICT", Mode::kStrict}},
                   out);
}

void DecodeMtls(const Cursor& at, Mode* out) { Fields(at).Read("mode", out, DecodeMode); }

void DecodePortModes(const Cursor& at, std::map<uint32_t, Mode>* out) {
  if (!at.Expect(YamlValue::Kind::kMap)) return;
  if (at.value().entries.empty()) at.Error("names at least one port");
  for (const YamlEntry& entry : at.value().entries) {
    const Cursor value = at.Field(entry.key, *entry.value);
    uint32_t port = 0;
    if (!absl::SimpleAtoi(entry.key, &port) || port < 1 || port > 65535) {
      value.Error(absl::StrCat("\"", entry.key.substr(0, 40), "\" is not a port: 1 to 65535"));
      continue;
    }
    DecodeMtls(value, &(*out)[port]);
  }
}

void DecodeSpec(const Cursor& at, PeerAuthentication* out) {
  Fields fields(at);
  fields.Read("selector", &out->selector, DecodeMatchLabels);
  fields.Read("mtls", &out->mode, DecodeMtls);
  const bool has_ports = fields.Read("portLevelMtls", &out->port_modes, DecodePortModes);
  if (has_ports && out->selector.empty()) {
    fields.Error("portLevelMtls", "is for workloads that a selector names");
  }
}

}  // namespace

void DecodePeerAuthentication(Fields& fields, PeerAuthentication* out) {
  fields.Read("spec", out, DecodeSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
