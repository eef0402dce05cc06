// SPDX-License-Identifier: Apache-2.0
// Explanation: what the mesh would do with a request, and why.

#ifndef MESHLIB_EXPLAIN_H_
#define MESHLIB_EXPLAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "meshlib/export.h"

namespace meshlib {

// A value.
struct ExplainedCluster {
  std::string name;
  uint64_t weight = 0;
  friend bool operator==(const ExplainedCluster&, const ExplainedCluster&) = default;
};

// A value.
struct ExplainedEndpoint {
  std::string cluster;
  std::string address;
  std::string locality;
  uint32_t priority = 0;
  uint32_t weight = 1;
  bool candidate = false;
  std::string why_not;     // "unhealthy", "draining", "priority 1 is not used", ...
  std::string tls_mode{};  // "istio": it announces Istio's mutual TLS
  // How a connection to it would be secured, and by what: "mutual TLS, SNI ..., roots ...",
  // "plaintext: ...", "security: ..." when the Call would fail.
  std::string security{};
  friend bool operator==(const ExplainedEndpoint&, const ExplainedEndpoint&) = default;
};

// The answer of Mesh::Explain(): a pure function of the configuration, nothing is sent.
// Fields that do not apply are empty. A value.
struct MESHLIB_EXPORT Explanation {
  std::string listener;
  std::string virtual_host;
  std::string route;   // the Route's name
  std::string object;  // "VirtualService default/reviews"
  std::string subset;
  // "forward", "redirect", "direct_response", "none" (no route), "fail" (security, not supported).
  std::string action = "none";
  std::vector<ExplainedCluster> clusters;
  // As sent to the peer.
  std::string path;
  std::string authority;
  std::vector<std::pair<std::string, std::string>> request_headers_added;
  std::vector<std::string> request_headers_removed;
  std::vector<std::pair<std::string, std::string>> response_headers_added;
  std::optional<absl::Duration> timeout;  // absent: none
  std::string retry;                      // "2 retries on connect-failure,..."; empty: none
  std::string fault;                      // "abort 503 for 10%"; empty: none
  int status = 0;                         // redirect, direct response and failures
  std::string location;
  std::string error;  // why it would fail
  std::vector<ExplainedEndpoint> endpoints;

  std::string ToString() const;
  // One line of JSON; durations in milliseconds as `timeout_ms`.
  std::string ToJson() const;
  friend bool operator==(const Explanation&, const Explanation&) = default;
};

}  // namespace meshlib

#endif  // MESHLIB_EXPLAIN_H_
