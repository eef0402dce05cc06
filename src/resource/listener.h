// SPDX-License-Identifier: Apache-2.0
// Listener: envoy.config.listener.v3.Listener with its HttpConnectionManager.

#ifndef MESHLIB_RESOURCE_LISTENER_H_
#define MESHLIB_RESOURCE_LISTENER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "resource/address.h"
#include "resource/cidr_range.h"
#include "resource/client_certificate_details.h"
#include "resource/fault.h"
#include "resource/names.h"
#include "resource/rbac.h"
#include "resource/route_config.h"
#include "resource/tls_context.h"

namespace meshlib::resource {

// HttpConnectionManager.path_with_escaped_slashes_action: of paths with "%2F" or "%5C".
enum class EscapedSlashes : uint8_t {
  kKeep,
  kReject,               // 400
  kUnescapeAndRedirect,  // 307 to the path with slashes
  kUnescapeAndForward,
};

// HttpConnectionManager, as far as it decides anything. A value.
struct HttpSettings {
  // RDS, or the routes themselves.
  std::variant<RouteConfigName, std::shared_ptr<const RouteConfig>> routes;
  std::optional<FaultPolicy> fault;  // the fault filter's own configuration
  bool has_fault_filter = false;     // without it, per-route fault configuration is inert
  std::vector<RbacFilter> rbac;      // in filter order
  bool normalize_path = false;
  bool merge_slashes = false;
  EscapedSlashes escaped_slashes = EscapedSlashes::kKeep;
  bool strip_any_host_port = false;
  bool strip_matching_host_port = false;
  bool strip_trailing_host_dot = false;
  bool preserve_external_request_id = false;
  bool generate_request_id = true;
  bool use_remote_address = false;
  uint32_t xff_num_trusted_hops = 0;
  ClientCertificateDetails client_certificate;            // for x-forwarded-client-cert
  std::vector<CidrRange> internal_addresses;              // internal_address_config
  bool suppress_envoy_headers = false;                    // the router filter's
  std::optional<absl::Duration> stream_idle_timeout;      // absent: Envoy's 5 min; zero: none
  std::optional<absl::Duration> request_timeout;          // zero or absent: none
  std::optional<absl::Duration> request_headers_timeout;  // zero or absent: none
  std::optional<absl::Duration> max_stream_duration;      // common_http_protocol_options
  std::optional<absl::Duration> idle_timeout;             // common_http_protocol_options; 1 h
  std::optional<std::string> unusable;                    // as Cluster::unusable

  friend bool operator==(const HttpSettings& a, const HttpSettings& b);
};

// One FilterChain of a server-side Listener. A value.
struct FilterChain {
  std::string name;
  std::optional<uint16_t> destination_port;
  std::vector<std::string> prefix_ranges;  // "ip/len" of the destination
  std::string transport_protocol;          // "tls", "raw_buffer" or empty
  std::vector<std::string> application_protocols;
  std::vector<std::string> server_names;
  std::optional<TlsContext> tls;
  std::optional<HttpSettings> http;  // absent: a TCP chain
  friend bool operator==(const FilterChain&, const FilterChain&) = default;
};

// A value.
struct Listener {
  ListenerName name;
  std::optional<Address> address;
  // A client Listener has an api_listener; a server Listener has filter chains.
  std::optional<HttpSettings> api;
  std::vector<FilterChain> filter_chains;
  std::optional<FilterChain> default_filter_chain;
  std::optional<std::string> unusable;  // as Cluster::unusable

  std::string ToString() const;
  friend bool operator==(const Listener&, const Listener&) = default;
};

}  // namespace meshlib::resource

#endif  // MESHLIB_RESOURCE_LISTENER_H_
