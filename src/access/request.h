// SPDX-License-Identifier: Apache-2.0
// Request: what authorization sees of a Call.

#ifndef MESHLIB_ACCESS_REQUEST_H_
#define MESHLIB_ACCESS_REQUEST_H_

#include <string>
#include <string_view>
#include <vector>

#include "resource/address.h"
#include "route/request_head.h"

namespace meshlib::access {

// The names of a peer that uses TLS, from its verified certificate; all empty when it has shown
// none. Made once for each connection. A value.
struct Peer {
  std::vector<std::string> uris;       // SANs of type URI
  std::vector<std::string> dns_names;  // SANs of type DNS
  std::string subject;                 // RFC 2253
};

// Views; valid as long as what they point into.
struct Request {
  // The path must be the one that is routed: after route::ApplyPathSettings(). Empty: there is none
  // (CONNECT), which no path matches.
  route::RequestHead head;
  const Peer* peer = nullptr;                        // null: plaintext
  const resource::Address* destination = nullptr;    // our end of the connection
  const resource::Address* direct_remote = nullptr;  // the other end
  const resource::Address* remote = nullptr;         // ClientAddress(); null: direct_remote
  std::string_view server_name;                      // SNI
};

}  // namespace meshlib::access

#endif  // MESHLIB_ACCESS_REQUEST_H_
