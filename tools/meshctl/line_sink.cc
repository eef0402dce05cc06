// SPDX-License-Identifier: Apache-2.0
#include "line_sink.h"

#include <array>
#include <cstdio>
#include <ctime>
#include <string_view>

namespace meshctl {

meshlib::LogSink LineSink(Verbosity verbosity) {
  return [verbosity](meshlib::LogSeverity severity, std::string_view line) {
    if (severity == meshlib::LogSeverity::kInfo && verbosity == Verbosity::kProblems) return;
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 16> time{};
    std::strftime(time.data(), time.size(), "%H:%M:%S", &local);
    std::fprintf(stderr, "%s %.*s\n", time.data(), static_cast<int>(line.size()), line.data());
  };
}

}  // namespace meshctl
