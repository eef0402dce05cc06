// SPDX-License-Identifier: Apache-2.0
#include "meshlib/http_client.h"

#include <utility>

namespace meshlib {

absl::StatusOr<HttpResponse> HttpClient::Get(std::string_view url, const CallOptions& options) {
  return CallOwned("GET", url, {}, {}, options);
}

absl::StatusOr<HttpResponse> HttpClient::Post(std::string_view url, std::string_view content_type,
                                              std::string_view body, const CallOptions& options) {
  return CallOwned("POST", url, content_type, body, options);
}

absl::StatusOr<HttpResponse> HttpClient::Call(HttpRequest request, const CallOptions& options) {
  HttpExchange exchange;
  exchange.request = std::move(request);
  exchange.options = options;
  if (absl::Status status = Call(exchange); !status.ok()) return status;
  return std::move(exchange.response);
}

absl::StatusOr<HttpResponse> HttpClient::CallOwned(std::string_view method, std::string_view url,
                                                   std::string_view content_type,
                                                   std::string_view body,
                                                   const CallOptions& options) {
  HttpRequest request;
  request.method = method;
  request.url = url;
  if (!content_type.empty()) request.headers.Add("content-type", content_type);
  request.body = body;
  return Call(std::move(request), options);
}

}  // namespace meshlib
