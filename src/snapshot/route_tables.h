// SPDX-License-Identifier: Apache-2.0
// RouteTables: each RouteConfig is compiled once, however many Listeners name it.

#ifndef MESHLIB_SNAPSHOT_ROUTE_TABLES_H_
#define MESHLIB_SNAPSHOT_ROUTE_TABLES_H_

#include <map>
#include <memory>

#include "resource/route_config.h"
#include "route/route_table.h"

namespace meshlib::snapshot {

// Control thread only.
class RouteTables final {
 public:
  // The table of `config`: that of an earlier call while somebody holds it.
  std::shared_ptr<const route::RouteTable> Of(
      const std::shared_ptr<const resource::RouteConfig>& config) {
    const auto found = tables_.find(config.get());
    if (found != tables_.end()) {
      if (auto table = found->second.lock()) return table;
    }
    std::erase_if(tables_, [](const auto& entry) { return entry.second.expired(); });
    std::shared_ptr<const route::RouteTable> table = route::RouteTable::Compile(config);
    tables_[config.get()] = table;
    return table;
  }

 private:
  // A table keeps its RouteConfig, so that no other one can have the address of one in use.
  std::map<const resource::RouteConfig*, std::weak_ptr<const route::RouteTable>> tables_;
};

}  // namespace meshlib::snapshot

#endif  // MESHLIB_SNAPSHOT_ROUTE_TABLES_H_
