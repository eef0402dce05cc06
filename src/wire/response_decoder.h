// SPDX-License-Identifier: Apache-2.0
// ResponseDecoder: bytes of a connection -> HTTP/1.1 responses.

#ifndef MESHLIB_WIRE_RESPONSE_DECODER_H_
#define MESHLIB_WIRE_RESPONSE_DECODER_H_

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

// What a response answers, as far as its framing depends on it.
enum class ResponseTo : uint8_t {
  kOther,
  kHead,     // never has a body
  kConnect,  // 2xx begins a tunnel
  kUpgrade,  // the request had Upgrade: 101 is allowed
};

// Decodes one response after the other, strictly (RFC 9110, RFC 9112), however the bytes are split:
//
//   decoder.Begin(&response, ResponseTo::kOther);
//   for (;;) switch (decoder.Next(&input)) { ... }
//
// Fields that belong to the connection (connection, keep-alive, proxy-connection,
// transfer-encoding) are read and not handed on. Does not allocate once its buffers have grown.
// Thread-compatible.
class ResponseDecoder final {
 public:
  explicit ResponseDecoder(const Http1Limits& limits = {});

  // Starts on the next message. Its head is written to `response`, which is cleared, also after
  // each kInterim when decoding goes on. `response` must stay valid until kHead or the next
  // Begin(). May be called at any time, if only to begin anew on another connection.
  void Begin(HttpResponse* response, ResponseTo request);

  // Takes bytes from the front of `input` up to the next event. After kNeedMore `input` is empty.
  Http1Event Next(std::string_view* input);
  // The peer has ended its side. kEnd: that ended a body framed by it. kError: too early.
  Http1Event OnEof();

  // Whether no byte of a response to this request has been taken in: then an end of the connection
  // says that the request may be tried again on another one.
  bool idle() const {
    return interim_responses_ == 0 && state_ == State::kFirstLine && reader_.empty();
  }

  // From kHead on.
  int minor_version() const { return minor_version_; }
  const BodyFraming& framing() const { return framing_; }
  // After kEnd: whether the connection can carry another request, provided that no byte is left.
  bool keep_alive() const { return keep_alive_; }

  // After kBody, until the input goes.
  std::string_view body() const { return body_.piece(); }
  // After kEnd.
  const Headers& trailers() const { return body_.trailers(); }
  // After kError.
  const Http1Error& error() const { return error_; }

 private:
  enum class State : uint8_t { kFirstLine, kFields, kInterimEnded, kBody, kEnded, kFailed };

  void BeginHead();
  // nullopt: go on in the new state.
  using Step = std::optional<Http1Event>;

  Http1Event Fail(const char* reason, int status = 400);
  Step TakeLine(std::string_view* input);
  Step OnLine(std::string_view line);
  Step OnFirstLine(std::string_view line);
  Step OnField(std::string_view line);
  Step OnHeadEnd();
  Step OnInterimEnd();
  Http1Event TakeBody(std::string_view* input);
  bool MayBeStatusLine(std::string_view input) const;
  BodyFraming FramingOfHead() const;

  const Http1Limits limits_;
  HttpResponse* response_ = nullptr;
  ResponseTo request_ = ResponseTo::kOther;
  State state_ = State::kEnded;
  LineReader reader_;
  FieldSection fields_;
  BodyDecoder body_;
  BodyFraming framing_;
  Http1Error error_;
  int minor_version_ = 1;
  int interim_responses_ = 0;
  bool keep_alive_ = false;
};

}  // namespace meshlib::wire

#endif  // MESHLIB_WIRE_RESPONSE_DECODER_H_
