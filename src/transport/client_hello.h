// SPDX-License-Identifier: Apache-2.0
// ClientHello: what the first bytes of a connection say about what follows.

#ifndef MESHLIB_TRANSPORT_CLIENT_HELLO_H_
#define MESHLIB_TRANSPORT_CLIENT_HELLO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace meshlib::transport {

// What a server may choose by before a handshake. A value.
struct ClientHello {
  std::string server_name;                         // RFC 6066, in lower case; empty: none
  std::vector<std::string> application_protocols;  // RFC 7301, in the client's order
  friend bool operator==(const ClientHello&, const ClientHello&) = default;
};

// A value.
struct Opening {
  enum class Kind : uint8_t {
    kUndecided,  // more bytes are needed
    kPlaintext,
    kTls,  // `hello` is filled as far as it can be read: the handshake refuses what cannot
  };
  Kind kind = Kind::kUndecided;
  ClientHello hello;
};

// TLS begins with a handshake record (RFC 8446 section 5.1), which no HTTP method does. A
// ClientHello may come in several records; one of more than 16 KiB is not looked into.
Opening InspectOpening(std::string_view bytes);

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_CLIENT_HELLO_H_
