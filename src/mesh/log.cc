// SPDX-License-Identifier: Apache-2.0
#include "mesh/log.h"

#include <array>
#include <cstdio>
#include <string>

namespace meshlib::mesh {
namespace {

constexpr size_t kLongest = 4096;

std::string Escaped(std::string_view line) {
  std::string text;
  for (const char c : line.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 0x20 && byte != 0x7f) || c == '\n' || c == '\t') {
      text.push_back(c);
    } else {
      std::array<char, 5> hex{};
      std::snprintf(hex.data(), hex.size(), "\\x%02x", byte);
      text += hex.data();
    }
  }
  if (line.size() > kLongest) text += "...";
  return text;
}

const char* Name(LogSeverity severity) {
  switch (severity) {
    case LogSeverity::kInfo:
      return "info";
    case LogSeverity::kWarning:
      return "warning";
    case LogSeverity::kError:
      return "error";
  }
  return "";
}

}  // namespace

void Log::Write(LogSeverity severity, std::string_view line) const {
  const std::string text = Escaped(line);
  if (sink_) return sink_(severity, text);
  if (severity == LogSeverity::kInfo) return;
  std::fprintf(stderr, "meshlib: %s: %s\n", Name(severity), text.c_str());
}

}  // namespace meshlib::mesh
