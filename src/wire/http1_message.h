// SPDX-License-Identifier: Apache-2.0
// What the HTTP/1.1 decoders and encoders share: events, errors, limits, framing.

#ifndef MESHLIB_WIRE_HTTP1_MESSAGE_H_
#define MESHLIB_WIRE_HTTP1_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace meshlib::wire {

// What a decoder found next. Grammar of one message:
//   request:   kHead kBody* kEnd
//   response:  kInterim* kHead kBody* kEnd
// kNeedMore may come anywhere before kEnd, and kError instead of anything.
enum class Http1Event : uint8_t {
  kNeedMore,  // the input is used up
  kInterim,   // a 1xx response; the decoder goes on to the next head
  kHead,      // the head is complete
  kBody,      // body() is the next piece of the body, a view of the input
  kEnd,       // the message is complete; the rest of the input belongs to the next one
  kError,     // error() says why; the connection cannot be used any further
};

// Why a message is refused. A value.
struct Http1Error {
  int status = 400;         // what a server answers: 400, 431, 501 or 505
  const char* reason = "";  // "head: bare LF"
  friend bool operator==(const Http1Error&, const Http1Error&) = default;
};

// All are counted on the bytes taken in, so that no way of splitting them passes more. A value.
struct Http1Limits {
  size_t max_head_bytes = 60 * 1024;
  size_t max_fields = 100;
  size_t max_trailer_bytes = 16 * 1024;
  size_t max_chunk_line_bytes = 1024;      // one chunk's size and extensions
  size_t max_extension_bytes = 16 * 1024;  // extensions of all chunks of a message
  int max_leading_empty_lines = 4;         // before a request (RFC 9112 section 2.2)
  int max_interim_responses = 16;
};

// How the end of a body is found (RFC 9112 section 6). A value.
struct BodyFraming {
  enum class Kind : uint8_t { kNone, kLength, kChunked, kUntilClose };
  Kind kind = Kind::kNone;
  uint64_t length = 0;  // for kLength

  static BodyFraming None() { return {}; }
  static BodyFraming Length(uint64_t bytes) { return {Kind::kLength, bytes}; }
  static BodyFraming Chunked() { return {Kind::kChunked, 0}; }
  static BodyFraming UntilClose() { return {Kind::kUntilClose, 0}; }
  friend bool operator==(const BodyFraming&, const BodyFraming&) = default;
};

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_HTTP1_MESSAGE_H_
