// SPDX-License-Identifier: Apache-2.0
#include "server/connection.h"

#include <algorithm>
#include <utility>

#include "base/string_view.h"
#include "server/loop_server.h"

namespace meshlib::server {
namespace {

// So much may be read ahead while a handler works. More stays in the kernel and holds the peer
// back.
constexpr size_t kMostPending = 16 * 1024;
// Write() asks for a pause from here on.
constexpr size_t kHighWater = 64 * 1024;

wire::Http1Limits LimitsOf(const ServeOptions& options) {
  wire::Http1Limits limits;
  limits.max_head_bytes = options.max_header_bytes;
  limits.max_fields = options.max_header_fields;
  return limits;
}

// A connection that is old ends when it has been idle for so long: a request that is on its way may
// still come.
constexpr absl::Duration kOldIdle = absl::Seconds(1);

// A time-out of zero is none.
absl::Time After(absl::Time start, absl::Duration timeout) {
  return timeout > absl::ZeroDuration() ? start + timeout : absl::InfiniteFuture();
}

}  // namespace

Connection::Connection(LoopServer& server, Incoming incoming)
    : server_(server),
      stream_(std::move(incoming.stream)),
      facts_(std::move(incoming.facts)),
      engine_(incoming.engine),
      context_(std::move(incoming.context)),
      peer_(engine_ == nullptr ? nullptr : std::make_unique<const Peer>(Peer::Of(*engine_))),
      first_bytes_(std::move(incoming.first_bytes)),
      decoder_(LimitsOf(server.serving().options)),
      writer_(output_),
      exchange_(server.MakeExchange(*this)),
      timer_(server.loop(), [this] { OnDeadline(); }),
      ages_at_(AgesAt()),
      last_activity_(server.loop().Now()) {
  SetChain(std::move(incoming.chain));
  exchange_->request().peer_address = facts_.remote.ToString();
  if (peer_ != nullptr) exchange_->request().peer = peer_->identity;
  BeginCall();
}

Connection::~Connection() = default;

void Connection::Start() {
  if (absl::Status watched = server_.loop().Watch(stream_->fd(), interest_, this); !watched.ok()) {
    return Close(watched);
  }
  timer_.Set(Deadline());
  if (engine_ == nullptr && first_bytes_.empty()) return;
  // What came with the handshake, or was read to see what the client speaks: nothing tells of it.
  in_event_ = true;
  if (engine_ != nullptr) {
    ReadSome();
  } else {
    Take(std::exchange(first_bytes_, {}));
  }
  Settle();
}

void Connection::OnReady(uint32_t readiness) {
  // Both sides have ended: nobody will read what is still to be sent.
  if ((readiness & net::kError) != 0 && peer_eof_) {
    return Close(absl::UnavailableError("the client has gone"));
  }
  in_event_ = true;
  last_activity_ = server_.loop().Now();
  if ((readiness & net::kWritable) != 0) write_blocked_ = false;
  if ((readiness & (net::kReadable | net::kError)) != 0) ReadSome();
  Settle();
}

void Connection::Drain(absl::Time idle_until) {
  drain_until_ = idle_until;
  if (!writer_.begun()) writer_.EndConnection();
  timer_.Set(Deadline());
}

void Connection::Close(const absl::Status& status) {
  if (closed_) return;
  closed_ = true;
  // The end of what has been said, unlike what happens in between, is told as TLS tells it.
  if (status.ok() && engine_ != nullptr && stream_ != nullptr) stream_->CloseWrite();
  timer_.Cancel();
  if (stream_ != nullptr) server_.loop().Unwatch(stream_->fd(), this);
  goodbye_.reset();
  if (in_call_) Record();
  output_.Clear();
  ReleaseExchange(status);
  server_.Bury(*this);
}

void Connection::BeginCall() {
  decoder_.Begin(&exchange_->request());
  writer_.Begin({});
  if (server_.draining()) writer_.EndConnection();
  in_call_ = false;
  request_ended_ = false;
  answered_ = false;
  reading_paused_ = false;
  wants_writable_ = false;
  head_started_ = absl::InfiniteFuture();
  request_bytes_ = 0;
  flag_ = "-";
}

void Connection::ReadSome() {
  const std::span<char> buffer = server_.read_buffer();
  const net::IoResult result = stream_->Read(buffer);
  switch (result.kind) {
    case net::IoResult::Kind::kAgain:
      return;
    case net::IoResult::Kind::kError:
      return Close(absl::UnavailableError(stream_->error().message()));
    case net::IoResult::Kind::kEof:
      peer_eof_ = true;
      return;
    case net::IoResult::Kind::kDone:
      break;
  }
  Take({buffer.data(), result.bytes});
  if (!closed_ && stream_->HasEnded()) ReadSome();
}

void Connection::Take(std::string_view input) {
  if (pending_.empty()) Decode(&input);
  if (!closed_) pending_.append(input);
}

bool Connection::CanDecode() const {
  return !closed_ && !closing_ && !reset_ && !request_ended_ && !reading_paused_ &&
         output_.size() < kHighWater;
}

void Connection::Decode(std::string_view* input) {
  while (CanDecode()) {
    switch (decoder_.Next(input)) {
      case wire::Http1Event::kHead:
        OnHead();
        break;
      case wire::Http1Event::kBody:
        request_bytes_ += decoder_.body().size();
        if (!answered_) exchange_->OnBody(decoder_.body());
        break;
      case wire::Http1Event::kEnd:
        request_ended_ = true;
        if (!answered_) exchange_->OnEnd(decoder_.trailers());
        // The answer goes first, unless requests came that may share its way.
        if (!input->empty() && CallIsDone()) OnCallDone();
        break;
      case wire::Http1Event::kNeedMore:
        if (!in_call_ && head_started_ == absl::InfiniteFuture() && !decoder_.idle()) {
          head_started_ = server_.loop().Now();
        }
        return;
      case wire::Http1Event::kInterim:
      case wire::Http1Event::kError:
        return Refuse(decoder_.error().status, decoder_.error().reason);
    }
  }
}

void Connection::OnHead() {
  in_call_ = true;
  call_started_ = server_.loop().Now();
  HttpRequest& request = exchange_->request();
  writer_.Begin(
      {.to_head = request.method == "HEAD",
       .minor_version = decoder_.minor_version(),
       .keep_alive = decoder_.keep_alive() && !server_.draining() && !last_call_ && !aged_});
  if (RefuseByPolicy(request)) return;
  exchange_->OnHead();
  const bool has_body = decoder_.framing().kind != wire::BodyFraming::Kind::kNone;
  const bool waits = decoder_.expects_continue() && decoder_.minor_version() == 1 && has_body;
  if (waits && !writer_.begun() && CanDecode()) wire::AppendContinue(output_.bytes());
}

void Connection::SendResponse(const HttpResponse& response, std::string_view flag) {
  if (closed_) return;
  flag_ = flag;
  if (absl::Status status = writer_.WriteWhole(response, server_.date()); !status.ok()) {
    server_.serving().ReportHandler(base::StdView(status.message()));
    return Refuse(500, "the response cannot be sent");
  }
  SettleSoon();
}

void Connection::Refuse(int status, std::string_view text, std::string_view flag) {
  if (closed_) return;
  if (writer_.begun()) return Reset();
  flag_ = flag;
  writer_.EndConnection();
  closing_ = true;
  refused_ = true;
  // Copied, because `response` ends here: it is short.
  const HttpResponse response = HttpResponse::Text(status, text);
  if (!writer_.WriteWhole(response, server_.date()).ok()) reset_ = true;
  SettleSoon();
}

void Connection::SendHead(const HttpResponse& head) {
  if (closed_ || reset_) return;
  if (absl::Status status = writer_.WriteHead(head, server_.date()); !status.ok()) {
    server_.serving().ReportHandler(base::StdView(status.message()));
    return Refuse(500, "the response cannot be sent");
  }
  if (!head.body.empty()) Write(head.body);
  SettleSoon();
}

bool Connection::Write(std::string_view bytes) {
  if (closed_ || reset_ || closing_ || !writer_.begun() || writer_.ended()) return true;
  if (absl::Status status = writer_.WriteBody(bytes); !status.ok()) {
    Fail(status);
    return true;
  }
  SettleSoon();
  wants_writable_ = wants_writable_ || output_.size() >= kHighWater;
  return !wants_writable_;
}

void Connection::Finish(const Headers& trailers) {
  if (closed_ || reset_ || closing_ || !writer_.begun() || writer_.ended()) return;
  if (absl::Status status = writer_.WriteEnd(trailers); !status.ok()) return Fail(status);
  SettleSoon();
}

void Connection::Reset() {
  reset_ = true;
  SettleSoon();
}

void Connection::PauseReading(bool pause) {
  reading_paused_ = pause;
  SettleSoon();
}

void Connection::Fail(const absl::Status& status) {
  server_.serving().ReportHandler(base::StdView(status.message()));
  Reset();
}

void Connection::SettleSoon() {
  if (in_event_ || settle_posted_ || closed_) return;
  settle_posted_ = true;
  server_.loop().Post([this] {
    settle_posted_ = false;
    in_event_ = true;
    Settle();
  });
}

void Connection::SendResponseNow(const HttpResponse& response) {
  if (closed_) return;
  in_event_ = true;
  SendResponse(response);
  Settle();
}

void Connection::Settle() {
  if (goodbye_ != nullptr) return;
  bool more = true;
  while (more && !closed_) {
    more = FlushOutput();
    if (!closed_ && CallIsDone()) {
      OnCallDone();
      more = true;
    }
    more = DecodePending() || more;
  }
  in_event_ = false;
  if (closed_) return;
  if (closing_ && output_.empty()) EndConnection();
  // Nothing that is still to come can complete a request.
  if (peer_eof_ && CanDecode()) {
    Close(in_call_ || !decoder_.idle()
              ? absl::UnavailableError("the client ended its request early")
              : absl::OkStatus());
  }
  if (closed_ || goodbye_ != nullptr) return;
  UpdateInterest();
  if (!closed_) timer_.Set(Deadline());
}

// Returns whether it made room for more.
bool Connection::FlushOutput() {
  if (reset_) {
    Close(absl::CancelledError("reset by the handler"));
    return false;
  }
  if (!output_.empty() && !write_blocked_) {
    last_activity_ = server_.loop().Now();
    const net::IoResult::Kind kind = output_.Flush(*stream_);
    if (kind == net::IoResult::Kind::kError) {
      Close(absl::UnavailableError(stream_->error().message()));
      return false;
    }
    write_blocked_ = kind == net::IoResult::Kind::kAgain;
  }
  if (!wants_writable_ || closing_ || !output_.empty()) return false;
  wants_writable_ = false;
  exchange_->OnWritable();
  return true;
}

// Returns whether it decoded anything.
bool Connection::DecodePending() {
  if (pending_.empty() || !CanDecode()) return false;
  std::string taken = server_.TakeScratch();
  taken.swap(pending_);
  std::string_view input = taken;
  Decode(&input);
  pending_.assign(input);
  taken.clear();
  server_.ReturnScratch(std::move(taken));
  return true;
}

// A borrowed body must have gone before its owner is used again. The handler of a stream is told
// when all has gone.
bool Connection::CallIsDone() const {
  if (!in_call_ || !writer_.ended()) return false;
  if (closing_ || !request_ended_) return output_.empty();
  return exchange_->WaitsUntilSent() ? output_.empty() : !output_.borrows();
}

void Connection::OnCallDone() {
  Record();
  if (!request_ended_ || !writer_.keep_alive() || last_call_) closing_ = true;
  in_call_ = false;
  if (refused_) return ReleaseExchange(absl::CancelledError("the request was refused"));
  exchange_->OnSent();
  if (!closing_) BeginCall();
}

// All is sent. Whether the client still sends is known only when it has ended its side too.
void Connection::EndConnection() {
  if (peer_eof_ || (request_ended_ && !decoder_.keep_alive() && pending_.empty())) {
    return Close(absl::OkStatus());
  }
  pending_.clear();
  timer_.Cancel();
  server_.loop().Unwatch(stream_->fd(), this);
  goodbye_ = std::make_unique<transport::LingeringClose>(server_.loop());
  goodbye_->Start(std::move(stream_), {}, [this] { Close(absl::OkStatus()); });
}

void Connection::ReleaseExchange(const absl::Status& status) {
  if (exchange_ != nullptr && !exchange_->OnClosed(status)) {
    // A handler has it, and it owns itself.
    static_cast<void>(exchange_.release());
  }
  exchange_.reset();
}

void Connection::Record() {
  base::Observer* observer = server_.serving().dependencies.observer;
  if (observer == nullptr || exchange_ == nullptr) return;
  const HttpRequest& request = exchange_->request();
  base::CallRecord record;
  record.side = base::CallRecord::Side::kServer;
  record.method = request.method;
  record.authority = request.authority;
  record.path = request.url;
  record.status = writer_.status();
  record.flag = flag_;
  record.duration = server_.serving().dependencies.clock.Now() - call_started_;
  record.request_bytes = request_bytes_;
  record.response_bytes = writer_.body_bytes();
  observer->OnCallEnd(record);
}

void Connection::UpdateInterest() {
  uint32_t wanted = 0;
  if (!peer_eof_ && (CanDecode() || pending_.size() < kMostPending)) wanted |= net::kReadable;
  if (!output_.empty()) wanted |= net::kWritable;
  if (wanted == interest_) return;
  interest_ = wanted;
  if (absl::Status status = server_.loop().Modify(stream_->fd(), wanted, this); !status.ok()) {
    Close(status);
  }
}

absl::Time Connection::Deadline() const {
  if (goodbye_ != nullptr) return absl::InfiniteFuture();
  return std::min(DeadlineOfState(), aged_ ? absl::InfiniteFuture() : ages_at_);
}

absl::Time Connection::DeadlineOfState() const {
  const ServeOptions& options = server_.serving().options;
  const resource::HttpSettings& settings = chain_->settings;
  if (!output_.empty()) return After(last_activity_, options.body_timeout);
  if (!in_call_ && decoder_.idle()) {
    const absl::Time idle =
        After(last_activity_, settings.idle_timeout.value_or(options.idle_timeout));
    const absl::Time old = aged_ ? last_activity_ + kOldIdle : absl::InfiniteFuture();
    return std::min({idle, old, drain_until_});
  }
  if (!in_call_) {
    const absl::Duration set = settings.request_headers_timeout.value_or(absl::ZeroDuration());
    return After(head_started_, set > absl::ZeroDuration() ? set : options.header_timeout);
  }
  absl::Time deadline =
      After(last_activity_, settings.stream_idle_timeout.value_or(absl::ZeroDuration()));
  if (request_ended_ || reading_paused_) return deadline;
  deadline = std::min(deadline, After(last_activity_, options.body_timeout));
  return std::min(deadline,
                  After(call_started_, settings.request_timeout.value_or(absl::ZeroDuration())));
}

void Connection::OnDeadline() {
  if (BeginToAge()) return;
  if (!output_.empty()) return Close(absl::DeadlineExceededError("the client does not read"));
  if (!in_call_ && decoder_.idle()) return Close(absl::OkStatus());
  in_event_ = true;
  Refuse(408, in_call_ ? "the request took too long" : "the head of the request took too long");
  Settle();
}

}  // namespace meshlib::server
