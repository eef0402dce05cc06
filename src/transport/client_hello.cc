// SPDX-License-Identifier: Apache-2.0
#include "transport/client_hello.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"

namespace meshlib::transport {
namespace {

constexpr uint8_t kHandshakeRecord = 0x16;
constexpr uint8_t kMajorVersion = 0x03;
constexpr size_t kRecordHeader = 5;
constexpr uint8_t kClientHelloMessage = 1;
constexpr size_t kMessageHeader = 4;
constexpr size_t kMostHello = 16 * 1024;
constexpr size_t kVersionAndRandom = 2 + 32;
constexpr uint64_t kServerNameExtension = 0;
constexpr uint64_t kAlpnExtension = 16;
constexpr uint64_t kHostName = 0;

uint8_t Byte(std::string_view bytes, size_t index) { return static_cast<uint8_t>(bytes[index]); }

// Reads numbers and length-prefixed strings; false when the bytes do not suffice.
class Cursor final {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  bool Skip(size_t size) { return Take(size).has_value(); }
  bool Number(size_t size, uint64_t* number) {
    const auto bytes = Take(size);
    if (!bytes) return false;
    *number = 0;
    for (size_t i = 0; i < size; ++i) *number = *number << 8 | Byte(*bytes, i);
    return true;
  }
  // A string behind its length of `size` bytes.
  bool String(size_t size, std::string_view* string) {
    uint64_t length = 0;
    if (!Number(size, &length)) return false;
    const auto bytes = Take(static_cast<size_t>(length));
    if (bytes) *string = *bytes;
    return bytes.has_value();
  }

 private:
  std::optional<std::string_view> Take(size_t size) {
    if (size > rest_.size()) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

void DecodeServerName(std::string_view extension, ClientHello& hello) {
  Cursor cursor(extension);
  std::string_view list;
  if (!cursor.String(2, &list)) return;
  Cursor names(list);
  uint64_t type = 0;
  std::string_view name;
  while (names.Number(1, &type) && names.String(2, &name)) {
    if (type == kHostName) hello.server_name = absl::AsciiStrToLower({name.data(), name.size()});
  }
}

void DecodeProtocols(std::string_view extension, ClientHello& hello) {
  Cursor cursor(extension);
  std::string_view list;
  if (!cursor.String(2, &list)) return;
  Cursor protocols(list);
  std::string_view protocol;
  while (protocols.String(1, &protocol)) hello.application_protocols.emplace_back(protocol);
}

// `body`: the message behind its header.
ClientHello DecodeHello(std::string_view body) {
  ClientHello hello;
  Cursor cursor(body);
  std::string_view skipped;
  std::string_view list;
  const bool has_extensions = cursor.Skip(kVersionAndRandom) && cursor.String(1, &skipped) &&
                              cursor.String(2, &skipped) && cursor.String(1, &skipped) &&
                              cursor.String(2, &list);
  if (!has_extensions) return hello;
  Cursor extensions(list);
  uint64_t type = 0;
  std::string_view extension;
  while (extensions.Number(2, &type) && extensions.String(2, &extension)) {
    if (type == kServerNameExtension) DecodeServerName(extension, hello);
    if (type == kAlpnExtension) DecodeProtocols(extension, hello);
  }
  return hello;
}

// Whether `content` begins with a whole handshake message.
bool IsWhole(std::string_view content) {
  if (content.size() < kMessageHeader) return false;
  const size_t length = static_cast<size_t>(Byte(content, 1)) << 16 |
                        static_cast<size_t>(Byte(content, 2)) << 8 | Byte(content, 3);
  return content.size() - kMessageHeader >= length;
}

// The content of the handshake records at the beginning of `bytes` up to the end of the first
// message, the last one maybe in part. Absent: something else is among them.
std::optional<std::string> Unframe(std::string_view bytes) {
  std::string content;
  while (bytes.size() >= kRecordHeader && !IsWhole(content)) {
    const size_t length = static_cast<size_t>(Byte(bytes, 3)) << 8 | Byte(bytes, 4);
    if (Byte(bytes, 0) != kHandshakeRecord || length == 0) return std::nullopt;
    bytes.remove_prefix(kRecordHeader);
    content.append(bytes.substr(0, length));
    bytes.remove_prefix(std::min(length, bytes.size()));
  }
  return content;
}

}  // namespace

Opening InspectOpening(std::string_view bytes) {
  if (bytes.empty()) return {};
  if (Byte(bytes, 0) != kHandshakeRecord) return {Opening::Kind::kPlaintext, {}};
  if (bytes.size() == 1) return {};
  if (Byte(bytes, 1) != kMajorVersion) return {Opening::Kind::kPlaintext, {}};
  const Opening unreadable = {Opening::Kind::kTls, {}};
  const std::optional<std::string> content = Unframe(bytes);
  if (!content || (!content->empty() && Byte(*content, 0) != kClientHelloMessage)) {
    return unreadable;
  }
  uint64_t length = 0;
  Cursor header(*content);
  if (!header.Skip(1) || !header.Number(kMessageHeader - 1, &length)) return {};
  if (length > kMostHello) return unreadable;
  const std::string_view body = std::string_view(*content).substr(kMessageHeader);
  if (body.size() < length) return {};
  return {Opening::Kind::kTls, DecodeHello(body.substr(0, static_cast<size_t>(length)))};
}

}  // namespace meshlib::transport
