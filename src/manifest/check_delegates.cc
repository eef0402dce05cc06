// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "manifest/check_parts.h"

namespace meshlib::manifest {
namespace {

using Name = std::pair<std::string, std::string>;  // namespace, name

}  // namespace

void CheckDelegates(const Manifest& manifest, std::vector<Problem>& problems) {
  std::map<Name, const VirtualService*> services;
  std::set<Name> used;
  for (const VirtualService& service : manifest.virtual_services) {
    services[{service.meta.name_space, service.meta.name}] = &service;
  }
  for (const VirtualService& service : manifest.virtual_services) {
    Reporter report("VirtualService", service.meta, problems);
    for (size_t i = 0; i < service.http.size(); ++i) {
      const HttpRoute& route = service.http[i];
      if (!route.delegate.has_value()) continue;
      const Delegate& delegate = *route.delegate;
      const Name name{delegate.name_space.empty() ? service.meta.name_space : delegate.name_space,
                      delegate.name};
      const std::string field = absl::StrCat("spec.http[", i, "].delegate");
      const auto it = services.find(name);
      used.insert(name);
      if (it == services.end()) {
        report.Error(
            route.position, field,
            absl::StrCat("VirtualService ", name.first, "/", name.second, " does not exist"));
      } else if (!it->second->hosts.empty()) {
        report.Error(route.position, field,
                     absl::StrCat("VirtualService ", name.first, "/", name.second,
                                  " has hosts, so it is no delegate"));
      }
    }
  }
  for (const auto& [name, service] : services) {
    if (!service->hosts.empty() || used.count(name) > 0) continue;
    Reporter("VirtualService", service->meta, problems)
        .Warn({}, "spec.hosts", "without hosts it is a delegate, and nobody delegates to it");
  }
}

}  // namespace meshlib::manifest
