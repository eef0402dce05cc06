// SPDX-License-Identifier: Apache-2.0
// Destination: what a request's URL and authority say about where it goes.

#ifndef MESHLIB_CLIENT_DESTINATION_H_
#define MESHLIB_CLIENT_DESTINATION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "meshlib/http.h"

namespace meshlib::client {

// Whose names are expanded how. A value.
struct NameRules {
  std::string pod_namespace = "default";
  std::string cluster_domain = "cluster.local";
};

// Recycled: Decode() does not allocate as far as its memory suffices, and looks at no more than the
// path where the rest is that of the URL before. Thread-compatible.
struct Destination {
  std::string authority;      // the Host to send
  std::string path;           // origin form, with the query
  std::string host;           // lower case; without port, brackets and trailing dot
  uint16_t port = 80;         // to connect to
  bool tls = false;           // the URL is an https:// one
  std::string host_and_port;  // for MeshSnapshot::FindHost()
  // The full names that Kubernetes' search order gives it, in that order: a name of two labels may
  // be a Service and its namespace or a domain outside.
  std::array<std::string, 2> listener_names;  // "reviews.default.svc.cluster.local:9080"
  size_t listener_count = 0;
  // Whether the last name is one that the cluster's DNS would answer: never passed through.
  bool in_cluster_domain = false;

  std::span<const std::string> listeners() const { return {listener_names.data(), listener_count}; }

  // INVALID_ARGUMENT says what is wrong with the URL. REQUIRES: `rules` are the same each time.
  absl::Status Decode(const HttpRequest& request, const NameRules& rules);

 private:
  bool IsOfSameOrigin(std::string_view url, std::string_view override_authority) const;
  absl::Status DecodeOrigin(std::string_view url, std::string_view override_authority);
  absl::Status DecodePath(std::string_view target, std::string_view url);
  absl::Status DecodeAuthority(std::string_view text, bool with_port);
  void NameListeners(const NameRules& rules, bool absolute);
  void AddListener(std::initializer_list<std::string_view> labels);

  // What all but the path was decoded from.
  bool decoded_ = false;
  std::string origin_;  // of the URL, "http://reviews:9080"; empty: it was in origin form
  std::string override_authority_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_DESTINATION_H_
