// SPDX-License-Identifier: Apache-2.0
// ClientHelloBuilder: the bytes of a ClientHello, for tests of what looks into one.

#ifndef MESHLIB_TESTS_TRANSPORT_CLIENT_HELLO_BUILDER_H_
#define MESHLIB_TESTS_TRANSPORT_CLIENT_HELLO_BUILDER_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace meshlib::transport {

// Thread-compatible.
class ClientHelloBuilder final {
 public:
  ClientHelloBuilder& ServerName(std::string_view name) {
    const std::string entry = std::string(1, '\0') + Counted(2, name);
    return Extension(0, Counted(2, entry));
  }
  ClientHelloBuilder& Protocol(std::string_view protocol) {
    protocols_ += Counted(1, protocol);
    return *this;
  }
  ClientHelloBuilder& Extension(size_t type, std::string_view content) {
    extensions_ += Number(2, type) + Counted(2, content);
    return *this;
  }

  // The message, in records of at most `record_size` bytes.
  std::string Bytes(size_t record_size = 16384) const {
    std::string extensions = extensions_;
    if (!protocols_.empty()) {
      extensions += Number(2, 16) + Counted(2, Counted(2, protocols_));
    }
    const std::string body = "\x03\x03" + std::string(32, 'r') + Counted(1, "session") +
                             Counted(2, std::string("\x13\x01", 2)) +
                             Counted(1, std::string(1, '\0')) + Counted(2, extensions);
    const std::string message = "\x01" + Counted(3, body);
    std::string records;
    for (size_t at = 0; at < message.size(); at += record_size) {
      records += "\x16\x03\x01" + Counted(2, message.substr(at, record_size));
    }
    return records;
  }

  static std::string Number(size_t size, size_t number) {
    std::string bytes(size, '\0');
    for (size_t i = size; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
    return bytes;
  }
  static std::string Counted(size_t size, std::string_view content) {
    return Number(size, content.size()) + std::string(content);
  }

 private:
  std::string extensions_;
  std::string protocols_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TESTS_TRANSPORT_CLIENT_HELLO_BUILDER_H_
