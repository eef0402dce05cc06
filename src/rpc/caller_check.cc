// SPDX-License-Identifier: Apache-2.0
#include "rpc/caller_check.h"

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ads_server/node_decoder.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"

namespace meshlib::rpc {

namespace {

// The node of a request of either method; nullopt: there is none.
template <typename Request>
absl::StatusOr<std::optional<ads_server::Node>> NodeOf(std::string_view bytes) {
  Request request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::InvalidArgumentError("rpc: not a discovery request");
  }
  std::optional<ads_server::Node> node;
  if (request.has_node()) node = ads_server::DecodeNode(request.node());
  return node;
}

}  // namespace

absl::Status CheckNode(xds::AdsMethod method, std::string_view bytes, bool is_first,
                       const identity::TokenClaims& claims) {
  namespace v3 = envoy::service::discovery::v3;
  const auto found = method == xds::AdsMethod::kDelta ? NodeOf<v3::DeltaDiscoveryRequest>(bytes)
                                                      : NodeOf<v3::DiscoveryRequest>(bytes);
  if (!found.ok()) return found.status();
  if (!found->has_value() && !is_first) return absl::OkStatus();
  const ads_server::Node node = found->value_or(ads_server::Node());
  const bool other_account =
      !node.service_account.empty() && node.service_account != claims.service_account;
  if (node.name_space == claims.name_space && !other_account) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("rpc: the node says that it is ", node.name_space,
                                                  "/", node.service_account, ", its token is for ",
                                                  claims.name_space, "/", claims.service_account));
}

}  // namespace meshlib::rpc
