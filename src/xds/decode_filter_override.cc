// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_filter_override.h"

#include <map>

#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "xds/decode_fault.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

constexpr std::string_view kFilterConfigType = "envoy.config.route.v3.FilterConfig";
constexpr std::string_view kField = "typed_per_filter_config";

void DecodeOverride(const std::string& name, const google::protobuf::Any& any, FilterOverrides& out,
                    DecodeContext& context) {
  const std::string type = ExtensionType(any);
  if (type == kFilterConfigType) {
    envoy::config::route::v3::FilterConfig wrapper;
    if (!wrapper.ParseFromString(any.value())) {
      context.Error("the bytes are not a FilterConfig");
    } else if (DecidesSecurity(name)) {
      out.unusable = "security: filter " + name + " is not supported yet";
    } else if (wrapper.has_config()) {
      DecodeOverride(name, wrapper.config(), out, context);
    } else if (wrapper.disabled() && name == "envoy.filters.http.fault") {
      out.fault = resource::FaultPolicy{};
    }
    return;
  }
  if (DecidesSecurity(name) || DecidesSecurity(type)) {
    out.unusable = "security: filter " + name + " is not supported yet";
  } else if (type == kFaultFilterType) {
    out.fault = DecodeFault(any, context);
  } else {
    context.Ignored("");
  }
}

}  // namespace

FilterOverrides DecodeFilterOverrides(
    const google::protobuf::Map<std::string, google::protobuf::Any>& in, DecodeContext& context) {
  FilterOverrides out;
  std::map<std::string_view, const google::protobuf::Any*> ordered;
  for (const auto& [name, any] : in) ordered.emplace(name, &any);
  for (const auto& [name, any] : ordered) {
    const auto scope = context.In(kField, name);
    DecodeOverride(std::string(name), *any, out, context);
  }
  return out;
}

}  // namespace meshlib::xds
