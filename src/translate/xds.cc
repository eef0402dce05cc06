// SPDX-License-Identifier: Apache-2.0
#include "translate/xds.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::translate {

void SetDuration(absl::Duration duration, google::protobuf::Duration& out) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
}

void SetPercent(double percent, xds_type::FractionalPercent& out) {
  constexpr double kMillionthsPerPercent = 10000;
  out.set_numerator(static_cast<uint32_t>(percent * kMillionthsPerPercent));
  out.set_denominator(xds_type::FractionalPercent::MILLION);
}

google::protobuf::Struct& IstioMetadata(xds_core::Metadata& metadata) {
  return (*metadata.mutable_filter_metadata())["istio"];
}

void SetOrigin(std::string_view kind, const manifest::ObjectMeta& meta,
               xds_core::Metadata& metadata) {
  const std::string path = absl::StrCat("/apis/networking.istio.io/v1/namespaces/", meta.name_space,
                                        "/", base::AbslView(kind), "/", meta.name);
  (*IstioMetadata(metadata).mutable_fields())["config"].set_string_value(path);
}

void SetOriginField(std::string_view field, xds_core::Metadata& metadata) {
  (*(*metadata.mutable_filter_metadata())["meshlib"].mutable_fields())["field"].set_string_value(
      std::string(field));
}

void SetAdsSource(bool istio_client, xds_core::ConfigSource& source) {
  source.mutable_ads();
  if (!istio_client) return;
  source.mutable_initial_fetch_timeout();
  source.set_resource_api_version(xds_core::V3);
}

void SetSocketAddress(std::string_view address, uint32_t port, xds_core::Address& out) {
  constexpr std::string_view kUnix = "unix://";
  if (address.substr(0, kUnix.size()) == kUnix) {
    out.mutable_pipe()->set_path(std::string(address.substr(kUnix.size())));
    return;
  }
  out.mutable_socket_address()->set_address(std::string(address));
  out.mutable_socket_address()->set_port_value(port);
}

}  // namespace meshlib::translate
