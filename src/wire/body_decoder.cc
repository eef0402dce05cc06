// SPDX-License-Identifier: Apache-2.0
#include "wire/body_decoder.h"

#include <algorithm>
#include <limits>

#include "wire/field_section.h"
#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

constexpr size_t kMostSizeDigits = 16;
constexpr uint64_t kLargestChunk = std::numeric_limits<int64_t>::max();

// quoted-string. Takes it from the front of `text`.
bool TakeQuotedString(std::string_view* text) {
  if (!text->starts_with('"')) return false;
  for (size_t i = 1; i < text->size(); ++i) {
    if ((*text)[i] == '\\') {
      ++i;
    } else if ((*text)[i] == '"') {
      text->remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

bool TakeToken(std::string_view* text) {
  const size_t end = std::min(text->find_first_of(";="), text->size());
  if (!IsToken(text->substr(0, end))) return false;
  text->remove_prefix(end);
  return true;
}

// chunk-ext = *( ";" token [ "=" ( token / quoted-string ) ] ), without the white space that RFC
// 9112 section 7.1.1 calls bad.
bool IsChunkExtensions(std::string_view text) {
  while (!text.empty()) {
    if (text.front() != ';') return false;
    text.remove_prefix(1);
    if (!TakeToken(&text)) return false;
    if (!text.starts_with('=')) continue;
    text.remove_prefix(1);
    if (!(text.starts_with('"') ? TakeQuotedString(&text) : TakeToken(&text))) return false;
  }
  return true;
}

const char* ReasonOf(LineReader::Result result) {
  switch (result) {
    case LineReader::Result::kTooLong:
      return "body: chunk line or trailers too long";
    case LineReader::Result::kBadLineEnd:
      return "body: bare CR or LF";
    default:
      return "body: control byte in a chunk line or trailer";
  }
}

}  // namespace

void BodyDecoder::Begin(const BodyFraming& framing) {
  trailers_.Clear();
  piece_ = {};
  left_ = 0;
  extension_bytes_ = 0;
  switch (framing.kind) {
    case BodyFraming::Kind::kNone:
    case BodyFraming::Kind::kLength:
      state_ = State::kPlain;
      left_ = framing.length;
      break;
    case BodyFraming::Kind::kChunked:
      ExpectChunkLine();
      break;
    case BodyFraming::Kind::kUntilClose:
      state_ = State::kUntilEof;
      break;
  }
}

Http1Event BodyDecoder::Next(std::string_view* input) {
  for (;;) {
    if (const Step step = TakeStep(input)) return *step;
  }
}

Http1Event BodyDecoder::OnEof() {
  if (state_ != State::kUntilEof) return Fail("body: the peer ended it too early");
  state_ = State::kEnded;
  return Http1Event::kEnd;
}

BodyDecoder::Step BodyDecoder::TakeStep(std::string_view* input) {
  switch (state_) {
    case State::kPlain:
      return TakeData(input, State::kEnded);
    case State::kUntilEof:
      left_ = std::numeric_limits<uint64_t>::max();
      return TakeData(input, State::kUntilEof);
    case State::kChunkLine:
    case State::kTrailers:
      return TakeLine(input);
    case State::kChunkData:
      return TakeData(input, State::kChunkCr);
    case State::kChunkCr:
      return TakeByte('\r', State::kChunkLf, input);
    case State::kChunkLf:
      return TakeByte('\n', State::kChunkLine, input);
    case State::kEnded:
      return Http1Event::kEnd;
    case State::kFailed:
      return Http1Event::kError;
  }
  return Http1Event::kError;
}

Http1Event BodyDecoder::Fail(const char* reason, int status) {
  state_ = State::kFailed;
  error_ = {status, reason};
  return Http1Event::kError;
}

BodyDecoder::Step BodyDecoder::TakeData(std::string_view* input, State next) {
  if (left_ == 0) {
    state_ = next;
    return std::nullopt;
  }
  if (input->empty()) return Http1Event::kNeedMore;
  const size_t size = static_cast<size_t>(std::min<uint64_t>(left_, input->size()));
  piece_ = input->substr(0, size);
  input->remove_prefix(size);
  left_ -= size;
  return Http1Event::kBody;
}

BodyDecoder::Step BodyDecoder::TakeByte(char expected, State next, std::string_view* input) {
  if (input->empty()) return Http1Event::kNeedMore;
  if (input->front() != expected) return Fail("body: no CRLF behind a chunk");
  input->remove_prefix(1);
  if (next == State::kChunkLine) {
    ExpectChunkLine();
  } else {
    state_ = next;
  }
  return std::nullopt;
}

void BodyDecoder::ExpectChunkLine() {
  state_ = State::kChunkLine;
  reader_.Clear();
  reader_.SetBudget(limits_.max_chunk_line_bytes);
}

BodyDecoder::Step BodyDecoder::TakeLine(std::string_view* input) {
  const LineReader::Result result = reader_.Read(input);
  if (result == LineReader::Result::kNeedMore) return Http1Event::kNeedMore;
  const bool in_trailers = state_ == State::kTrailers;
  if (result != LineReader::Result::kLine) {
    const bool large = in_trailers && result == LineReader::Result::kTooLong;
    return Fail(ReasonOf(result), large ? 431 : 400);
  }
  return in_trailers ? OnTrailerLine(reader_.line()) : OnChunkLine(reader_.line());
}

BodyDecoder::Step BodyDecoder::OnChunkLine(std::string_view line) {
  size_t digits = 0;
  uint64_t size = 0;
  for (; digits < line.size() && HexDigit(line[digits]) >= 0; ++digits) {
    if (digits == kMostSizeDigits) return Fail("body: chunk size has too many digits");
    size = size << 4 | static_cast<uint64_t>(HexDigit(line[digits]));
  }
  if (digits == 0) return Fail("body: malformed chunk size");
  if (size > kLargestChunk) return Fail("body: chunk too large");
  const std::string_view extensions = line.substr(digits);
  if (!IsChunkExtensions(extensions)) return Fail("body: malformed chunk size or extension");
  extension_bytes_ += extensions.size();
  if (extension_bytes_ > limits_.max_extension_bytes) return Fail("body: too many extensions");
  if (size > 0) {
    state_ = State::kChunkData;
    left_ = size;
  } else {
    state_ = State::kTrailers;
    reader_.SetBudget(limits_.max_trailer_bytes);
  }
  return std::nullopt;
}

BodyDecoder::Step BodyDecoder::OnTrailerLine(std::string_view line) {
  if (line.empty()) {
    state_ = State::kEnded;
    return std::nullopt;
  }
  const std::optional<FieldLine> field = DecodeFieldLine(line);
  if (!field) return Fail("body: malformed trailer");
  if (IsForbiddenTrailer(field->name)) return Fail("body: forbidden trailer");
  if (trailers_.size() == limits_.max_fields) return Fail("body: too many trailers", 431);
  trailers_.Add(field->name, field->value);
  return std::nullopt;
}

}  // namespace meshlib::wire
