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
  const uint64_t count = refusals_[static_cast<size_t>(kind)].fetch_add(1) + 1;
  if (count != 1 && count % kLoggedEvery != 0) return;
  const std::string times = count == 1 ? "" : absl::StrCat(" (the ", count, "th of its kind)");
  Log(LogSeverity::kWarning, absl::StrCat("server: ", address, " refused ", peer.ToString(), ": ",
                                          base::AbslView(reason), times));
}

}  // namespace meshlib::server
