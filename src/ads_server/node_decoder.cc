// SPDX-License-Identifier: Apache-2.0
#include "ads_server/node_decoder.h"

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "resource/address.h"

namespace meshlib::ads_server {
namespace {

using Fields = google::protobuf::Map<std::string, google::protobuf::Value>;

std::string Text(const Fields& fields, const std::string& key) {
  const auto it = fields.find(key);
  return it == fields.end() ? "" : it->second.string_value();
}

std::vector<std::string> Ips(std::string_view list) {
  std::vector<std::string> ips;
  for (absl::string_view part : absl::StrSplit(absl::string_view(list.data(), list.size()), ',')) {
    const absl::string_view ip = absl::StripAsciiWhitespace(part);
    const auto address = resource::Address::FromIp({ip.data(), ip.size()}, 0);
    if (address.has_value()) ips.push_back(address->IpString());
  }
  return ips;
}

std::string LocalityText(const envoy::config::core::v3::Locality& locality) {
  if (locality.zone().empty()) return locality.region();
  if (locality.sub_zone().empty()) return locality.region() + "/" + locality.zone();
  return locality.region() + "/" + locality.zone() + "/" + locality.sub_zone();
}

// "type~ip~name.namespace~domain"
void ReadId(const std::string& id, Node& node) {
  const std::vector<std::string> parts = absl::StrSplit(id, '~');
  if (parts.size() != 4) return;
  if (!parts[0].empty()) node.type = parts[0];
  node.ips = Ips(parts[1]);
  const size_t dot = parts[2].rfind('.');
  node.name = parts[2].substr(0, dot);
  if (dot != std::string::npos) node.name_space = parts[2].substr(dot + 1);
  node.dns_domain = parts[3];
  // Istio takes the namespace from the domain where nothing else says it.
  if (node.name_space.empty()) node.name_space = parts[3].substr(0, parts[3].find('.'));
}

}  // namespace

Node DecodeNode(const envoy::config::core::v3::Node& message) {
  Node node;
  node.id = message.id();
  node.meshlib = message.user_agent_name() == "meshlib";
  ReadId(message.id(), node);
  const Fields& fields = message.metadata().fields();
  node.generator = Text(fields, "GENERATOR");
  node.service_account = Text(fields, "SERVICE_ACCOUNT");
  if (std::string name = Text(fields, "NAME"); !name.empty()) node.name = std::move(name);
  if (std::string space = Text(fields, "NAMESPACE"); !space.empty()) {
    node.name_space = std::move(space);
  }
  if (auto ips = Ips(Text(fields, "INSTANCE_IPS")); !ips.empty()) node.ips = std::move(ips);
  if (node.name_space.empty()) node.name_space = "default";
  if (node.dns_domain.empty()) node.dns_domain = node.name_space + ".svc.cluster.local";
  node.locality = LocalityText(message.locality());
  if (const auto labels = fields.find("LABELS"); labels != fields.end()) {
    for (const auto& [key, value] : labels->second.struct_value().fields()) {
      node.labels[key] = value.string_value();
    }
  }
  return node;
}

}  // namespace meshlib::ads_server
