// SPDX-License-Identifier: Apache-2.0
// LineSink: log lines on stderr, with the time.

#ifndef MESHCTL_LINE_SINK_H_
#define MESHCTL_LINE_SINK_H_

#include "meshlib/mesh_options.h"

namespace meshctl {

enum class Verbosity { kProblems, kEverything };

meshlib::LogSink LineSink(Verbosity verbosity);

}  // namespace meshctl

#endif  // MESHCTL_LINE_SINK_H_
