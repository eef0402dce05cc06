// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "manifest/check_parts.h"
#include "manifest/match_cover.h"

namespace meshlib::manifest {
namespace {

// A match of an earlier route.
struct Earlier {
  const HttpMatch* match;
  std::string field;  // "http[0]"
  int line;
};

// Finds the routes of one VirtualService that earlier ones hide. Thread-compatible.
class RouteOrder final {
 public:
  RouteOrder(const VirtualService& service, Reporter& report)
      : service_(service), report_(report) {}

  void Check() {
    for (size_t i = 0; i < service_.http.size(); ++i) CheckRoute(service_.http[i], i);
  }

 private:
  void CheckRoute(const HttpRoute& route, size_t index) {
    const std::string field = absl::StrCat("http[", index, "]");
    // A delegate may take a part only, so what it stands for hides nothing.
    const bool hides = !route.delegate.has_value();
    std::vector<const HttpMatch*> matches;
    for (const HttpMatch& match : route.match) matches.push_back(&match);
    if (matches.empty()) matches.push_back(&everything_);
    std::vector<const Earlier*> hidden_by;
    for (const HttpMatch* match : matches) hidden_by.push_back(Hiding(*match));
    Report(route, field, hidden_by);
    for (const HttpMatch* match : matches) {
      if (hides) earlier_.push_back({match, field, route.position.line});
    }
  }

  const Earlier* Hiding(const HttpMatch& match) {
    for (const Earlier& earlier : earlier_) {
      if (comparisons_left_ == 0) return nullptr;
      --comparisons_left_;
      if (Covers(*earlier.match, match, service_.gateways)) return &earlier;
    }
    return nullptr;
  }

  void Report(const HttpRoute& route, const std::string& field,
              const std::vector<const Earlier*>& hidden_by) {
    const bool whole = std::all_of(hidden_by.begin(), hidden_by.end(),
                                   [](const Earlier* earlier) { return earlier != nullptr; });
    if (whole) return ReportOne(route.position, field, *hidden_by.front());
    for (size_t i = 0; i < hidden_by.size(); ++i) {
      if (hidden_by[i] == nullptr) continue;
      ReportOne(route.match[i].position, absl::StrCat(field, ".match[", i, "]"), *hidden_by[i]);
    }
  }

  void ReportOne(Position position, const std::string& field, const Earlier& earlier) {
    report_.Warn(position, absl::StrCat("spec.", field),
                 absl::StrCat("is never reached: ", earlier.field, " in line ", earlier.line,
                              " takes every request that it would take"));
  }

  const VirtualService& service_;
  Reporter& report_;
  const HttpMatch everything_;  // of a route without matches
  // Every match is compared with all before it; what is hidden behind 6000 of them is not found.
  int64_t comparisons_left_ = 20'000'000;
  std::vector<Earlier> earlier_;
};

void CheckWeights(const std::vector<uint32_t>& weights, Position position, const std::string& field,
                  Reporter& report) {
  uint64_t total = 0;
  for (uint32_t weight : weights) total += weight;
  if (weights.size() == 1 && total != 0 && total != 100) {
    report.Warn(
        position, field,
        absl::StrCat("weight ", total, " of a single destination has no effect: it gets all"));
  }
  if (weights.size() > 1 && total != 100 && total != 0) {
    report.Warn(position, field,
                absl::StrCat("the weights sum up to ", total,
                             ", not to 100; they are taken in proportion"));
  }
}

void CheckTimes(const HttpRoute& route, const std::string& field, Reporter& report) {
  if (!route.timeout || !route.retries || !route.retries->per_try_timeout) return;
  if (*route.retries->per_try_timeout > *route.timeout) {
    report.Warn(route.position, field,
                "retries.perTryTimeout is longer than timeout, which ends the request before");
  }
}

template <typename Route>
std::vector<uint32_t> WeightsOf(const Route& route) {
  std::vector<uint32_t> weights;
  for (const auto& destination : route.route) weights.push_back(destination.weight);
  return weights;
}

void CheckConnectionRoutes(const std::vector<ConnectionRoute>& routes, const char* name,
                           Reporter& report) {
  const ConnectionRoute* catch_all = nullptr;
  for (size_t i = 0; i < routes.size(); ++i) {
    const std::string field = absl::StrCat("spec.", name, "[", i, "]");
    CheckWeights(WeightsOf(routes[i]), routes[i].position, field, report);
    if (catch_all != nullptr) {
      report.Warn(routes[i].position, field,
                  absl::StrCat("is never reached: the route in line ", catch_all->position.line,
                               " takes everything"));
    }
    if (routes[i].match.empty() && catch_all == nullptr) catch_all = &routes[i];
  }
}

}  // namespace

void CheckRoutes(const Manifest& manifest, std::vector<Problem>& problems) {
  for (const VirtualService& service : manifest.virtual_services) {
    Reporter report("VirtualService", service.meta, problems);
    RouteOrder(service, report).Check();
    for (size_t i = 0; i < service.http.size(); ++i) {
      const HttpRoute& route = service.http[i];
      const std::string field = absl::StrCat("spec.http[", i, "]");
      CheckWeights(WeightsOf(route), route.position, absl::StrCat(field, ".route"), report);
      CheckTimes(route, field, report);
    }
    CheckConnectionRoutes(service.tls, "tls", report);
    CheckConnectionRoutes(service.tcp, "tcp", report);
  }
}

}  // namespace meshlib::manifest
