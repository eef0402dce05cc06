// SPDX-License-Identifier: Apache-2.0
#include "route/validate.h"

#include <limits>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "base/string_view.h"
#include "route/header_format.h"

namespace meshlib::route {
namespace {

using resource::ForwardAction;
using resource::HeaderMutations;
using resource::RetryPolicy;
using resource::WeightedClusters;

class Validator final {
 public:
  std::vector<ValidationError> Run(const resource::RouteConfig& config) {
    CheckLevel("", config);
    for (size_t n = 0; n < config.virtual_hosts.size(); ++n) {
      CheckHost("virtual_hosts[" + std::to_string(n) + "]", config.virtual_hosts[n]);
    }
    return std::move(errors_);
  }

 private:
  void Add(std::string field, std::string message) {
    errors_.push_back({std::move(field), std::move(message)});
  }

  void CheckHost(const std::string& field, const resource::VirtualHost& host) {
    for (size_t n = 0; n < host.domains.size(); ++n) {
      const std::string& domain = host.domains[n];
      if (!domains_.insert(absl::AsciiStrToLower(domain)).second) {
        Add(field + ".domains[" + std::to_string(n) + "]", "duplicate domain \"" + domain + "\"");
      }
    }
    CheckLevel(field + ".", host);
    if (host.retry_policy) CheckRetryPolicy(field + ".retry_policy", *host.retry_policy);
    for (size_t n = 0; n < host.routes.size(); ++n) {
      CheckRoute(field + ".routes[" + std::to_string(n) + "]", host.routes[n]);
    }
  }

  void CheckRoute(const std::string& field, const resource::Route& route) {
    CheckLevel(field + ".", route);
    const auto* forward = std::get_if<ForwardAction>(&route.action);
    if (forward == nullptr) return;
    if (forward->prefix_rewrite && !forward->prefix_rewrite->empty() && forward->regex_rewrite) {
      Add(field + ".route", "only one of prefix_rewrite and regex_rewrite may be set");
    }
    if (forward->retry_policy) {
      CheckRetryPolicy(field + ".route.retry_policy", *forward->retry_policy);
    }
    if (const auto* weighted = std::get_if<WeightedClusters>(&forward->cluster)) {
      CheckWeights(field + ".route.weighted_clusters", *weighted);
    }
  }

  void CheckWeights(const std::string& field, const WeightedClusters& weighted) {
    uint64_t total = 0;
    for (size_t n = 0; n < weighted.clusters.size(); ++n) {
      total += weighted.clusters[n].weight;
      CheckLevel(field + ".clusters[" + std::to_string(n) + "].", weighted.clusters[n]);
    }
    if (total == 0) Add(field, "the weights sum up to 0");
    if (total > std::numeric_limits<uint32_t>::max()) {
      Add(field, "the weights sum up to " + std::to_string(total) + ", more than 4294967295");
    }
  }

  void CheckRetryPolicy(const std::string& field, const RetryPolicy& policy) {
    if (policy.backoff_max < policy.backoff_base) {
      Add(field + ".retry_back_off.max_interval", "less than base_interval");
    }
  }

  // `level` is anything with header mutations.
  template <typename Level>
  void CheckLevel(const std::string& prefix, const Level& level) {
    CheckMutations(prefix + "request_headers_to_", level.request_headers);
    CheckMutations(prefix + "response_headers_to_", level.response_headers);
  }

  void CheckMutations(const std::string& field, const HeaderMutations& mutations) {
    for (size_t n = 0; n < mutations.add.size(); ++n) {
      const std::string place = field + "add[" + std::to_string(n) + "].header";
      CheckName(place + ".key", mutations.add[n].name);
      const absl::Status status = ValidateHeaderFormat(mutations.add[n].value);
      if (!status.ok()) {
        Add(place + ".value", std::string(base::StdView(status.message())));
      }
    }
    for (size_t n = 0; n < mutations.remove.size(); ++n) {
      CheckName(field + "remove[" + std::to_string(n) + "]", mutations.remove[n]);
    }
  }

  void CheckName(std::string field, std::string_view name) {
    if (name.starts_with(':') || name == "host") {
      Add(std::move(field), "\"" + std::string(name) + "\" must not be changed");
    }
  }

  std::vector<ValidationError> errors_;
  absl::flat_hash_set<std::string> domains_;
};

}  // namespace

std::vector<ValidationError> Validate(const resource::RouteConfig& config) {
  return Validator().Run(config);
}

}  // namespace meshlib::route
