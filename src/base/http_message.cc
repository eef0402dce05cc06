// SPDX-License-Identifier: Apache-2.0
#include "meshlib/http.h"

namespace meshlib {
namespace {

// The origin-form of an absolute URL; what is in origin-form already stays.
std::string_view Target(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || url.starts_with('/')) return url;
  const size_t slash = url.find_first_of("/?", scheme + 3);
  return slash == std::string_view::npos ? std::string_view("/") : url.substr(slash);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      decoded.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
               HexDigit(text[i + 2]) >= 0) {
      decoded.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i]);
    }
  }
  return decoded;
}

HttpResponse Make(int status, std::string_view type, std::string_view body) {
  HttpResponse response;
  response.status = status;
  response.headers.Add("content-type", type);
  response.body = body;
  return response;
}

}  // namespace

std::string_view HttpRequest::path() const {
  const std::string_view target = Target(url);
  return target.substr(0, target.find('?'));
}

std::string_view HttpRequest::query() const {
  const std::string_view target = Target(url);
  const size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::string HttpRequest::query_parameter(std::string_view name) const {
  std::string_view rest = query();
  while (!rest.empty()) {
    const size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const size_t equals = pair.find('=');
    if (Decode(pair.substr(0, equals)) != name) continue;
    return equals == std::string_view::npos ? std::string() : Decode(pair.substr(equals + 1));
  }
  return {};
}

void HttpRequest::Clear() {
  method = "GET";
  url.clear();
  headers.Clear();
  body.clear();
  authority.clear();
  peer_address.clear();
  peer.reset();
}

HttpResponse HttpResponse::Text(int status, std::string_view body) {
  return Make(status, "text/plain; charset=utf-8", body);
}

HttpResponse HttpResponse::Html(int status, std::string_view body) {
  return Make(status, "text/html; charset=utf-8", body);
}

HttpResponse HttpResponse::Json(int status, std::string_view body) {
  return Make(status, "application/json", body);
}

void HttpResponse::Clear() {
  status = 200;
  headers.Clear();
  body.clear();
  trailers.Clear();
}

}  // namespace meshlib
