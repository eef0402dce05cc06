// SPDX-License-Identifier: Apache-2.0
#include "mesh/outage_log.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace meshlib::mesh {

void OutageLog::OnAnswered() {
  const bool before = std::exchange(answered_, true);
  const int attempts = std::exchange(attempts_, 0);
  if (attempts == 0) return log_.Info(absl::StrCat("xds: ", control_plane_, " answers"));
  const absl::Duration away = absl::Trunc(clock_.Now() - since_, absl::Milliseconds(100));
  log_.Warning(absl::StrCat("xds: ", control_plane_, before ? " is back after " : " answers after ",
                            absl::FormatDuration(away), " and ", attempts, " failed attempts"));
}

void OutageLog::OnStreamDown(const absl::Status& status) {
  if (status.ok()) {
    return log_.Info(absl::StrCat("xds: ", control_plane_, " ended the stream; connecting again"));
  }
  const std::string what = absl::StrCat("xds: ", control_plane_, ": ", status.message());
  if (attempts_++ > 0) return log_.Info(absl::StrCat(what, " (attempt ", attempts_, ")"));
  since_ = clock_.Now();
  log_.Warning(absl::StrCat(what, "; ",
                            answered_ ? "the last configuration stays" : "no configuration yet",
                            ", trying again until it answers"));
}

}  // namespace meshlib::mesh
