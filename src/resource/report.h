// SPDX-License-Identifier: Apache-2.0
// Report: what became of each field of an update.

#ifndef MESHLIB_RESOURCE_REPORT_H_
#define MESHLIB_RESOURCE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "resource/origin.h"

namespace meshlib::resource {

enum class Disposition : uint8_t { kApplied, kApproximated, kIgnored, kRejected };

// "VirtualService default/reviews http[0].corsPolicy: not supported yet, ignored". A value.
struct ReportEntry {
  Disposition disposition = Disposition::kIgnored;
  std::string resource_type;  // "RouteConfig"
  std::string resource_name;
  std::string field;  // "virtual_hosts[0].routes[1].route.hash_policy", empty: the whole
  std::string message;
  Origin origin;

  std::string ToString() const;
  friend bool operator==(const ReportEntry&, const ReportEntry&) = default;
};

using Report = std::vector<ReportEntry>;

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_REPORT_H_
