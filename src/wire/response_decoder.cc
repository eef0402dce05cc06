// SPDX-License-Identifier: Apache-2.0
#include "wire/response_decoder.h"

#include <algorithm>

#include "base/check.h"
#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

constexpr std::string_view kVersionPrefix = "HTTP/1.";
constexpr size_t kStatusLineSize = std::string_view("HTTP/1.1 200 ").size();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsInterim(int status) { return status < 200 && status != 101; }

}  // namespace

ResponseDecoder::ResponseDecoder(const Http1Limits& limits) : limits_(limits), body_(limits_) {}

void ResponseDecoder::Begin(HttpResponse* response, ResponseTo request) {
  response_ = response;
  request_ = request;
  interim_responses_ = 0;
  reader_.SetBudget(limits_.max_head_bytes);
  BeginHead();
}

// Interim responses count as parts of the head.
void ResponseDecoder::BeginHead() {
  response_->Clear();
  state_ = State::kFirstLine;
  reader_.Clear();
  fields_.Clear();
  framing_ = {};
  keep_alive_ = false;
}

Http1Event ResponseDecoder::Next(std::string_view* input) {
  if (state_ == State::kInterimEnded) BeginHead();
  while (state_ == State::kFirstLine || state_ == State::kFields) {
    if (const Step step = TakeLine(input)) return *step;
  }
  if (state_ == State::kBody) return TakeBody(input);
  return state_ == State::kEnded ? Http1Event::kEnd : Http1Event::kError;
}

Http1Event ResponseDecoder::OnEof() {
  if (state_ == State::kEnded) return Http1Event::kEnd;
  if (state_ != State::kBody) return Fail("the peer closed before its response was complete");
  if (framing_.kind == BodyFraming::Kind::kUntilClose) {
    state_ = State::kEnded;
    return Http1Event::kEnd;
  }
  // A body of no bytes may not have been asked for yet.
  std::string_view nothing;
  const Http1Event event = TakeBody(&nothing);
  return event == Http1Event::kNeedMore ? Fail("the peer closed within its response") : event;
}

Http1Event ResponseDecoder::Fail(const char* reason, int status) {
  state_ = State::kFailed;
  keep_alive_ = false;
  error_ = {status, reason};
  return Http1Event::kError;
}

// What cannot become a status line is refused before its line ends: there may be none.
bool ResponseDecoder::MayBeStatusLine(std::string_view input) const {
  std::string_view expected = kVersionPrefix;
  for (const std::string_view part : {reader_.begun(), input}) {
    const size_t size = std::min(expected.size(), part.size());
    if (part.substr(0, size) != expected.substr(0, size)) return false;
    expected.remove_prefix(size);
  }
  return true;
}

ResponseDecoder::Step ResponseDecoder::TakeLine(std::string_view* input) {
  if (state_ == State::kFirstLine && !MayBeStatusLine(*input)) {
    return Fail("head: not an HTTP/1.x response");
  }
  switch (reader_.Read(input)) {
    case LineReader::Result::kLine:
      return OnLine(reader_.line());
    case LineReader::Result::kNeedMore:
      return Http1Event::kNeedMore;
    case LineReader::Result::kTooLong:
      return Fail("head: too long", 431);
    case LineReader::Result::kBadLineEnd:
      return Fail("head: bare CR or LF");
    case LineReader::Result::kControlByte:
      break;
  }
  return Fail("head: control byte");
}

ResponseDecoder::Step ResponseDecoder::OnLine(std::string_view line) {
  if (state_ == State::kFirstLine) return OnFirstLine(line);
  return line.empty() ? OnHeadEnd() : OnField(line);
}

// RFC 9112 section 4; a status outside of 100..599 is none (RFC 9110 section 15).
ResponseDecoder::Step ResponseDecoder::OnFirstLine(std::string_view line) {
  const bool well_formed = line.size() >= kStatusLineSize && line[8] == ' ' && line[12] == ' ' &&
                           std::all_of(line.begin() + 9, line.begin() + 12, IsDigit);
  if (!well_formed) return Fail("head: malformed status line");
  if (line[7] != '0' && line[7] != '1') return Fail("head: unsupported version", 505);
  minor_version_ = line[7] - '0';
  const int status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (status < 100 || status > 599) return Fail("head: status out of range");
  response_->status = status;
  state_ = State::kFields;
  return std::nullopt;
}

ResponseDecoder::Step ResponseDecoder::OnField(std::string_view line) {
  if (fields_.count == limits_.max_fields) return Fail("head: too many fields", 431);
  const char* reason = fields_.Add(line, &response_->headers);
  return reason != nullptr ? Step(Fail(reason)) : std::nullopt;
}

ResponseDecoder::Step ResponseDecoder::OnHeadEnd() {
  using TransferEncoding = FieldSection::TransferEncoding;
  const int status = response_->status;
  const bool framed =
      fields_.content_length || fields_.transfer_encoding != TransferEncoding::kNone;
  if (status < 200 && framed) return Fail("head: 1xx with a body");
  if (IsInterim(status)) return OnInterimEnd();
  const bool upgraded = fields_.upgrade && fields_.connection_upgrade;
  if (status == 101 && !(request_ == ResponseTo::kUpgrade && upgraded)) {
    return Fail("head: 101 that was not asked for");
  }
  const bool tunnel = status == 101 || (request_ == ResponseTo::kConnect && status < 300);
  if (!tunnel && fields_.transfer_encoding != TransferEncoding::kNone) {
    if (fields_.content_length) return Fail("head: both Transfer-Encoding and Content-Length");
    if (minor_version_ == 0) return Fail("head: Transfer-Encoding in HTTP/1.0");
    if (fields_.transfer_encoding != TransferEncoding::kChunked) {
      return Fail("head: unsupported Transfer-Encoding");
    }
  }
  framing_ = tunnel ? BodyFraming::None() : FramingOfHead();
  keep_alive_ = !tunnel && !fields_.connection_close &&
                framing_.kind != BodyFraming::Kind::kUntilClose &&
                (minor_version_ == 1 || fields_.connection_keep_alive);
  body_.Begin(framing_);
  state_ = State::kBody;
  return Http1Event::kHead;
}

ResponseDecoder::Step ResponseDecoder::OnInterimEnd() {
  if (++interim_responses_ > limits_.max_interim_responses) {
    return Fail("head: too many interim responses");
  }
  state_ = State::kInterimEnded;
  return Http1Event::kInterim;
}

// RFC 9112 section 6.3.
BodyFraming ResponseDecoder::FramingOfHead() const {
  const int status = response_->status;
  if (request_ == ResponseTo::kHead || status == 204 || status == 304) return BodyFraming::None();
  if (fields_.transfer_encoding == FieldSection::TransferEncoding::kChunked) {
    return BodyFraming::Chunked();
  }
  return fields_.content_length ? BodyFraming::Length(*fields_.content_length)
                                : BodyFraming::UntilClose();
}

Http1Event ResponseDecoder::TakeBody(std::string_view* input) {
  const Http1Event event = body_.Next(input);
  if (event == Http1Event::kEnd) state_ = State::kEnded;
  return event == Http1Event::kError ? Fail(body_.error().reason, body_.error().status) : event;
}

}  // namespace meshlib::wire
