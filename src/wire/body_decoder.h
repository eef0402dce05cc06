// SPDX-License-Identifier: Apache-2.0
// BodyDecoder: the bytes behind a head -> pieces of the body, trailers.

#ifndef MESHLIB_WIRE_BODY_DECODER_H_
#define MESHLIB_WIRE_BODY_DECODER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "meshlib/headers.h"
#include "wire/http1_message.h"
#include "wire/line_reader.h"

namespace meshlib::wire {

// Thread-compatible.
class BodyDecoder final {
 public:
  // REQUIRES: `limits` outlives it.
  explicit BodyDecoder(const Http1Limits& limits) : limits_(limits) {}
  BodyDecoder(const BodyDecoder&) = delete;
  BodyDecoder& operator=(const BodyDecoder&) = delete;

  void Begin(const BodyFraming& framing);
  // kNeedMore, kBody, kEnd or kError.
  Http1Event Next(std::string_view* input);
  // kEnd or kError.
  Http1Event OnEof();

  std::string_view piece() const { return piece_; }
  const Headers& trailers() const { return trailers_; }
  const Http1Error& error() const { return error_; }

 private:
  enum class State : uint8_t {
    kPlain,      // `left_` bytes of body, then the end
    kUntilEof,   // bytes of body
    kChunkLine,  // a chunk's size
    kChunkData,  // `left_` bytes of a chunk
    kChunkCr,    // the CR behind a chunk
    kChunkLf,
    kTrailers,
    kEnded,
    kFailed,
  };

  // nullopt: go on in the new state.
  using Step = std::optional<Http1Event>;

  Http1Event Fail(const char* reason, int status = 400);
  Step TakeStep(std::string_view* input);
  Step TakeData(std::string_view* input, State next);
  Step TakeByte(char expected, State next, std::string_view* input);
  Step TakeLine(std::string_view* input);
  Step OnChunkLine(std::string_view line);
  Step OnTrailerLine(std::string_view line);
  void ExpectChunkLine();

  const Http1Limits& limits_;
  State state_ = State::kEnded;
  uint64_t left_ = 0;
  size_t extension_bytes_ = 0;
  LineReader reader_;
  std::string_view piece_;
  Headers trailers_;
  Http1Error error_;
};

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_BODY_DECODER_H_
