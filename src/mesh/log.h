// SPDX-License-Identifier: Apache-2.0
// Log: where a Mesh says what its user should know.

#ifndef MESHLIB_MESH_LOG_H_
#define MESHLIB_MESH_LOG_H_

#include <string_view>
#include <utility>

#include "meshlib/mesh_options.h"

namespace meshlib::mesh {

// Hands lines to the user's sink, or warnings and errors to stderr. Control bytes are escaped, and
// lines cut at 4 KiB, because peers and files can be quoted in them. Thread-safe.
class Log final {
 public:
  explicit Log(LogSink sink) : sink_(std::move(sink)) {}

  void Write(LogSeverity severity, std::string_view line) const;
  void Info(std::string_view line) const { Write(LogSeverity::kInfo, line); }
  void Warning(std::string_view line) const { Write(LogSeverity::kWarning, line); }
  void Error(std::string_view line) const { Write(LogSeverity::kError, line); }

 private:
  const LogSink sink_;
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_LOG_H_
