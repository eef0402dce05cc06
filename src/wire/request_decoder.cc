// SPDX-License-Identifier: Apache-2.0
#include "wire/request_decoder.h"

#include "base/check.h"
#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

// 0 or 1, or the negative status to answer with (RFC 9112 section 2.3).
int DecodeMinorVersion(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool other = text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) &&
                     text[6] == '.' && is_digit(text[7]);
  return other ? -505 : -400;
}

// "http://" or "https://" at the front of `target`, in any case; its length, 0 when it has none.
size_t SchemeSize(std::string_view target) {
  if (EqualsIgnoreCase(target.substr(0, 7), "http://")) return 7;
  return EqualsIgnoreCase(target.substr(0, 8), "https://") ? 8 : 0;
}

}  // namespace

RequestDecoder::RequestDecoder(const Http1Limits& limits) : limits_(limits), body_(limits_) {}

void RequestDecoder::Begin(HttpRequest* request) {
  request_ = request;
  request->method.clear();
  request->url.clear();
  request->authority.clear();
  request->headers.Clear();
  request->body.clear();
  state_ = State::kFirstLine;
  reader_.Clear();
  reader_.SetBudget(limits_.max_head_bytes);
  fields_.Clear();
  framing_ = {};
  empty_lines_ = 0;
  keep_alive_ = false;
  absolute_target_ = false;
}

Http1Event RequestDecoder::Next(std::string_view* input) {
  while (state_ == State::kFirstLine || state_ == State::kFields) {
    if (const Step step = TakeLine(input)) return *step;
  }
  if (state_ == State::kBody) return TakeBody(input);
  return state_ == State::kEnded ? Http1Event::kEnd : Http1Event::kError;
}

Http1Event RequestDecoder::OnEof() {
  if (state_ == State::kFailed) return Http1Event::kError;
  if (state_ == State::kEnded || idle()) {
    state_ = State::kEnded;
    return Http1Event::kEnd;
  }
  return Fail("the peer ended the request too early");
}

Http1Event RequestDecoder::Fail(const char* reason, int status) {
  state_ = State::kFailed;
  error_ = {status, reason};
  return Http1Event::kError;
}

RequestDecoder::Step RequestDecoder::TakeLine(std::string_view* input) {
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

RequestDecoder::Step RequestDecoder::OnLine(std::string_view line) {
  if (state_ == State::kFields) return line.empty() ? OnHeadEnd() : OnField(line);
  if (!line.empty()) return OnFirstLine(line);
  if (++empty_lines_ > limits_.max_leading_empty_lines) return Fail("head: empty lines before it");
  return std::nullopt;
}

RequestDecoder::Step RequestDecoder::OnFirstLine(std::string_view line) {
  const size_t method_end = line.find(' ');
  const size_t target_end =
      method_end == std::string_view::npos ? method_end : line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos || !IsToken(line.substr(0, method_end))) {
    return Fail("head: malformed request line");
  }
  minor_version_ = DecodeMinorVersion(line.substr(target_end + 1));
  if (minor_version_ < 0) return Fail("head: unsupported version", -minor_version_);
  request_->method.assign(line.substr(0, method_end));
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (const char* reason = DecodeTarget(target)) return Fail(reason);
  state_ = State::kFields;
  return std::nullopt;
}

// RFC 9112 section 3.2.
const char* RequestDecoder::DecodeTarget(std::string_view target) {
  constexpr const char* kMalformed = "head: malformed target";
  if (request_->method == "CONNECT") {
    request_->url.assign(target);
    return IsHostPort(target) ? nullptr : "head: CONNECT wants host:port";
  }
  if (target.starts_with('/')) {
    request_->url.assign(target);
    return IsPathQuery(target) ? nullptr : kMalformed;
  }
  if (target == "*") {
    request_->url.assign(target);
    return request_->method == "OPTIONS" ? nullptr : kMalformed;
  }
  const size_t scheme = SchemeSize(target);
  return scheme == 0 ? kMalformed : DecodeAbsoluteTarget(target.substr(scheme));
}

const char* RequestDecoder::DecodeAbsoluteTarget(std::string_view rest) {
  const size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, authority_end);
  const std::string_view path = rest.substr(authority_end);
  if (authority.empty() || !IsHost(authority) || !IsPathQuery(path)) {
    return "head: malformed absolute target";
  }
  absolute_target_ = true;
  request_->authority.assign(authority);
  if (path.empty() && request_->method == "OPTIONS") {
    request_->url.assign("*");
    return nullptr;
  }
  if (!path.starts_with('/')) request_->url.assign("/");
  request_->url.append(path);
  return nullptr;
}

RequestDecoder::Step RequestDecoder::OnField(std::string_view line) {
  if (fields_.count == limits_.max_fields) return Fail("head: too many fields", 431);
  const int hosts = fields_.hosts;
  if (const char* reason = fields_.Add(line, &request_->headers)) return Fail(reason);
  // An absolute target wins (RFC 9112 section 3.2.2).
  if (fields_.hosts > hosts && !absolute_target_) request_->authority.assign(fields_.host);
  return std::nullopt;
}

RequestDecoder::Step RequestDecoder::OnHeadEnd() {
  using TransferEncoding = FieldSection::TransferEncoding;
  if (minor_version_ == 1 && fields_.hosts == 0) return Fail("head: no Host");
  const bool chunked = fields_.transfer_encoding != TransferEncoding::kNone;
  if (chunked && fields_.content_length) {
    return Fail("head: both Transfer-Encoding and Content-Length");
  }
  if (chunked && minor_version_ == 0) return Fail("head: Transfer-Encoding in HTTP/1.0");
  if (fields_.transfer_encoding == TransferEncoding::kUnsupported) {
    return Fail("head: unsupported Transfer-Encoding", 501);
  }
  if (fields_.transfer_encoding == TransferEncoding::kInvalid) {
    return Fail("head: malformed Transfer-Encoding");
  }
  if (request_->method == "CONNECT" && (chunked || fields_.content_length)) {
    return Fail("head: CONNECT with a body");
  }
  if (chunked) framing_ = BodyFraming::Chunked();
  if (fields_.content_length) framing_ = BodyFraming::Length(*fields_.content_length);
  keep_alive_ = !fields_.connection_close && (minor_version_ == 1 || fields_.connection_keep_alive);
  body_.Begin(framing_);
  state_ = State::kBody;
  return Http1Event::kHead;
}

Http1Event RequestDecoder::TakeBody(std::string_view* input) {
  const Http1Event event = body_.Next(input);
  if (event == Http1Event::kEnd) state_ = State::kEnded;
  return event == Http1Event::kError ? Fail(body_.error().reason, body_.error().status) : event;
}

}  // namespace meshlib::wire
