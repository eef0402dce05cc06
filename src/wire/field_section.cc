// SPDX-License-Identifier: Apache-2.0
#include "wire/field_section.h"

#include <array>
#include <limits>

#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

// Names up to here are turned to lower case on the stack.
constexpr size_t kShortName = 64;

constexpr uint64_t kLargestLength = std::numeric_limits<int64_t>::max();

// 1*DIGIT, within int64_t.
std::optional<uint64_t> DecodeLength(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t length = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<uint64_t>(c - '0');
    if (length > (kLargestLength - digit) / 10) return std::nullopt;
    length = length * 10 + digit;
  }
  return length;
}

// RFC 9112 section 6.1. "gzip, chunked" is well-formed, and more than we do.
FieldSection::TransferEncoding DecodeTransferEncoding(std::string_view value) {
  using TransferEncoding = FieldSection::TransferEncoding;
  if (EqualsIgnoreCase(value, "chunked")) return TransferEncoding::kChunked;
  bool chunked = false;
  while (!value.empty()) {
    const bool last = value.find(',') == std::string_view::npos;
    const std::string_view coding = NextElement(&value);
    if (chunked || !IsToken(coding)) return TransferEncoding::kInvalid;
    chunked = EqualsIgnoreCase(coding, "chunked");
    if (!last && value.empty()) return TransferEncoding::kInvalid;
  }
  return chunked ? TransferEncoding::kUnsupported : TransferEncoding::kInvalid;
}

const char* ReasonOfMalformed(std::string_view line) {
  return line.front() == ' ' || line.front() == '\t' ? "head: folded field line"
                                                     : "head: malformed field name";
}

}  // namespace

std::optional<FieldLine> DecodeFieldLine(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return std::nullopt;
  return FieldLine{line.substr(0, colon), TrimSpace(line.substr(colon + 1))};
}

const char* FieldSection::Add(std::string_view line, Headers* headers) {
  ++count;
  std::array<char, kShortName> buffer;
  const size_t size = TakeLowerToken(line, buffer);
  if (size == buffer.size()) return AddLong(line, headers);
  if (size == 0 || size == line.size() || line[size] != ':') return ReasonOfMalformed(line);
  const std::string_view name(buffer.data(), size);
  const std::string_view value = TrimSpace(line.substr(size + 1));
  bool hand_on = true;
  if (const char* reason = AddKnown(name, value, &hand_on)) return reason;
  if (hand_on) headers->AddLowerCase(name, value);
  return nullptr;
}

// No name that we know is so long.
const char* FieldSection::AddLong(std::string_view line, Headers* headers) {
  const std::optional<FieldLine> field = DecodeFieldLine(line);
  if (!field) return ReasonOfMalformed(line);
  headers->Add(field->name, field->value);
  return nullptr;
}

const char* FieldSection::AddKnown(std::string_view name, std::string_view value, bool* hand_on) {
  switch (name.size()) {
    case 4:
      return name == "host" ? AddHost(value, hand_on) : nullptr;
    case 6:
      if (name == "expect") {
        expects_continue = expects_continue || EqualsIgnoreCase(value, "100-continue");
      }
      return nullptr;
    case 7:
      upgrade = upgrade || name == "upgrade";
      return nullptr;
    case 10:
      if (name == "connection") return AddConnection(value, hand_on);
      *hand_on = name != "keep-alive";
      return nullptr;
    case 14:
      return name == "content-length" ? AddContentLength(value) : nullptr;
    case 16:
      *hand_on = name != "proxy-connection";
      return nullptr;
    case 17:
      if (name != "transfer-encoding") return nullptr;
      *hand_on = false;
      // A second one has no use that we support.
      transfer_encoding = transfer_encoding == TransferEncoding::kNone
                              ? DecodeTransferEncoding(value)
                              : TransferEncoding::kInvalid;
      return nullptr;
    default:
      return nullptr;
  }
}

const char* FieldSection::AddHost(std::string_view value, bool* hand_on) {
  *hand_on = false;
  ++hosts;
  host = value;
  if (hosts > 1) return "head: several Host fields";
  return IsHost(value) ? nullptr : "head: malformed Host";
}

const char* FieldSection::AddConnection(std::string_view value, bool* hand_on) {
  *hand_on = false;
  while (!value.empty()) {
    const std::string_view option = NextElement(&value);
    if (option.empty()) continue;  // RFC 9110 section 5.6.1.2
    if (!IsToken(option)) return "head: malformed Connection";
    connection_close = connection_close || EqualsIgnoreCase(option, "close");
    connection_keep_alive = connection_keep_alive || EqualsIgnoreCase(option, "keep-alive");
    connection_upgrade = connection_upgrade || EqualsIgnoreCase(option, "upgrade");
  }
  return nullptr;
}

const char* FieldSection::AddContentLength(std::string_view value) {
  if (content_length) return "head: several Content-Length fields";
  content_length = DecodeLength(value);
  return content_length ? nullptr : "head: malformed Content-Length";
}

bool IsForbiddenTrailer(std::string_view name) {
  constexpr std::array<std::string_view, 19> kForbidden = {"authorization",
                                                           "cache-control",
                                                           "connection",
                                                           "content-encoding",
                                                           "content-length",
                                                           "content-range",
                                                           "content-type",
                                                           "cookie",
                                                           "expect",
                                                           "host",
                                                           "keep-alive",
                                                           "max-forwards",
                                                           "proxy-connection",
                                                           "set-cookie",
                                                           "te",
                                                           "trailer",
                                                           "transfer-encoding",
                                                           "upgrade",
                                                           "proxy-authorization"};
  for (const std::string_view forbidden : kForbidden) {
    if (EqualsIgnoreCase(name, forbidden)) return true;
  }
  return false;
}

}  // namespace meshlib::wire
