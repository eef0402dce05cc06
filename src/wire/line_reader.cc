// SPDX-License-Identifier: Apache-2.0
#include "wire/line_reader.h"

#include "wire/grammar.h"

namespace meshlib::wire {

void LineReader::Clear() {
  partial_ = false;
  cr_ = false;
}

LineReader::Result LineReader::Read(std::string_view* input) {
  if (input->empty()) return Result::kNeedMore;
  if (cr_) return TakeLineEnd(input, 0);
  const std::string_view affordable = input->substr(0, budget_);
  const size_t text_size = FindControl(affordable);
  if (text_size == affordable.size()) {
    return affordable.size() < input->size() ? Result::kTooLong : Keep(input, text_size);
  }
  if (affordable[text_size] == '\n') return Result::kBadLineEnd;
  if (affordable[text_size] != '\r') return Result::kControlByte;
  if (text_size + 1 == input->size()) {
    Keep(input, text_size + 1);
    buffer_.pop_back();
    cr_ = true;
    return Result::kNeedMore;
  }
  return TakeLineEnd(input, text_size + 1);
}

// The LF follows `before` bytes of the input: the rest of the line and its CR, or nothing.
LineReader::Result LineReader::TakeLineEnd(std::string_view* input, size_t before) {
  if (before >= budget_) return Result::kTooLong;
  if ((*input)[before] != '\n') return Result::kBadLineEnd;
  line_ = input->substr(0, before == 0 ? 0 : before - 1);
  if (partial_) {
    buffer_.append(line_);
    line_ = buffer_;
  }
  input->remove_prefix(before + 1);
  budget_ -= before + 1;
  Clear();
  return Result::kLine;
}

LineReader::Result LineReader::Keep(std::string_view* input, size_t size) {
  if (!partial_) buffer_.clear();
  partial_ = true;
  buffer_.append(*input, 0, size);
  input->remove_prefix(size);
  budget_ -= size;
  return Result::kNeedMore;
}

}  // namespace meshlib::wire
