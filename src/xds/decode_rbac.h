// SPDX-License-Identifier: Apache-2.0
// The RBAC filter.

#ifndef MESHLIB_XDS_DECODE_RBAC_H_
#define MESHLIB_XDS_DECODE_RBAC_H_

#include <optional>
#include <string_view>

#include "google/protobuf/any.pb.h"
#include "resource/rbac.h"
#include "xds/decode_context.h"

namespace meshlib::xds {

inline constexpr std::string_view kRbacFilterType = "envoy.extensions.filters.http.rbac.v3.RBAC";

// nullopt: it is malformed. Fields and matchers that are not known or not evaluated here are
// problems, also in shadow rules and under "not": leaving one out would widen what is allowed.
std::optional<resource::RbacFilter> DecodeRbac(const google::protobuf::Any& any,
                                               DecodeContext& context);

}  // namespace meshlib::xds

#endif  // MESHLIB_XDS_DECODE_RBAC_H_
