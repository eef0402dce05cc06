// SPDX-License-Identifier: Apache-2.0
#include "translate/virtual_service_index.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"
#include "translate/delegates.h"
#include "translate/host_name.h"

namespace meshlib::translate {
namespace {

using base::AbslView;

BoundVirtualService Bind(const manifest::VirtualService& source) {
  BoundVirtualService bound;
  bound.source = &source;
  for (const std::string& host : source.hosts) {
    bound.hosts.push_back(ExpandHost(host, source.meta.name_space));
  }
  for (const std::string& gateway : source.gateways) {
    bound.gateways.push_back(GatewayName(gateway, source.meta.name_space));
  }
  if (bound.gateways.empty()) bound.gateways.emplace_back(kMeshGateway);
  return bound;
}

// How an object is shared: by rank, 0 is asked first; nothing where it is not visible.
enum class Sharing : uint8_t { kPrivate, kExported, kPublic, kHidden };

Sharing SharingWith(const manifest::VirtualService& source, const std::string& client_namespace) {
  const std::vector<std::string>& to = source.export_to;
  const auto has = [&](std::string_view name) {
    return std::find(to.begin(), to.end(), name) != to.end();
  };
  if (to.empty() || has("*")) return Sharing::kPublic;
  if (has("~")) return Sharing::kHidden;
  if (source.meta.name_space == client_namespace) {
    return has(".") || has(client_namespace) ? Sharing::kPrivate : Sharing::kHidden;
  }
  return has(client_namespace) ? Sharing::kExported : Sharing::kHidden;
}

}  // namespace

std::string GatewayName(std::string_view gateway, std::string_view name_space) {
  if (gateway == kMeshGateway) return std::string(gateway);
  const size_t slash = gateway.find('/');
  if (slash != std::string_view::npos) {
    const std::string_view where = gateway.substr(0, slash);
    return where == "." ? absl::StrCat(AbslView(name_space), AbslView(gateway.substr(slash)))
                        : std::string(gateway);
  }
  const std::vector<std::string> labels = absl::StrSplit(AbslView(gateway), '.');
  if (labels.size() > 1) return absl::StrCat(labels[1], "/", labels[0]);
  return absl::StrCat(AbslView(name_space), "/", AbslView(gateway));
}

VirtualServiceIndex::VirtualServiceIndex(const manifest::Manifest& manifest) {
  const Delegates delegates(manifest);
  for (const manifest::VirtualService& source : manifest.virtual_services) {
    if (source.hosts.empty()) continue;
    if (!Delegates::IsRoot(source)) {
      oldest_first_.push_back(Bind(source));
      continue;
    }
    MergedVirtualService merged = delegates.Merge(source);
    merged_.push_back(std::make_unique<const manifest::VirtualService>(std::move(merged.object)));
    oldest_first_.push_back(Bind(*merged_.back()));
    oldest_first_.back().fields = std::move(merged.fields);
  }
  std::stable_sort(oldest_first_.begin(), oldest_first_.end(),
                   [](const BoundVirtualService& a, const BoundVirtualService& b) {
                     return manifest::IsOlder(a.source->meta, b.source->meta);
                   });
}

std::vector<const BoundVirtualService*> VirtualServiceIndex::For(
    const std::string& client_namespace, std::string_view gateway,
    const EgressHosts& imported) const {
  std::vector<std::pair<Sharing, const BoundVirtualService*>> ranked;
  for (const BoundVirtualService& bound : oldest_first_) {
    const auto& gateways = bound.gateways;
    if (std::find(gateways.begin(), gateways.end(), gateway) == gateways.end()) continue;
    if (!imported.ImportsVirtualService(bound.name_space(), bound.hosts)) continue;
    const Sharing sharing = SharingWith(*bound.source, client_namespace);
    if (sharing != Sharing::kHidden) ranked.emplace_back(sharing, &bound);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<const BoundVirtualService*> result;
  for (const auto& [sharing, bound] : ranked) result.push_back(bound);
  return result;
}

}  // namespace meshlib::translate
