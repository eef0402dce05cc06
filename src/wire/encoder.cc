// SPDX-License-Identifier: Apache-2.0
#include "wire/encoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/string_view.h"
#include "wire/field_section.h"
#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kFieldOverhead = 4;  // ": " and the line end

// "Not as it was meant" shown safely, and not at any length.
absl::Status Refused(const char* what, std::string_view text) {
  constexpr size_t kMostShown = 100;
  return absl::InvalidArgumentError(
      absl::StrCat("wire: malformed ", what, " \"",
                   absl::CHexEscape(base::AbslView(text.substr(0, kMostShown))), "\""));
}

bool IsVisible(std::string_view text) {
  for (const char c : text) {
    if (c <= 0x20 || c >= 0x7f) return false;
  }
  return !text.empty();
}

// Written by the encoder itself, or not at all.
bool BelongsToConnection(std::string_view name) {
  switch (name.size()) {
    case 4:
      return name == "host";
    case 7:
      return name == "upgrade";
    case 10:
      return name == "connection" || name == "keep-alive";
    case 14:
      return name == "content-length" || name == "http2-settings";
    case 16:
      return name == "proxy-connection";
    case 17:
      return name == "transfer-encoding";
    default:
      return false;
  }
}

// Head and field lines at the end of a string. Room for all of it is made at once, so that a piece
// costs no more than its bytes. Thread-compatible.
class HeadWriter final {
 public:
  // At most so many bytes will be put.
  HeadWriter(std::string* out, size_t most) : out_(out), old_size_(out->size()) {
    out->resize(old_size_ + most);
    end_ = out->data() + old_size_;
  }
  void Put(std::string_view text) { end_ = std::copy(text.begin(), text.end(), end_); }
  void PutNumber(uint64_t number) { end_ = std::to_chars(end_, end_ + kMostDigits, number).ptr; }
  void PutField(std::string_view name, std::string_view value) {
    Put(name);
    Put(": ");
    Put(value);
    Put(kLineEnd);
  }
  absl::Status PutFields(const Headers& headers);
  void PutHeadEnd(const BodyFraming& framing, ConnectionField connection);

  // What was put stays, or is taken back unless `status` is OK.
  absl::Status Commit(absl::Status status = absl::OkStatus()) {
    MESHLIB_DCHECK(end_ <= out_->data() + out_->size());
    out_->resize(status.ok() ? static_cast<size_t>(end_ - out_->data()) : old_size_);
    return status;
  }

  static constexpr size_t kMostDigits = 20;

 private:
  std::string* const out_;
  const size_t old_size_;
  char* end_;
};

absl::Status HeadWriter::PutFields(const Headers& headers) {
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    if (!IsToken(field.name)) return Refused("field name", field.name);
    if (FindControl(field.value) != field.value.size())
      return Refused("value of field", field.name);
    if (!BelongsToConnection(field.name)) PutField(field.name, field.value);
  }
  return absl::OkStatus();
}

void HeadWriter::PutHeadEnd(const BodyFraming& framing, ConnectionField connection) {
  if (framing.kind == BodyFraming::Kind::kLength) {
    Put("content-length: ");
    PutNumber(framing.length);
    Put(kLineEnd);
  } else if (framing.kind == BodyFraming::Kind::kChunked) {
    Put("transfer-encoding: chunked\r\n");
  }
  if (connection == ConnectionField::kClose) Put("connection: close\r\n");
  if (connection == ConnectionField::kKeepAlive) Put("connection: keep-alive\r\n");
  Put(kLineEnd);
}

// What the fields and all that the encoder writes by itself take at most.
size_t MostBytes(const Headers& headers) {
  constexpr size_t kOfEncoder = 128 + HeadWriter::kMostDigits;
  size_t bytes = kOfEncoder;
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    bytes += field.name.size() + field.value.size() + kFieldOverhead;
  }
  return bytes;
}

}  // namespace

absl::Status AppendRequestHead(const RequestLine& line, const Headers& headers,
                               const BodyFraming& framing, ConnectionField connection,
                               std::string* out) {
  if (!IsToken(line.method)) return Refused("method", line.method);
  if (!IsVisible(line.target)) return Refused("target", line.target);
  if (!IsHost(line.authority)) return Refused("authority", line.authority);
  HeadWriter head(
      out, line.method.size() + line.target.size() + line.authority.size() + MostBytes(headers));
  head.Put(line.method);
  head.Put(" ");
  head.Put(line.target);
  head.Put(" HTTP/1.1\r\n");
  head.PutField("host", line.authority);
  if (absl::Status fields = head.PutFields(headers); !fields.ok()) {
    return head.Commit(std::move(fields));
  }
  head.PutHeadEnd(framing, connection);
  return head.Commit();
}

absl::Status AppendResponseHead(const ResponseLine& line, const Headers& headers,
                                const BodyFraming& framing, ConnectionField connection,
                                std::string* out) {
  if (line.status < 100 || line.status > 599) return Refused("status", std::to_string(line.status));
  HeadWriter head(out, line.date.size() + MostBytes(headers));
  head.Put("HTTP/1.1 ");
  head.PutNumber(static_cast<uint64_t>(line.status));
  head.Put(" ");
  head.Put(ReasonPhrase(line.status));
  head.Put(kLineEnd);
  if (!line.date.empty() && !headers.Has("date")) head.PutField("date", line.date);
  if (absl::Status fields = head.PutFields(headers); !fields.ok()) {
    return head.Commit(std::move(fields));
  }
  head.PutHeadEnd(framing, connection);
  return head.Commit();
}

void AppendContinue(std::string* out) { out->append("HTTP/1.1 100 Continue\r\n\r\n"); }

void AppendChunkSize(size_t size, std::string* out) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16);
  out->append(digits.data(), end.ptr).append(kLineEnd);
}

void AppendChunkEnd(std::string* out) { out->append(kLineEnd); }

void AppendChunk(std::string_view data, std::string* out) {
  AppendChunkSize(data.size(), out);
  out->append(data);
  AppendChunkEnd(out);
}

absl::Status AppendLastChunk(const Headers& trailers, std::string* out) {
  HeadWriter last(out, MostBytes(trailers));
  last.Put("0\r\n");
  for (const Headers::Field field : trailers) {
    if (!IsToken(field.name)) return last.Commit(Refused("trailer name", field.name));
    if (FindControl(field.value) != field.value.size()) {
      return last.Commit(Refused("value of trailer", field.name));
    }
    if (!IsForbiddenTrailer(field.name)) last.PutField(field.name, field.value);
  }
  last.Put(kLineEnd);
  return last.Commit();
}

}  // namespace meshlib::wire
