// SPDX-License-Identifier: Apache-2.0
// ConfigurationReport: what became of the configuration that the control plane sent, and
// IdentityReport: how it stands with the workload's certificate.

#ifndef MESHLIB_REPORT_H_
#define MESHLIB_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
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

// Who this workload is, and whether that lasts. Times are by the time of day. A value.
struct MESHLIB_EXPORT IdentityReport {
  std::string spiffe_id{};                 // of the certificate in use; empty: there is none
  std::optional<absl::Time> expires_at{};  // of that certificate, also when it is over
  uint64_t renewals = 0;                   // certificates that came after the first
  uint64_t failed_renewals = 0;            // tries, those for the first certificate as well
  // The first failure after the last success; absent: the last try was one.
  std::optional<absl::Time> failing_since{};
  std::string last_error{};  // empty: all is well, or the workload wants no certificate

  // "spiffe://cluster.local/ns/default/sa/reviews until 2026-01-02T03:04:05Z, renewed 3 times"
  std::string ToString() const;
};

}  // namespace meshlib

#endif  // MESHLIB_REPORT_H_
