// SPDX-License-Identifier: Apache-2.0
// Http1Connection: one HTTP/1.1 connection to a peer, client side.

#ifndef MESHLIB_CONNECTION_HTTP1_CONNECTION_H_
#define MESHLIB_CONNECTION_HTTP1_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "connection/exchange_events.h"
#include "meshlib/http.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "tls/context.h"
#include "wire/encoder.h"
#include "wire/response_decoder.h"

namespace meshlib::connection {

// Carries one exchange after the other. Between two it is watched: whatever the peer sends then,
// be it the end, makes it useless.
//
// Loop-bound: use only on the loop passed to the constructor.
class Http1Connection final : private net::FdHandler {
 public:
  // Who keeps it between exchanges. Either function may close it, and must not destroy it before
  // the functions of the connection that are running have returned.
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnExchangeEnded(Http1Connection& connection, bool reusable) = 0;
    virtual void OnIdleBroken(Http1Connection& connection) = 0;
  };

  // `read_buffer` is shared by the connections of the loop. `tls`: what `stream` was secured with;
  // null: nothing.
  Http1Connection(net::Loop& loop, std::unique_ptr<net::ByteStream> stream, Owner& owner,
                  std::span<char> read_buffer,
                  std::shared_ptr<const tls::ClientContext> tls = nullptr);
  ~Http1Connection() override;

  // Starts to watch the stream. To be called once, first.
  absl::Status Open();
  // Ends it, without any event.
  void Close();

  // Begins an exchange: encodes the head, and sends it with the first Flush(). An error is that of
  // the encoder; the connection is idle again then. REQUIRES: idle.
  // `response` and `events` must stay valid until the end of the exchange; `response` is cleared.
  absl::Status Begin(const wire::RequestLine& line, const Headers& headers,
                     const wire::BodyFraming& framing, HttpResponse& response,
                     ExchangeEvents& events);
  // The body, in pieces; together as long as the framing says. Large pieces are sent at once.
  void Write(std::string_view bytes);
  // Ends the request.
  absl::Status Finish(const Headers& trailers);
  // Sends what is buffered. False: the peer does not take everything yet, OnWritable() follows.
  bool Flush();
  // Gives the connection back unused. REQUIRES: idle.
  void Decline() { owner_.OnExchangeEnded(*this, true); }
  // Gives up the exchange: the connection is closed, no further event.
  void Abandon();
  // No OnBody and no OnEnd while paused.
  void PauseReading();
  void ResumeReading();

  bool in_exchange() const { return events_ != nullptr; }
  // Whether an end of the connection now would have come before any byte of the response.
  bool is_untouched() const { return decoder_.idle(); }
  // The whole request is with the kernel.
  bool is_sent() const { return request_finished_ && buffered() == 0 && !write_failed_; }
  size_t buffered() const { return out_.size() - sent_; }
  // Exchanges so far.
  uint32_t exchanges() const { return exchanges_; }
  const std::shared_ptr<const tls::ClientContext>& tls() const { return tls_; }
  absl::Time opened_at() const { return opened_at_; }
  absl::Time idle_since() const { return idle_since_; }
  // Asks the kernel whether the peer has been silent. REQUIRES: idle.
  bool IsSilent() { return stream_->IsSilent(); }

 private:
  void OnReady(uint32_t readiness) override;
  bool Await() override;
  void ReadSome();
  // False: the exchange has ended or is paused.
  bool Consume(std::string_view input);
  void OnEof();
  void EndExchange(bool reusable);
  void Break(CallErrorReason reason, const absl::Status& cause);
  void Send(std::string_view direct);
  void UpdateInterest();
  void SetInterest(uint32_t interest);
  void Resume();

  net::Loop& loop_;
  const std::unique_ptr<net::ByteStream> stream_;
  Owner& owner_;
  const std::span<char> read_buffer_;
  const std::shared_ptr<const tls::ClientContext> tls_;
  const absl::Time opened_at_;

  bool open_ = false;
  uint32_t interest_ = 0;  // 0: not watched
  absl::Time idle_since_;
  uint32_t exchanges_ = 0;

  // Of the current exchange.
  ExchangeEvents* events_ = nullptr;  // null: idle
  HttpResponse* response_ = nullptr;
  wire::ResponseDecoder decoder_;
  bool chunked_ = false;
  bool request_finished_ = false;
  bool paused_ = false;
  bool resuming_ = false;                 // resume_ is to end the pause
  std::optional<net::IoResult> awaited_;  // read by Await(), into read_buffer_
  std::string held_;                      // read, and not decoded because of a pause
  base::Timer resume_;                    // reads on

  std::string out_;  // from sent_ on: not sent yet
  size_t sent_ = 0;
  bool wants_writable_ = false;  // Flush() returned false
  bool write_failed_ = false;    // what the peer said before it closed is still to be read
};

}  // namespace meshlib::connection

#endif  // MESHLIB_CONNECTION_HTTP1_CONNECTION_H_
