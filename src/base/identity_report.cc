// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "meshlib/report.h"

namespace meshlib {
namespace {

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string Times(uint64_t count) {
  if (count <= 2) return count == 1 ? "once" : "twice";
  return absl::StrCat(count, " times");
}
}  // namespace

std::string IdentityReport::ToString() const {
  std::string text = spiffe_id.empty() ? "no certificate" : spiffe_id;
  if (expires_at) absl::StrAppend(&text, " until ", Text(*expires_at));
  if (renewals > 0) absl::StrAppend(&text, ", renewed ", Times(renewals));
  if (failed_renewals > 0) absl::StrAppend(&text, ", failed ", Times(failed_renewals));
  if (failing_since) absl::StrAppend(&text, ", failing since ", Text(*failing_since));
  if (!last_error.empty()) absl::StrAppend(&text, ": ", last_error);
  return text;
}

}  // namespace meshlib
