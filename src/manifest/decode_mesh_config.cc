// SPDX-License-Identifier: Apache-2.0
// The ConfigMap that has Istio's MeshConfig.

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

// What an installation of Istio says by itself, and what is of proxies and telemetry only.
constexpr std::string_view kOfProxies[] = {
    "accessLogEncoding",  "accessLogFile",           "accessLogFormat",        "defaultConfig",
    "defaultProviders",   "disableEnvoyListenerLog", "enablePrometheusMerge",  "enableTracing",
    "extensionProviders", "inboundClusterStatName",  "outboundClusterStatName"};

// Istio's rule for its own trust domain: labels of RFC 1123 in lower case.
void DecodeOwnTrustDomain(const Cursor& at, std::string* out) {
  Decode(at, out);
  const std::vector<std::string> labels = absl::StrSplit(*out, '.');
  const bool valid = out->size() <= 255 && std::all_of(labels.begin(), labels.end(), [](auto& l) {
                       return IsDnsLabel(l) && std::none_of(l.begin(), l.end(), [](char c) {
                                return c >= 'A' && c <= 'Z';
                              });
                     });
  if (!valid) at.Error(absl::StrCat("\"", out->substr(0, 80), "\" is not a trust domain"));
}

void DecodeMeshConfigFields(const Cursor& at, MeshConfig* out) {
  Fields fields(at);
  fields.Read("trustDomain", &out->trust_domain, DecodeOwnTrustDomain);
  fields.Read("trustDomainAliases", &out->trust_domain_aliases, ListOf(DecodeOwnTrustDomain));
  for (const YamlEntry& entry : at.value().entries) {
    if (entry.key == "trustDomain" || entry.key == "trustDomainAliases") continue;
    if (!fields.Has(entry.key)) continue;
    const Cursor value = at.Field(entry.key, *entry.value);
    const bool is_default =
        entry.key == "rootNamespace" && entry.value->scalar == kMeshConfigNamespace;
    const bool harmless = is_default || std::find(std::begin(kOfProxies), std::end(kOfProxies),
                                                  entry.key) != std::end(kOfProxies);
    harmless ? value.Note("is not used") : value.Warn("is not supported and ignored");
  }
}

// The values of a text within a text are where the text is.
YamlPtr PlacedAt(const YamlValue& value, Position position) {
  auto placed = std::make_shared<YamlValue>(value);
  placed->position = position;
  for (YamlPtr& item : placed->items) item = PlacedAt(*item, position);
  for (YamlEntry& entry : placed->entries) {
    entry.position = position;
    entry.value = PlacedAt(*entry.value, position);
  }
  return placed;
}

void DecodeData(const Cursor& at, MeshConfig* out) {
  Fields fields(at);
  const auto decode_text = [&at, out](const Cursor& mesh, std::string* text) {
    Decode(mesh, text);
    const YamlText yaml = DecodeYaml(*text);
    for (const YamlError& error : yaml.errors) {
      mesh.Error(absl::StrCat("line ", error.position.line, " of it: ", error.text));
    }
    if (yaml.documents.size() > 1) return mesh.Error("is more than one document");
    if (yaml.documents.empty()) return;
    const YamlPtr placed = PlacedAt(*yaml.documents.front(), mesh.position());
    DecodeMeshConfigFields(at.Field(kMeshConfigKey, *placed), out);
  };
  std::string text;
  fields.Read(kMeshConfigKey, &text, decode_text);
  fields.Ignore({"meshNetworks", "values", "original-values", "merged-values"});
}

}  // namespace

void DecodeMeshConfig(Fields& fields, MeshConfig* out) {
  fields.Read("data", out, DecodeData);
  fields.Ignore({"binaryData", "immutable"});
}

}  // namespace meshlib::manifest
