#include "server/serving.h"

#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::server {

void Serving::ReportHandler(std::string_view what) {
  if (handler_reported_.exchange(true)) return;
  Log(LogSeverity::kError, absl::StrCat("server: handler of port ", options.port, ": ",
                                        base::AbslView(what), " (reported once)"));
}

}  // namespace meshlib::server
