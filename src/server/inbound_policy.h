// InboundPolicy: what the configuration of a server's port says about its Calls.

#ifndef MESHLIB_SERVER_INBOUND_POLICY_H_
#define MESHLIB_SERVER_INBOUND_POLICY_H_

#include <optional>
#include <string>

#include "resource/listener.h"

namespace meshlib::server {

// A value.
struct InboundPolicy {
  // "security: mTLS is not supported yet": every Call is answered with 503 and this text.
  std::optional<std::string> failure{};
  // Honoured: normalize_path, merge_slashes, strip_*, request_timeout, request_headers_timeout,
  // stream_idle_timeout (absent: none), idle_timeout.
  resource::HttpSettings settings{};

  friend bool operator==(const InboundPolicy&, const InboundPolicy&) = default;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_INBOUND_POLICY_H_
