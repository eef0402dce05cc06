// SPDX-License-Identifier: Apache-2.0
// ConfigurationReport: what became of the configuration that the control plane sent.

#ifndef MESHLIB_REPORT_H_
#define MESHLIB_REPORT_H_

#include <string>
#include <vector>

#include "meshlib/export.h"

namespace meshlib {

// One field of one resource: applied, approximated, ignored or rejected. A value.
struct ReportLine {
  enum class Disposition { kApplied, kApproximated, kIgnored, kRejected };
  Disposition disposition = Disposition::kIgnored;
  std::string resource_type{};
  std::string resource_name{};
  std::string field;
  std::string object;  // the Istio object it came from, "VirtualService default/reviews"
  std::string message;

  // "VirtualService default/reviews http[0].corsPolicy: not supported yet, ignored"
  std::string text;
};

using ConfigurationReport = std::vector<ReportLine>;

}  // namespace meshlib

#endif  // MESHLIB_REPORT_H_
