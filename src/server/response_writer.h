// SPDX-License-Identifier: Apache-2.0
// ResponseWriter: the response to one request -> bytes in an OutputBuffer.

#ifndef MESHLIB_SERVER_RESPONSE_WRITER_H_
#define MESHLIB_SERVER_RESPONSE_WRITER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "meshlib/http.h"
#include "server/output_buffer.h"
#include "wire/encoder.h"
#include "wire/http1_message.h"

namespace meshlib::server {

// What the request decides about its response. A value.
struct ResponseTerms {
  bool to_head = false;
  int minor_version = 1;
  bool keep_alive = true;
};

// Chooses the framing: the length where it is known, chunks, or the end of the connection for an
// HTTP/1.0 client. Thread-compatible.
class ResponseWriter final {
 public:
  // REQUIRES: `output` outlives it.
  explicit ResponseWriter(OutputBuffer& output) : output_(output) {}

  void Begin(const ResponseTerms& terms);
  // From now on the connection ends with this response.
  void EndConnection() { terms_.keep_alive = false; }

  // The whole response. A large body is borrowed from `response`. On failure nothing was written,
  // and another response can be.
  [[nodiscard]] absl::Status WriteWhole(const HttpResponse& response, std::string_view date);

  // Or its parts. A content-length among the headers is kept, and the body must have that length.
  [[nodiscard]] absl::Status WriteHead(const HttpResponse& head, std::string_view date);
  [[nodiscard]] absl::Status WriteBody(std::string_view bytes);
  [[nodiscard]] absl::Status WriteEnd(const Headers& trailers);

  bool begun() const { return state_ != State::kNone; }
  bool ended() const { return state_ == State::kEnded; }
  // Whether another response can follow on the connection.
  bool keep_alive() const { return terms_.keep_alive; }
  uint64_t body_bytes() const { return body_bytes_; }
  int status() const { return status_; }

 private:
  enum class State : uint8_t { kNone, kBody, kEnded };

  absl::Status AppendHead(const HttpResponse& head, const wire::BodyFraming& framing,
                          std::string_view date);
  wire::ConnectionField Connection() const;

  OutputBuffer& output_;
  ResponseTerms terms_;
  State state_ = State::kNone;
  wire::BodyFraming framing_;
  bool bodiless_ = false;  // HEAD, 204, 304
  uint64_t body_bytes_ = 0;
  int status_ = 0;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_RESPONSE_WRITER_H_
