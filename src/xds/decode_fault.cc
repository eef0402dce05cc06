// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_fault.h"

#include "meshlib/envoy/extensions/filters/http/fault/v3/fault.pb.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace fault = envoy::extensions::filters::http::fault::v3;
using envoy::extensions::filters::common::fault::v3::FaultDelay;

std::optional<resource::FaultAbort> DecodeAbort(const fault::FaultAbort& in,
                                                DecodeContext& context) {
  resource::FaultAbort out;
  out.percentage = DecodeFractionalPercent(in.percentage(), "percentage", context);
  switch (in.error_type_case()) {
    case fault::FaultAbort::kHttpStatus:
      if (in.http_status() < 200 || in.http_status() > 599) {
        context.Error("http_status", "must be between 200 and 599");
      }
      out.http_status = static_cast<int>(in.http_status());
      return out;
    case fault::FaultAbort::kGrpcStatus:
      out.grpc_status = static_cast<int>(in.grpc_status());
      return out;
    case fault::FaultAbort::kHeaderAbort:
      context.Ignored("header_abort");
      return std::nullopt;
    default:
      context.Error("error_type", "is required");
      return std::nullopt;
  }
}

std::optional<resource::FaultDelay> DecodeDelay(const FaultDelay& in, DecodeContext& context) {
  resource::FaultDelay out;
  out.percentage = DecodeFractionalPercent(in.percentage(), "percentage", context);
  switch (in.fault_delay_secifier_case()) {
    case FaultDelay::kFixedDelay:
      out.fixed = DecodePositiveDuration(in.fixed_delay(), "fixed_delay", context);
      return out;
    case FaultDelay::kHeaderDelay:
      context.Ignored("header_delay");
      return std::nullopt;
    default:
      context.Error("fault_delay_secifier", "is required");
      return std::nullopt;
  }
}

}  // namespace

resource::FaultPolicy DecodeFault(const google::protobuf::Any& any, DecodeContext& context) {
  fault::HTTPFault in;
  resource::FaultPolicy out;
  if (!in.ParseFromString(any.value())) {
    context.Error("the bytes are not an HTTPFault");
    return out;
  }
  ReportUnused(in,
               {"delay", "abort", "upstream_cluster", "headers", "max_active_faults",
                "disable_downstream_cluster_stats"},
               context);
  if (in.has_abort()) {
    const auto scope = context.In("abort");
    out.abort = DecodeAbort(in.abort(), context);
  }
  if (in.has_delay()) {
    const auto scope = context.In("delay");
    out.delay = DecodeDelay(in.delay(), context);
  }
  out.headers = DecodeHeaderMatchers(in.headers(), "headers", context);
  if (in.has_max_active_faults()) out.max_active_faults = in.max_active_faults().value();
  out.cluster = in.upstream_cluster();
  return out;
}

}  // namespace meshlib::xds
