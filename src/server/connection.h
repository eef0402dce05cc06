// SPDX-License-Identifier: Apache-2.0
// Connection: one client's connection to a Server, request after request.

#ifndef MESHLIB_SERVER_CONNECTION_H_
#define MESHLIB_SERVER_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "meshlib/http.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "server/exchange.h"
#include "server/inbound_policy.h"
#include "server/incoming.h"
#include "server/lazy_timer.h"
#include "server/output_buffer.h"
#include "server/peer.h"
#include "server/response_writer.h"
#include "transport/lingering_close.h"
#include "wire/request_decoder.h"

namespace meshlib::server {

class LoopServer;

// Reads requests and hands them to its Exchange, one at a time and in order; sends the responses.
// A request costs one recv and one send; timers and epoll interest are touched only when something
// is slow. Functions for the Exchange may be called at any time while a Call is under way, also
// from within the functions of Exchange; OnSent and OnClosed are never called within them.
// Loop-bound: use only on the loop of its LoopServer.
class Connection final : public net::FdHandler {
 public:
  Connection(LoopServer& server, Incoming incoming);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins to read. The LoopServer is told when it ends.
  void Start();
  void OnReady(uint32_t readiness) override;
  // The server drains: the current Call is the last one, and without one it ends at `idle_until`.
  void Drain(absl::Time idle_until);
  // The policy of its port has changed. What cannot go on under the new one ends with its Call.
  void OnPolicy(const std::shared_ptr<const InboundPolicy>& policy);
  void Close(const absl::Status& status);

  // For the Exchange. After SendResponse(), Refuse(), Finish() and Reset() nothing may follow.
  // `response` must stay valid until OnSent or OnClosed.
  void SendResponse(const HttpResponse& response, std::string_view flag = "-");
  // Answers with a text and ends the connection, however much of the request is still to come.
  // When the response has begun, only the latter.
  void Refuse(int status, std::string_view text, std::string_view flag = "-");
  void SendHead(const HttpResponse& head);
  // False: enough waits to be sent; Exchange::OnWritable says when to go on.
  bool Write(std::string_view bytes);
  void Finish(const Headers& trailers);
  void Reset();
  void PauseReading(bool pause);
  const wire::BodyFraming& request_framing() const { return decoder_.framing(); }

  // As SendResponse(), without waiting for the end of the turn. Not within functions of Exchange.
  void SendResponseNow(const HttpResponse& response);

  LoopServer& server() { return server_; }
  // Its place in the LoopServer's list.
  size_t index() const { return index_; }
  void set_index(size_t index) { index_ = index; }

 private:
  void SetChain(std::shared_ptr<const InboundChain> chain);
  void BeginCall();
  void ReadSome();
  void Take(std::string_view input);
  bool CanDecode() const;
  void Decode(std::string_view* input);
  void OnHead();
  void OnCallDone();
  bool RefuseByPolicy(HttpRequest& request);
  bool DenyAccess(const HttpRequest& request);
  // Answers in place of the handler. The connection goes on if the request comes whole before the
  // answer is out. REQUIRES: `response` is short, so that it is copied.
  void Answer(const HttpResponse& response);

  // Does what became possible: sends, decodes what waits, ends the Call or the connection.
  void Settle();
  void SettleSoon();  // at the end of this event, or in this turn of the loop
  bool FlushOutput();
  bool DecodePending();
  bool CallIsDone() const;
  void EndConnection();
  void ReleaseExchange(const absl::Status& status);
  void Fail(const absl::Status& status);

  void UpdateInterest();
  absl::Time Deadline() const;
  absl::Time DeadlineOfState() const;
  absl::Time AgesAt() const;
  // Whether it is old since now: the next answer is its last one.
  bool BeginToAge();
  void OnDeadline();
  void Record();

  LoopServer& server_;
  std::unique_ptr<net::ByteStream> stream_;  // null: goodbye_ has it
  const ConnectionFacts facts_;
  const tls::Engine* const engine_;  // of the stream; null: plaintext
  const std::shared_ptr<const tls::ServerContext> context_;
  const std::unique_ptr<const Peer> peer_;  // null: plaintext
  std::shared_ptr<const InboundChain> chain_;
  std::string certificate_;  // for x-forwarded-client-cert, as chain_ wants it
  std::string first_bytes_;  // to be decoded by Start()
  size_t index_ = 0;
  uint32_t interest_ = net::kReadable;
  wire::RequestDecoder decoder_;
  OutputBuffer output_;
  ResponseWriter writer_;
  std::unique_ptr<Exchange> exchange_;
  std::string pending_;  // read, but not to be decoded yet

  bool in_event_ = false;  // Settle() comes
  bool settle_posted_ = false;
  bool in_call_ = false;  // the head is complete, and the Call is not done
  bool request_ended_ = false;
  bool answered_ = false;  // the Exchange is not told of this Call
  bool reading_paused_ = false;
  bool wants_writable_ = false;  // Write() returned false
  bool write_blocked_ = false;
  bool peer_eof_ = false;
  bool reset_ = false;
  bool aged_ = false;
  bool last_call_ = false;  // the policy of its port does not allow another one
  bool closing_ = false;    // no request after this one
  bool refused_ = false;    // ... because of an error in this one
  bool closed_ = false;
  // Since our side has ended: nothing is read, decoded or sent any more.
  std::unique_ptr<transport::LingeringClose> goodbye_;
  std::string_view flag_ = "-";

  LazyTimer timer_;
  const absl::Time ages_at_;
  absl::Time last_activity_;
  absl::Time head_started_ = absl::InfiniteFuture();
  absl::Time call_started_;
  absl::Time drain_until_ = absl::InfiniteFuture();
  uint64_t request_bytes_ = 0;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_CONNECTION_H_
