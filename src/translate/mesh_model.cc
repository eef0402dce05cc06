#include "translate/mesh_model.h"

#include <utility>
#include <vector>

#include "translate/unsupported.h"

namespace meshlib::translate {
namespace {

std::set<std::string> ClientLabelKeys(const manifest::Manifest& manifest) {
  std::set<std::string> keys;
  const auto add = [&](const manifest::Labels& labels) {
    for (const auto& [key, value] : labels) keys.insert(key);
  };
  for (const manifest::VirtualService& virtual_service : manifest.virtual_services) {
    for (const manifest::HttpRoute& http : virtual_service.http) {
      for (const manifest::HttpMatch& match : http.match) add(match.source_labels);
    }
  }
  for (const manifest::DestinationRule& rule : manifest.destination_rules) {
    if (rule.workload_selector) add(*rule.workload_selector);
  }
  return keys;
}

}  // namespace

MeshModel::MeshModel(std::shared_ptr<const manifest::Manifest> manifest)
    : manifest_(std::move(manifest)),
      services_(*manifest_),
      virtual_services_(*manifest_),
      rules_(*manifest_),
      policies_(*manifest_),
      files_(*manifest_, {}),
      label_keys_(ClientLabelKeys(*manifest_)),
      report_(FindUnsupported(*manifest_, services_)) {}

}  // namespace meshlib::translate
