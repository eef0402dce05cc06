// SPDX-License-Identifier: Apache-2.0
// HeaderCommand: the %COMMANDS% of header formats, as text.

#ifndef MESHLIB_ROUTE_HEADER_COMMAND_H_
#define MESHLIB_ROUTE_HEADER_COMMAND_H_

#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/status.h"

namespace meshlib::route {

// One piece of a format: literal text, or a command, %NAME(PARAMETERS):LENGTH%. A value.
struct FormatPiece {
  std::string_view literal;
  std::string_view name;        // empty: literal
  std::string_view parameters;  // empty: none, or "()"
  std::optional<size_t> length;
};

// Reads pieces off a format, "%%" as a literal "%". Thread-compatible.
class FormatReader final {
 public:
  explicit FormatReader(std::string_view format) : format_(format) {}

  bool done() const { return at_ >= format_.size(); }
  size_t position() const { return at_; }
  // nullopt: there is no command at position(). REQUIRES: !done().
  std::optional<FormatPiece> Next();

 private:
  std::optional<FormatPiece> NextCommand();

  std::string_view format_;
  size_t at_ = 0;
};

// Whether Envoy knows the command and takes these parameters.
absl::Status ValidateCommand(const FormatPiece& command);

// What follows the first `separator`, and cuts `text` before it; empty when there is none.
std::string_view CutAt(std::string_view& text, char separator);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_HEADER_COMMAND_H_
