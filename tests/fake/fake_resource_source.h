// SPDX-License-Identifier: Apache-2.0
// FakeResourceSource: the resources of an ADS server, set by the test.

#ifndef MESHLIB_FAKE_FAKE_RESOURCE_SOURCE_H_
#define MESHLIB_FAKE_FAKE_RESOURCE_SOURCE_H_

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ads_server/resource_source.h"

namespace meshlib::fake {

// The same resources for every node. Changes are told by Publish(). Thread-compatible.
class FakeResourceSource final : public ads_server::ResourceSource {
 public:
  void Set(std::string_view type_url, const std::string& name, std::string body) {
    types_[std::string(type_url)][name] = std::make_shared<const std::string>(std::move(body));
  }
  void Remove(std::string_view type_url, const std::string& name) {
    types_[std::string(type_url)].erase(name);
  }
  // Asked for by this name, it is withheld, until withheld().clear().
  std::set<std::string>& withheld() { return withheld_; }
  void Publish() {
    for (const auto& watcher : std::vector(watchers_)) (*watcher)();
  }
  // Of the node that asked last.
  const ads_server::Node& node() const { return node_; }

  ads_server::ServedResources Resources(const ads_server::Node& node, std::string_view type_url,
                                        const std::vector<std::string>& names,
                                        bool wildcard) override {
    node_ = node;
    ads_server::ServedResources served;
    for (const auto& [name, body] : types_[std::string(type_url)]) {
      const bool named = std::find(names.begin(), names.end(), name) != names.end();
      if ((named || wildcard) && withheld_.count(name) == 0)
        served.resources.push_back({name, body});
    }
    for (const std::string& name : names) {
      if (withheld_.count(name) != 0) served.withheld.push_back(name);
    }
    return served;
  }
  base::Subscription Watch(absl::AnyInvocable<void()> changed) override {
    auto watcher = std::make_shared<absl::AnyInvocable<void()>>(std::move(changed));
    watchers_.push_back(watcher);
    return base::Subscription([this, watcher] { std::erase(watchers_, watcher); });
  }

 private:
  std::map<std::string, std::map<std::string, std::shared_ptr<const std::string>>> types_;
  std::set<std::string> withheld_;
  std::vector<std::shared_ptr<absl::AnyInvocable<void()>>> watchers_;
  ads_server::Node node_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_RESOURCE_SOURCE_H_
