// SPDX-License-Identifier: Apache-2.0
// Encoding of HTTP/1.1 messages: values -> bytes, appended to a caller's buffer.
//
// Everything is checked on the way out: what would not be read back as it was meant (CR, LF, NUL
// and other control bytes, names that are no tokens, spaces in a target) is INVALID_ARGUMENT, which
// names it, and nothing is appended then. Fields that belong to the connection or decide the
// framing (connection, keep-alive, proxy-connection, transfer-encoding, content-length, host,
// upgrade, http2-settings) are left out of `headers` and written by the encoder itself.

#ifndef MESHLIB_WIRE_ENCODER_H_
#define MESHLIB_WIRE_ENCODER_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "meshlib/headers.h"
#include "wire/http1_message.h"

namespace meshlib::wire {

// What the encoder says about the connection.
enum class ConnectionField : uint8_t {
  kNone,
  kClose,      // "connection: close"
  kKeepAlive,  // "connection: keep-alive", for an HTTP/1.0 client that asked for it
};

// A value.
struct RequestLine {
  std::string_view method;
  std::string_view target;     // "/reviews/0?x=1", "*" for OPTIONS
  std::string_view authority;  // Host
};

// kNone writes no content-length, kLength(0) writes "content-length: 0" (which POST and PUT want).
// REQUIRES: framing is not kUntilClose.
[[nodiscard]] absl::Status AppendRequestHead(const RequestLine& line, const Headers& headers,
                                             const BodyFraming& framing, ConnectionField connection,
                                             std::string* out);

// A value.
struct ResponseLine {
  int status = 200;
  std::string_view date{};  // where not empty, written as Date unless `headers` have it
};

// The answer to HEAD gets the framing that GET would have got. kNone is for 1xx, 204 and 304.
[[nodiscard]] absl::Status AppendResponseHead(const ResponseLine& line, const Headers& headers,
                                              const BodyFraming& framing,
                                              ConnectionField connection, std::string* out);

// "HTTP/1.1 100 Continue".
void AppendContinue(std::string* out);

// A chunk is its size line, the data, and CRLF: so that the data need not be copied.
// REQUIRES: size > 0.
void AppendChunkSize(size_t size, std::string* out);
void AppendChunkEnd(std::string* out);
void AppendChunk(std::string_view data, std::string* out);
// The last chunk; `trailers` that must not be trailers are left out.
[[nodiscard]] absl::Status AppendLastChunk(const Headers& trailers, std::string* out);

// "Not Found"; "Unknown" for a status that has no name in the IANA registry.
std::string_view ReasonPhrase(int status);

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_ENCODER_H_
