// SPDX-License-Identifier: Apache-2.0
#include "server/serving.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::server {

void Serving::ReportHandler(std::string_view what) {
  if (handler_reported_.exchange(true)) return;
  Log(LogSeverity::kError, absl::StrCat("server: handler of port ", options.port, ": ",
                                        base::AbslView(what), " (reported once)"));
}

void Serving::ReportRefusal(Refusal kind, const resource::Address& peer, std::string_view reason,
                            absl::Time now) {
  if (const auto left_out = refusals_[static_cast<size_t>(kind)].Count(StableReason(reason), now)) {
    LogEvent({LogSeverity::kWarning, "refused", peer, reason}, *left_out);
  }
}

void Serving::ReportVerdict(const access::Verdict& verdict, const resource::Address& peer,
                            absl::Time now) {
  if (!verdict.allowed) {
    if (const auto left_out = denials_.Count(verdict.policy, now)) {
      LogEvent({LogSeverity::kWarning, "refused", peer, verdict.Details()}, *left_out);
    }
  }
  if (verdict.shadow == access::Verdict::Shadow::kDenied) {
    if (const auto left_out = shadow_denials_.Count(verdict.shadow_policy, now)) {
      LogEvent({LogSeverity::kInfo, "would have refused", peer,
                access::NameForLogs(verdict.shadow_policy)},
               *left_out);
    }
  }
  if (!verdict.audit_policy.empty()) {
    if (const auto left_out = audits_.Count(verdict.audit_policy, now)) {
      LogEvent(
          {LogSeverity::kInfo, "was called by", peer, access::NameForLogs(verdict.audit_policy)},
          *left_out);
    }
  }
}

void Serving::LogEvent(const Event& event, uint64_t left_out) const {
  const std::string others =
      left_out == 0 ? "" : absl::StrCat(" (and ", left_out, " more like it since the last)");
  Log(event.severity,
      absl::StrCat("server: ", address, " ", base::AbslView(event.did), " ", event.peer.ToString(),
                   ": ", base::AbslView(event.reason), others));
}

}  // namespace meshlib::server
