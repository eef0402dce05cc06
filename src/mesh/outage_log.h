// SPDX-License-Identifier: Apache-2.0
// OutageLog: says once that the control plane is away, and once that it is back.

#ifndef MESHLIB_MESH_OUTAGE_LOG_H_
#define MESHLIB_MESH_OUTAGE_LOG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "mesh/log.h"

namespace meshlib::mesh {

// Warns when an outage begins and when it ends; attempts between, which may be many, are only
// information. A stream that the server ended is no outage. Control thread only.
class OutageLog final {
 public:
  // REQUIRES: `clock` and `log` outlive it.
  OutageLog(std::string control_plane, base::Clock& clock, const Log& log)
      : control_plane_(std::move(control_plane)), clock_(clock), log_(log) {}

  // As AdsClientObserver.
  void OnAnswered();
  void OnStreamDown(const absl::Status& status);

 private:
  const std::string control_plane_;
  base::Clock& clock_;
  const Log& log_;
  bool answered_ = false;  // ever
  int attempts_ = 0;       // failed ones of this outage; 0: none
  absl::Time since_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_OUTAGE_LOG_H_
