// SPDX-License-Identifier: Apache-2.0
// HttpRequest and HttpResponse: whole messages, as buffered Calls and handlers use them.

#ifndef MESHLIB_HTTP_H_
#define MESHLIB_HTTP_H_

#include <memory>
#include <string>
#include <string_view>

#include "meshlib/export.h"
#include "meshlib/headers.h"
#include "meshlib/peer_identity.h"

namespace meshlib {

// A value. Thread-compatible.
struct MESHLIB_EXPORT HttpRequest {
  std::string method = "GET";
  // For a Call an absolute URL, "http://reviews:9080/reviews/0?x=1". For a handler the origin-form
  // target, "/reviews/0?x=1".
  std::string url{};
  Headers headers{};  // without "host", which is `authority`
  std::string body{};
  // For a handler: the Host it was sent to. For a Call: overrides the URL's host where not empty.
  std::string authority{};
  // For a handler: the peer's address, "127.0.0.1:40000".
  std::string peer_address{};
  // For a handler: the client, when it has shown a certificate over TLS that was verified. Null
  // otherwise.
  std::shared_ptr<const PeerIdentity> peer{};

  // The part of `url` before "?" and behind it, without the origin of an absolute URL.
  std::string_view path() const;
  std::string_view query() const;
  // The value of a query parameter, percent-decoded; empty when absent.
  std::string query_parameter(std::string_view name) const;

  void Clear();
};

// A value. Thread-compatible.
struct MESHLIB_EXPORT HttpResponse {
  int status = 200;
  Headers headers{};
  std::string body{};
  Headers trailers{};

  static HttpResponse Text(int status, std::string_view body);
  static HttpResponse Html(int status, std::string_view body);
  static HttpResponse Json(int status, std::string_view body);

  void Clear();
};

}  // namespace meshlib

#endif  // MESHLIB_HTTP_H_
