// SPDX-License-Identifier: Apache-2.0
#include "access/rbac_text.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "meshlib/envoy/extensions/filters/http/rbac/v3/rbac.pb.h"
#include "proto/any.h"
#include "xds/decode_rbac.h"

namespace meshlib::access {

resource::RbacFilter FilterOf(const std::string& text) {
  envoy::extensions::filters::http::rbac::v3::RBAC message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  resource::Report report;
  xds::DecodeContext context("RBAC", report);
  auto filter = xds::DecodeRbac(proto::PackAny(message), context);
  EXPECT_TRUE(context.status().ok()) << context.status() << " in " << text;
  return filter.value_or(resource::RbacFilter{});
}

std::string PolicyText(const std::string& permission, const std::string& principal,
                       const std::string& name) {
  return "policies { key: '" + name + "' value { permissions {" + permission + "} principals {" +
         principal + "} } } ";
}

}  // namespace meshlib::access
