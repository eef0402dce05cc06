// SPDX-License-Identifier: Apache-2.0
#include "server/serving.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::server {

void Serving::ReportHandler(std::string_view what) {
  if (handler_reported_.exchange(true)) return;
  Log(LogSeverity::kError, absl::StrCat("server: handler of port ", options.port, ": ",
                                        base::AbslView(what), " (reported once)"));
}

void Serving::ReportRefusal(Refusal kind, const resource::Address& peer, std::string_view reason) {
  RefusalLog& log = refusals_[static_cast<size_t>(kind)];
  if (kind == Refusal::kShadow) {
    return Report(log, peer, {LogSeverity::kInfo, "would have refused", reason, reason});
  }
  if (kind == Refusal::kAccess) {
    return Report(log, peer, {LogSeverity::kWarning, "refused", reason, reason});
  }
  Report(log, peer, {LogSeverity::kWarning, "refused", reason, StableReason(reason)});
}

void Serving::ReportAudit(const resource::Address& peer, std::string_view policy) {
  Report(audits_, peer, {LogSeverity::kInfo, "was called by", policy, policy});
}

void Serving::Report(RefusalLog& log, const resource::Address& peer, const Refused& refused) {
  const std::optional<uint64_t> left_out =
      log.Count(refused.stable_reason, dependencies.clock.Now());
  if (!left_out) return;
  const std::string others =
      *left_out == 0 ? "" : absl::StrCat(" (and ", *left_out, " more like it since the last)");
  Log(refused.severity,
      absl::StrCat("server: ", address, " ", base::AbslView(refused.did), " ", peer.ToString(),
                   ": ", base::AbslView(refused.reason), others));
}

}  // namespace meshlib::server
