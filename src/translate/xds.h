// SPDX-License-Identifier: Apache-2.0
// Short names for the xDS messages, and what is written into many of them.

#ifndef MESHLIB_TRANSLATE_XDS_H_
#define MESHLIB_TRANSLATE_XDS_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/struct.pb.h"
#include "manifest/object_meta.h"
#include "meshlib/envoy/config/cluster/v3/cluster.pb.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"
#include "meshlib/envoy/config/endpoint/v3/endpoint.pb.h"
#include "meshlib/envoy/config/listener/v3/listener.pb.h"
#include "meshlib/envoy/config/route/v3/route.pb.h"
#include "meshlib/envoy/type/matcher/v3/matcher.pb.h"
#include "meshlib/envoy/type/v3/type.pb.h"

namespace meshlib::translate {

namespace xds_cluster = ::meshlib::envoy::config::cluster::v3;
namespace xds_core = ::meshlib::envoy::config::core::v3;
namespace xds_endpoint = ::meshlib::envoy::config::endpoint::v3;
namespace xds_listener = ::meshlib::envoy::config::listener::v3;
namespace xds_route = ::meshlib::envoy::config::route::v3;
namespace xds_matcher = ::meshlib::envoy::type::matcher::v3;
namespace xds_type = ::meshlib::envoy::type::v3;

void SetDuration(absl::Duration duration, google::protobuf::Duration& out);

// `percent` of 100 in millionths, as Istio sends fractions.
void SetPercent(double percent, xds_type::FractionalPercent& out);

// filter_metadata["istio"], made where it is missing.
google::protobuf::Struct& IstioMetadata(xds_core::Metadata& metadata);

// filter_metadata["istio"]["config"] as istiod writes it: `kind` is "virtual-service".
void SetOrigin(std::string_view kind, const manifest::ObjectMeta& meta,
               xds_core::Metadata& metadata);
// filter_metadata["meshlib"]["field"]: the part of the object, "http[0]".
void SetOriginField(std::string_view field, xds_core::Metadata& metadata);

// ADS. `istio_client`: with the settings that istiod gives its sidecars.
void SetAdsSource(bool istio_client, xds_core::ConfigSource& source);

void SetSocketAddress(std::string_view address, uint32_t port, xds_core::Address& out);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_XDS_H_
