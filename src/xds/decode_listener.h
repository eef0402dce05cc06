// SPDX-License-Identifier: Apache-2.0
// DecodeListener: envoy.config.listener.v3.Listener.

#ifndef MESHLIB_XDS_DECODE_LISTENER_H_
#define MESHLIB_XDS_DECODE_LISTENER_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "resource/listener.h"
#include "resource/report.h"

namespace meshlib::xds {

// As DecodeRouteConfig(). A Listener none of whose HTTP can be served as its security demands is
// unusable; one chain of several that cannot is unusable alone.
absl::StatusOr<std::shared_ptr<const resource::Listener>> DecodeListener(std::string_view bytes,
                                                                         resource::Report& report);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_LISTENER_H_
