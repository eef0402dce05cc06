// SPDX-License-Identifier: Apache-2.0
#include "wire/encoder.h"

#include <array>
#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "wire/field_section.h"
#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

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

void AppendNumber(uint64_t number, int base, std::string* out) {
  std::array<char, 20> digits;
  const std::to_chars_result end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
  out->append(digits.data(), end.ptr);
}

void AppendField(std::string_view name, std::string_view value, std::string* out) {
  out->append(name).append(": ").append(value).append(kLineEnd);
}

absl::Status AppendFields(const Headers& headers, std::string* out) {
  for (size_t i = 0; i < headers.size(); ++i) {
    const Headers::Field field = headers.at(i);
    if (!IsToken(field.name)) return Refused("field name", field.name);
    if (FindControl(field.value) != field.value.size())
      return Refused("value of field", field.name);
    if (!BelongsToConnection(field.name)) AppendField(field.name, field.value, out);
  }
  return absl::OkStatus();
}

void AppendHeadEnd(const BodyFraming& framing, ConnectionField connection, std::string* out) {
  if (framing.kind == BodyFraming::Kind::kLength) {
    out->append("content-length: ");
    AppendNumber(framing.length, 10, out);
    out->append(kLineEnd);
  } else if (framing.kind == BodyFraming::Kind::kChunked) {
    out->append("transfer-encoding: chunked\r\n");
  }
  if (connection == ConnectionField::kClose) out->append("connection: close\r\n");
  if (connection == ConnectionField::kKeepAlive) out->append("connection: keep-alive\r\n");
  out->append(kLineEnd);
}

// Takes back what was appended to `out` unless `status` is OK.
absl::Status Commit(absl::Status status, size_t old_size, std::string* out) {
  if (!status.ok()) out->resize(old_size);
  return status;
}

}  // namespace

absl::Status AppendRequestHead(const RequestLine& line, const Headers& headers,
                               const BodyFraming& framing, ConnectionField connection,
                               std::string* out) {
  if (!IsToken(line.method)) return Refused("method", line.method);
  if (!IsVisible(line.target)) return Refused("target", line.target);
  if (!IsHost(line.authority)) return Refused("authority", line.authority);
  const size_t old_size = out->size();
  out->append(line.method).append(" ").append(line.target).append(" HTTP/1.1\r\n");
  AppendField("host", line.authority, out);
  if (absl::Status fields = AppendFields(headers, out); !fields.ok()) {
    return Commit(std::move(fields), old_size, out);
  }
  AppendHeadEnd(framing, connection, out);
  return absl::OkStatus();
}

absl::Status AppendResponseHead(const ResponseLine& line, const Headers& headers,
                                const BodyFraming& framing, ConnectionField connection,
                                std::string* out) {
  if (line.status < 100 || line.status > 599) return Refused("status", std::to_string(line.status));
  const size_t old_size = out->size();
  out->append("HTTP/1.1 ");
  AppendNumber(static_cast<uint64_t>(line.status), 10, out);
  out->append(" ").append(ReasonPhrase(line.status)).append(kLineEnd);
  if (!line.date.empty() && !headers.Has("date")) AppendField("date", line.date, out);
  if (absl::Status fields = AppendFields(headers, out); !fields.ok()) {
    return Commit(std::move(fields), old_size, out);
  }
  AppendHeadEnd(framing, connection, out);
  return absl::OkStatus();
}

void AppendContinue(std::string* out) { out->append("HTTP/1.1 100 Continue\r\n\r\n"); }

void AppendChunkSize(size_t size, std::string* out) {
  AppendNumber(size, 16, out);
  out->append(kLineEnd);
}

void AppendChunkEnd(std::string* out) { out->append(kLineEnd); }

void AppendChunk(std::string_view data, std::string* out) {
  AppendChunkSize(data.size(), out);
  out->append(data);
  AppendChunkEnd(out);
}

absl::Status AppendLastChunk(const Headers& trailers, std::string* out) {
  const size_t old_size = out->size();
  out->append("0\r\n");
  for (const Headers::Field field : trailers) {
    if (!IsToken(field.name)) return Commit(Refused("trailer name", field.name), old_size, out);
    if (FindControl(field.value) != field.value.size()) {
      return Commit(Refused("value of trailer", field.name), old_size, out);
    }
    if (!IsForbiddenTrailer(field.name)) AppendField(field.name, field.value, out);
  }
  out->append(kLineEnd);
  return absl::OkStatus();
}

}  // namespace meshlib::wire
