// SPDX-License-Identifier: Apache-2.0
#include "connection/http1_connection.h"

#include <sys/uio.h>

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace meshlib::connection {
namespace {

// Pieces of a body from this size on are sent from where they are.
constexpr size_t kDirectWrite = 8 * 1024;
// Reads of one connection in one turn of the loop.
constexpr int kReadsPerTurn = 4;

iovec Piece(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

wire::ResponseTo KindOf(std::string_view method) {
  if (method == "HEAD") return wire::ResponseTo::kHead;
  return method == "CONNECT" ? wire::ResponseTo::kConnect : wire::ResponseTo::kOther;
}

}  // namespace

Http1Connection::Http1Connection(net::Loop& loop, std::unique_ptr<net::ByteStream> stream,
                                 Owner& owner, std::span<char> read_buffer,
                                 std::shared_ptr<const tls::ClientContext> tls)
    : loop_(loop),
      stream_(std::move(stream)),
      owner_(owner),
      read_buffer_(read_buffer),
      tls_(std::move(tls)),
      opened_at_(loop.Now()),
      idle_since_(loop.Now()),
      resume_(loop.timers(), [this] { Resume(); }) {}

Http1Connection::~Http1Connection() { Close(); }

absl::Status Http1Connection::Open() {
  if (absl::Status watched = loop_.Watch(stream_->fd(), net::kReadable, this); !watched.ok()) {
    return watched;
  }
  interest_ = net::kReadable;
  open_ = true;
  return absl::OkStatus();
}

void Http1Connection::Close() {
  SetInterest(0);
  resume_.Cancel();
  events_ = nullptr;
  // A peer that is not told takes the end for a truncation.
  if (open_ && tls_ != nullptr) stream_->CloseWrite();
  open_ = false;
}

absl::Status Http1Connection::Begin(const wire::RequestLine& line, const Headers& headers,
                                    const wire::BodyFraming& framing, HttpResponse& response,
                                    ExchangeEvents& events) {
  MESHLIB_DCHECK(!in_exchange());
  absl::Status encoded =
      wire::AppendRequestHead(line, headers, framing, wire::ConnectionField::kNone, &out_);
  if (!encoded.ok()) {
    owner_.OnExchangeEnded(*this, true);
    return encoded;
  }
  ++exchanges_;
  events_ = &events;
  response_ = &response;
  decoder_.Begin(&response, KindOf(line.method));
  chunked_ = framing.kind == wire::BodyFraming::Kind::kChunked;
  request_finished_ = false;
  paused_ = resuming_ = false;
  wants_writable_ = false;
  held_.clear();
  return absl::OkStatus();
}

void Http1Connection::Write(std::string_view bytes) {
  if (bytes.empty() || write_failed_) return;
  if (chunked_) wire::AppendChunkSize(bytes.size(), &out_);
  if (bytes.size() < kDirectWrite || wants_writable_) {
    out_.append(bytes);
  } else {
    Send(bytes);
  }
  if (chunked_) wire::AppendChunkEnd(&out_);
}

absl::Status Http1Connection::Finish(const Headers& trailers) {
  if (chunked_ && !write_failed_) {
    if (absl::Status encoded = wire::AppendLastChunk(trailers, &out_); !encoded.ok()) {
      return encoded;
    }
  }
  request_finished_ = true;
  return absl::OkStatus();
}

bool Http1Connection::Flush() {
  if (buffered() > 0 && !wants_writable_) Send({});
  if (is_sent() && interest_ != 0) loop_.Expect(this);
  return !wants_writable_;
}

void Http1Connection::Abandon() {
  events_ = nullptr;
  owner_.OnExchangeEnded(*this, false);
}

void Http1Connection::PauseReading() {
  resuming_ = false;
  if (paused_ || !in_exchange()) return;
  paused_ = true;
  UpdateInterest();
}

// Not at once: the caller may be within an event of this very connection.
void Http1Connection::ResumeReading() {
  if (!paused_ || !in_exchange()) return;
  resuming_ = true;
  resume_.ArmAt(loop_.Now());
}

void Http1Connection::Resume() {
  if (!in_exchange()) return;
  if (paused_) {
    if (!std::exchange(resuming_, false)) return;
    paused_ = false;
    const std::string held = std::exchange(held_, {});
    // Also without bytes: the end of the message may be all that is left to tell.
    if (!Consume(held)) return;
    UpdateInterest();
  }
  if (tls_ != nullptr) ReadSome();
}

void Http1Connection::OnReady(uint32_t readiness) {
  if (!in_exchange()) {
    // TLS has messages of its own.
    if (tls_ == nullptr || !stream_->IsSilent()) owner_.OnIdleBroken(*this);
    return;
  }
  if ((readiness & net::kWritable) != 0 && wants_writable_) {
    wants_writable_ = false;
    Send({});
    if (!wants_writable_) events_->OnWritable();
    if (!in_exchange()) return;
  }
  if ((readiness & (net::kReadable | net::kError)) == 0) return;
  // An error is reported again and again, while nobody wants to read what came before it.
  if (paused_) return SetInterest(0);
  ReadSome();
}

bool Http1Connection::Await() {
  if (!in_exchange() || paused_) return false;
  const net::IoResult result = stream_->Await(read_buffer_);
  if (result.kind == net::IoResult::Kind::kAgain) return false;
  awaited_ = result;
  return true;
}

void Http1Connection::ReadSome() {
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const net::IoResult result =
        awaited_ ? *std::exchange(awaited_, std::nullopt) : stream_->Read(read_buffer_);
    switch (result.kind) {
      case net::IoResult::Kind::kAgain:
        return;
      case net::IoResult::Kind::kEof:
        return OnEof();
      case net::IoResult::Kind::kError:
        return Break(CallErrorReason::kConnectionTermination, stream_->error());
      case net::IoResult::Kind::kDone:
        break;
    }
    if (!Consume({read_buffer_.data(), result.bytes})) return;
    // The end of TLS may have come with these bytes, and no readiness tells of it.
    if (result.bytes < read_buffer_.size() && tls_ == nullptr) return;
  }
  if (tls_ != nullptr) resume_.ArmAt(loop_.Now());
}

bool Http1Connection::Consume(std::string_view input) {
  while (in_exchange()) {
    if (paused_) {
      held_.append(input);
      return false;
    }
    switch (decoder_.Next(&input)) {
      case wire::Http1Event::kNeedMore:
        return true;
      case wire::Http1Event::kInterim:
        break;
      case wire::Http1Event::kHead:
        events_->OnHead();
        break;
      case wire::Http1Event::kBody:
        events_->OnBody(decoder_.body());
        break;
      case wire::Http1Event::kEnd:
        // Bytes behind a response belong to no request of ours.
        EndExchange(decoder_.keep_alive() && input.empty());
        return false;
      case wire::Http1Event::kError:
        Break(CallErrorReason::kProtocolError,
              absl::InternalError(
                  absl::StrCat("the peer's answer breaks HTTP/1.1: ", decoder_.error().reason)));
        return false;
    }
  }
  return false;
}

void Http1Connection::OnEof() {
  const bool untouched = decoder_.idle();
  if (decoder_.OnEof() == wire::Http1Event::kEnd) return EndExchange(false);
  Break(CallErrorReason::kConnectionTermination,
        absl::UnavailableError(untouched ? "the peer closed the connection before its answer"
                                         : "the peer closed the connection within its answer"));
}

void Http1Connection::EndExchange(bool reusable) {
  ExchangeEvents* events = std::exchange(events_, nullptr);
  response_->trailers = decoder_.trailers();
  idle_since_ = loop_.Now();
  // An answer that came before the request had been sent leaves the rest of it unsent.
  owner_.OnExchangeEnded(*this, reusable && is_sent());
  events->OnEnd();
}

void Http1Connection::Break(CallErrorReason reason, const absl::Status& cause) {
  ExchangeEvents* events = std::exchange(events_, nullptr);
  owner_.OnExchangeEnded(*this, false);
  events->OnBroken(reason, cause);
}

// Sends what is buffered, then `direct`; what the peer does not take is buffered.
void Http1Connection::Send(std::string_view direct) {
  if (write_failed_) return;
  const std::string_view pending = std::string_view(out_).substr(sent_);
  std::array<iovec, 2> pieces;
  size_t count = 0;
  if (!pending.empty()) pieces[count++] = Piece(pending);
  if (!direct.empty()) pieces[count++] = Piece(direct);
  if (count == 0) return;
  const net::IoResult result = stream_->Write({pieces.data(), count});
  if (result.kind == net::IoResult::Kind::kError) {
    // The peer may have answered before it closed: reading will tell.
    write_failed_ = true;
    out_.clear();
    sent_ = 0;
    return;
  }
  const size_t from_pending = std::min(result.bytes, pending.size());
  sent_ += from_pending;
  if (buffered() == 0) {
    out_.clear();
    sent_ = 0;
  }
  out_.append(direct.substr(result.bytes - from_pending));
  wants_writable_ = buffered() > 0;
  UpdateInterest();
}

void Http1Connection::UpdateInterest() {
  SetInterest((paused_ ? 0u : uint32_t{net::kReadable}) |
              (wants_writable_ ? uint32_t{net::kWritable} : 0u));
}

void Http1Connection::SetInterest(uint32_t interest) {
  if (interest == interest_ || !open_) return;
  const int fd = stream_->fd();
  if (interest == 0) {
    loop_.Unwatch(fd, this);
  } else {
    // Fails for want of kernel memory only; the Call's time-outs end the exchange then.
    (interest_ == 0 ? loop_.Watch(fd, interest, this) : loop_.Modify(fd, interest, this))
        .IgnoreError();
  }
  interest_ = interest;
}

}  // namespace meshlib::connection
