// SPDX-License-Identifier: Apache-2.0
// DestinationRule.

#include <set>

#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

void DecodeSubset(const Cursor& at, Subset* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("name", &out->name, DecodeDnsLabel);
  fields.Read("labels", &out->labels, DecodeLabels);
  fields.Read("trafficPolicy", &out->traffic_policy);
}

void DecodeSubsets(const Cursor& at, std::vector<Subset>* out) {
  DecodeList(at, out, DecodeSubset);
  std::set<std::string_view> names;
  for (const Subset& subset : *out) {
    if (!names.insert(subset.name).second) {
      at.Error(absl::StrCat("subset \"", subset.name, "\" is there twice"));
    }
  }
}

void DecodeSpec(const Cursor& at, DestinationRule* out) {
  Fields fields(at);
  fields.Require("host", &out->host, DecodeHost);
  out->host_position = fields.PositionOf("host");
  fields.Read("trafficPolicy", &out->traffic_policy);
  fields.Read("subsets", &out->subsets, DecodeSubsets);
  fields.Read("exportTo", &out->export_to, [&](const Cursor& list, auto* values) {
    DecodeExportTo(list, values, out->meta.name_space);
  });
  fields.Read("workloadSelector", &out->workload_selector, DecodeMatchLabels);
  const std::vector<std::string>& to = out->export_to;
  const bool leaves =
      to.size() > 1 || (to.size() == 1 && to[0] != "." && to[0] != out->meta.name_space);
  if (out->workload_selector.has_value() && leaves) {
    fields.Error("exportTo", "with a workloadSelector a rule stays in its namespace");
  }
}

}  // namespace

void DecodeDestinationRule(Fields& fields, DestinationRule* out) {
  fields.Require("spec", out, DecodeSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
