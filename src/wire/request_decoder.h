// SPDX-License-Identifier: Apache-2.0
// RequestDecoder: bytes of a connection -> HTTP/1.1 requests.

#ifndef MESHLIB_WIRE_REQUEST_DECODER_H_
#define MESHLIB_WIRE_REQUEST_DECODER_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "meshlib/headers.h"
#include "meshlib/http.h"
#include "wire/body_decoder.h"
#include "wire/field_section.h"
#include "wire/http1_message.h"
#include "wire/line_reader.h"

namespace meshlib::wire {

// Decodes one request after the other, strictly (RFC 9110, RFC 9112), however the bytes are split:
//
//   decoder.Begin(&request);
//   for (;;) switch (decoder.Next(&input)) { ... }
//
// Fields that belong to the connection (connection, keep-alive, proxy-connection,
// transfer-encoding) are read and not handed on; Host becomes `authority`, and an absolute target
// is taken apart into `authority` and `url`. Does not allocate once its buffers have grown.
// Thread-compatible.
class RequestDecoder final {
 public:
  explicit RequestDecoder(const Http1Limits& limits = {});

  // Starts on the next message. Its head is written to `request`, whose method, url, authority,
  // headers and body are cleared. `request` must stay valid until kHead or the next Begin().
  // REQUIRES: nothing was decoded before, or kEnd was returned.
  void Begin(HttpRequest* request);

  // Takes bytes from the front of `input` up to the next event. After kNeedMore `input` is empty.
  Http1Event Next(std::string_view* input);
  // The peer has ended its side. kEnd: between two messages (whoever asked knows there is none
  // under way by idle()). kError: within one.
  Http1Event OnEof();

  // Whether no byte of the current message has been taken in (but empty lines).
  bool idle() const { return state_ == State::kFirstLine && reader_.empty(); }

  // From kHead on.
  int minor_version() const { return minor_version_; }
  const BodyFraming& framing() const { return framing_; }
  bool keep_alive() const { return keep_alive_; }
  bool expects_continue() const { return fields_.expects_continue; }
  // The request asks for another protocol, or for a tunnel (CONNECT).
  bool wants_upgrade() const { return fields_.upgrade && fields_.connection_upgrade; }

  // After kBody, until the input goes.
  std::string_view body() const { return body_.piece(); }
  // After kEnd.
  const Headers& trailers() const { return body_.trailers(); }
  // After kError.
  const Http1Error& error() const { return error_; }

 private:
  enum class State : uint8_t { kFirstLine, kFields, kBody, kEnded, kFailed };

  // nullopt: go on in the new state.
  using Step = std::optional<Http1Event>;

  Http1Event Fail(const char* reason, int status = 400);
  Step TakeLine(std::string_view* input);
  Step OnLine(std::string_view line);
  Step OnFirstLine(std::string_view line);
  Step OnField(std::string_view line);
  Step OnHeadEnd();
  const char* DecodeTarget(std::string_view target);
  const char* DecodeAbsoluteTarget(std::string_view rest);
  Http1Event TakeBody(std::string_view* input);

  const Http1Limits limits_;
  HttpRequest* request_ = nullptr;
  State state_ = State::kEnded;
  LineReader reader_;
  FieldSection fields_;
  BodyDecoder body_;
  BodyFraming framing_;
  Http1Error error_;
  int minor_version_ = 1;
  int empty_lines_ = 0;
  bool keep_alive_ = false;
  bool absolute_target_ = false;
};

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_REQUEST_DECODER_H_
