// SPDX-License-Identifier: Apache-2.0
// LineReader: input in pieces -> whole lines that end with CRLF.

#ifndef MESHLIB_WIRE_LINE_READER_H_
#define MESHLIB_WIRE_LINE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace meshlib::wire {

// Hands out each line as a view of the input, or of its own buffer when the line came in pieces.
// A line holds no control byte but HTAB. Thread-compatible.
class LineReader final {
 public:
  enum class Result : uint8_t {
    kLine,         // line() is complete
    kNeedMore,     // the input is used up
    kTooLong,      // the budget is used up
    kBadLineEnd,   // LF without CR, or CR without LF
    kControlByte,  // another control byte
  };

  // Sets how many bytes, line ends included, Read() may take until the next SetBudget().
  void SetBudget(size_t bytes) { budget_ = bytes; }
  size_t budget() const { return budget_; }

  // Forgets a line begun.
  void Clear();
  // Takes bytes from the front of `input`.
  Result Read(std::string_view* input);
  // Without the CRLF; valid until the next Read() and as long as the input.
  std::string_view line() const { return line_; }
  // Whether nothing of a next line has been taken.
  bool empty() const { return !partial_; }
  // What has been taken of a line begun.
  std::string_view begun() const {
    return partial_ ? std::string_view(buffer_) : std::string_view();
  }

 private:
  Result TakeLineEnd(std::string_view* input, size_t before);
  Result Keep(std::string_view* input, size_t size);

  size_t budget_ = 0;
  bool partial_ = false;  // buffer_ holds the beginning of a line
  bool cr_ = false;       // ... and its CR has been taken
  std::string buffer_;
  std::string_view line_;
};

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_LINE_READER_H_
