// SPDX-License-Identifier: Apache-2.0
#include "xds/node_message.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "meshlib/envoy/config/core/v3/core.pb.h"
#include "meshlib/version.h"

namespace meshlib::xds {

std::string NodeIdentity::Id() const {
  return absl::StrCat(type, "~", ips.empty() ? "127.0.0.1" : ips.front(), "~", name, ".",
                      name_space, "~", name_space, ".svc.", cluster_domain);
}

std::string EncodeNode(const NodeIdentity& node) {
  envoy::config::core::v3::Node message;
  message.set_id(node.Id());
  const auto app = node.labels.find("app");
  message.set_cluster(
      absl::StrCat(app == node.labels.end() ? node.name : app->second, ".", node.name_space));
  message.set_user_agent_name("meshlib");
  message.set_user_agent_version(MESHLIB_VERSION_STRING);
  // Of the xDS protocol's TTLs: that they are honoured, and that their wrapper is understood.
  message.add_client_features("xds.config.supports-resource-ttl");
  message.add_client_features("xds.config.resource-in-sotw");
  auto& fields = *message.mutable_metadata()->mutable_fields();
  fields["NAME"].set_string_value(node.name);
  fields["NAMESPACE"].set_string_value(node.name_space);
  fields["SERVICE_ACCOUNT"].set_string_value(node.service_account);
  fields["CLUSTER_ID"].set_string_value(node.cluster_id);
  if (!node.ips.empty()) fields["INSTANCE_IPS"].set_string_value(absl::StrJoin(node.ips, ","));
  if (!node.labels.empty()) {
    auto& labels = *fields["LABELS"].mutable_struct_value()->mutable_fields();
    for (const auto& [key, value] : node.labels) labels[key].set_string_value(value);
  }
  // By it istiod answers names, as gRPC's clients ask; without, it takes every node for a proxy.
  if (node.type == "sidecar") fields["GENERATOR"].set_string_value("grpc");
  for (const auto& [key, value] : node.metadata) fields[key].set_string_value(value);
  return message.SerializeAsString();
}

}  // namespace meshlib::xds
