// SPDX-License-Identifier: Apache-2.0
#include "server/response_writer.h"

#include <charconv>
#include <optional>

#include "absl/strings/numbers.h"
#include "base/string_view.h"

namespace meshlib::server {
namespace {

using wire::BodyFraming;

// Up to this size copying costs less than a second piece in the system call.
constexpr size_t kCopied = 16 * 1024;

bool HasNoBody(int status) { return status < 200 || status == 204 || status == 304; }

std::optional<uint64_t> ContentLength(const Headers& headers) {
  const std::optional<std::string_view> field = headers.Get("content-length");
  uint64_t length = 0;
  if (!field || !absl::SimpleAtoi(base::AbslView(*field), &length)) return std::nullopt;
  return length;
}

}  // namespace

void ResponseWriter::Begin(const ResponseTerms& terms) {
  terms_ = terms;
  state_ = State::kNone;
  framing_ = {};
  bodiless_ = false;
  body_bytes_ = 0;
  status_ = 0;
}

absl::Status ResponseWriter::WriteWhole(const HttpResponse& response, std::string_view date) {
  if (!response.trailers.empty() && terms_.minor_version == 1) {
    absl::Status status = WriteHead(response, date);
    if (status.ok() && !response.body.empty()) status = WriteBody(response.body);
    return status.ok() ? WriteEnd(response.trailers) : status;
  }
  BodyFraming framing = BodyFraming::Length(response.body.size());
  if (terms_.to_head && response.body.empty()) {
    // What GET would have got is known only to who set it.
    const std::optional<uint64_t> length = ContentLength(response.headers);
    framing = length ? BodyFraming::Length(*length) : BodyFraming::None();
  }
  if (absl::Status head = AppendHead(response, framing, date); !head.ok()) return head;
  state_ = State::kEnded;
  if (bodiless_) return absl::OkStatus();
  body_bytes_ = response.body.size();
  if (response.body.size() <= kCopied) {
    output_.bytes()->append(response.body);
  } else {
    output_.Borrow(response.body);
  }
  return absl::OkStatus();
}

absl::Status ResponseWriter::WriteHead(const HttpResponse& head, std::string_view date) {
  BodyFraming framing = BodyFraming::Chunked();
  if (const std::optional<uint64_t> length = ContentLength(head.headers)) {
    framing = BodyFraming::Length(*length);
  } else if (terms_.minor_version == 0) {
    framing = BodyFraming::UntilClose();
    terms_.keep_alive = false;
  }
  if (absl::Status status = AppendHead(head, framing, date); !status.ok()) return status;
  state_ = State::kBody;
  return absl::OkStatus();
}

absl::Status ResponseWriter::WriteBody(std::string_view bytes) {
  if (bodiless_ || bytes.empty()) return absl::OkStatus();
  body_bytes_ += bytes.size();
  if (framing_.kind == BodyFraming::Kind::kChunked) {
    wire::AppendChunk(bytes, output_.bytes());
    return absl::OkStatus();
  }
  if (framing_.kind == BodyFraming::Kind::kLength && body_bytes_ > framing_.length) {
    return absl::InvalidArgumentError("the body is longer than its content-length");
  }
  output_.bytes()->append(bytes);
  return absl::OkStatus();
}

absl::Status ResponseWriter::WriteEnd(const Headers& trailers) {
  state_ = State::kEnded;
  if (bodiless_) return absl::OkStatus();
  if (framing_.kind == BodyFraming::Kind::kLength && body_bytes_ != framing_.length) {
    return absl::InvalidArgumentError("the body is shorter than its content-length");
  }
  return framing_.kind == BodyFraming::Kind::kChunked
             ? wire::AppendLastChunk(trailers, output_.bytes())
             : absl::OkStatus();
}

absl::Status ResponseWriter::AppendHead(const HttpResponse& head, const BodyFraming& framing,
                                        std::string_view date) {
  const bool has_no_body = HasNoBody(head.status);
  framing_ = has_no_body ? BodyFraming::None() : framing;
  bodiless_ = has_no_body || terms_.to_head;
  status_ = head.status;
  return wire::AppendResponseHead({head.status, date}, head.headers, framing_, Connection(),
                                  output_.bytes());
}

wire::ConnectionField ResponseWriter::Connection() const {
  if (!terms_.keep_alive) return wire::ConnectionField::kClose;
  return terms_.minor_version == 0 ? wire::ConnectionField::kKeepAlive
                                   : wire::ConnectionField::kNone;
}

}  // namespace meshlib::server
