// SPDX-License-Identifier: Apache-2.0
#include "server/serving.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::server {
namespace {

constexpr uint64_t kLoggedEvery = 1000;

}  // namespace

void Serving::ReportHandler(std::string_view what) {
  if (handler_reported_.exchange(true)) return;
  Log(LogSeverity::kError, absl::StrCat("server: handler of port ", options.port, ": ",
                                        base::AbslView(what), " (reported once)"));
}

void Serving::ReportRefusal(Refusal kind, const resource::Address& peer, std::string_view reason) {
  const bool is_shadow = kind == Refusal::kShadow;
  Report(refusals_[static_cast<size_t>(kind)],
         is_shadow ? LogSeverity::kInfo : LogSeverity::kWarning,
         is_shadow ? "would have refused" : "refused", peer, reason);
}

void Serving::ReportAudit(const resource::Address& peer, std::string_view policy) {
  Report(audits_, LogSeverity::kInfo, "was called by", peer, policy);
}

void Serving::Report(std::atomic<uint64_t>& counter, LogSeverity severity, std::string_view did,
                     const resource::Address& peer, std::string_view reason) {
  const uint64_t count = counter.fetch_add(1) + 1;
  if (count != 1 && count % kLoggedEvery != 0) return;
  const std::string times = count == 1 ? "" : absl::StrCat(" (the ", count, "th of its kind)");
  Log(severity, absl::StrCat("server: ", address, " ", base::AbslView(did), " ", peer.ToString(),
                             ": ", base::AbslView(reason), times));
}

}  // namespace meshlib::server
