// SPDX-License-Identifier: Apache-2.0
// HTTPRoute: what is done to a request and its response.

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

constexpr size_t kMaxDirectBody = size_t{1} << 20;

// Of Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on.
constexpr std::string_view kRetryOn[] = {"5xx",
                                         "gateway-error",
                                         "reset",
                                         "reset-before-request",
                                         "connect-failure",
                                         "retriable-4xx",
                                         "refused-stream",
                                         "retriable-status-codes",
                                         "retriable-headers",
                                         "envoy-ratelimited",
                                         "http3-post-connect-failure",
                                         "cancelled",
                                         "deadline-exceeded",
                                         "internal",
                                         "resource-exhausted",
                                         "unavailable"};

constexpr std::string_view kGrpcStatus[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", text.substr(0, 80), text.size() > 80 ? "..." : "", "\"");
}

// Envoy's header formatters: "%" comes in pairs, around a command or as "%%".
bool HasWholeCommands(const std::string& value) {
  bool open = false;
  for (char c : value) open = c == '%' ? !open : open;
  return !open;
}

void DecodeHeaderValue(const Cursor& at, std::string* out) {
  Decode(at, out);
  for (char c : *out) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7F) {
      return at.Error("a header's value has no control characters");
    }
  }
  if (!HasWholeCommands(*out)) {
    at.Error(absl::StrCat(Quoted(*out), " has a single %: write %% for a percent sign"));
  }
}

bool IsHost(const std::string& name) { return absl::EqualsIgnoreCase(name, "host"); }

void DecodeOperations(const Cursor& at, HeaderOperations* out, bool may_set_authority) {
  Fields fields(at);
  fields.Read("set", &out->set, MapOf(DecodeHeaderValue));
  fields.Read("add", &out->add, MapOf(DecodeHeaderValue));
  fields.Read("remove", &out->remove);
  const auto check = [&](const char* field, const std::string& name, bool authority) {
    const bool is_authority = IsHost(name) || absl::EqualsIgnoreCase(name, ":authority");
    if (is_authority && authority) return;
    if (is_authority || !IsFieldName(name)) {
      fields.Error(field, absl::StrCat(Quoted(name), " is not a header that can be changed here"));
    }
  };
  for (const auto& [name, value] : out->set) check("set", name, may_set_authority);
  for (const auto& [name, value] : out->add) check("add", name, may_set_authority);
  for (const std::string& name : out->remove) check("remove", name, false);
}

void DecodeRequestOperations(const Cursor& at, HeaderOperations* out) {
  DecodeOperations(at, out, /*may_set_authority=*/true);
}
void DecodeResponseOperations(const Cursor& at, HeaderOperations* out) {
  DecodeOperations(at, out, /*may_set_authority=*/false);
}

void DecodeStatus(const Cursor& at, uint32_t* out) {
  Decode(at, out);
  if (*out < 200 || *out > 599) at.Error(absl::StrCat(*out, " is not a status from 200 to 599"));
}

void DecodeGrpcStatus(const Cursor& at, std::string* out) {
  const std::vector<std::string_view> names(std::begin(kGrpcStatus), std::end(kGrpcStatus));
  if (IndexOfName(at, names).has_value()) *out = at.value().scalar;
}

// Reads `percentage`, or the deprecated `percent`.
void ReadPercentage(Fields& fields, double* out) {
  uint32_t percent = 0;
  if (fields.Read("percent", &percent, DecodePercent)) {
    fields.Warn("percent", "percent is deprecated: use percentage.value");
    *out = percent;
  }
  if (!fields.Read("percentage", out, DecodePercentage) && !fields.Has("percent")) {
    fields.Warn("percentage", "without a percentage no request is hit");
  }
}

void DecodeDelay(const Cursor& at, FaultDelay* out) {
  Fields fields(at);
  ReadPercentage(fields, &out->percentage);
  fields.Require("fixedDelay", &out->fixed_delay);
  if (fields.Has("exponentialDelay")) fields.Error("exponentialDelay", "Istio does not support it");
}

void DecodeAbort(const Cursor& at, FaultAbort* out) {
  Fields fields(at);
  ReadPercentage(fields, &out->percentage);
  const bool http = fields.Read("httpStatus", &out->http_status, DecodeStatus);
  const bool grpc = fields.Read("grpcStatus", &out->grpc_status, DecodeGrpcStatus);
  if (fields.Has("http2Error")) fields.Error("http2Error", "Istio does not support it");
  if (http == grpc) at.Error("exactly one of httpStatus and grpcStatus belongs here");
}

bool IsStatusCode(const std::string& token) {
  uint32_t code = 0;
  return absl::SimpleAtoi(token, &code) && code >= 100 && code <= 599;
}

void DecodeRetryOn(const Cursor& at, std::string* out) {
  if (!at.Expect(YamlValue::Kind::kScalar)) return;
  *out = at.value().scalar;  // "503" alone may stand without quotes
  for (const absl::string_view part : absl::StrSplit(*out, ',')) {
    const std::string token(absl::StripAsciiWhitespace(part));
    bool known = IsStatusCode(token);
    for (std::string_view name : kRetryOn) known = known || token == name;
    if (!known) at.Error(absl::StrCat(Quoted(token), " is not a condition to retry on"));
  }
}

void DecodeScheme(const Cursor& at, std::string* out) {
  if (IndexOfName(at, {"http", "https"}).has_value()) *out = at.value().scalar;
}

void DecodeRedirectCode(const Cursor& at, uint32_t* out) {
  Decode(at, out);
  if (*out == 0) *out = 301;
  if (*out < 300 || *out > 399) at.Error(absl::StrCat(*out, " is not a redirect's status, 3xx"));
}

void DecodeDerivePort(const Cursor& at, HttpRedirect::DerivePort* out) {
  using DerivePort = HttpRedirect::DerivePort;
  DecodeEnum<DerivePort>(at,
                         {{"FROM_PROTOCOL_DEFAULT", DerivePort::kFromProtocolDefault},
                          {"FROM_REQUEST_PORT", DerivePort::kFromRequestPort}},
                         out);
}

void DecodeBytes(const Cursor& at, std::string* out) {
  std::string encoded;
  Decode(at, &encoded);
  if (!absl::Base64Unescape(encoded, out)) at.Error("the bytes are not in Base64");
}

void DecodeBody(const Cursor& at, std::string* out) {
  Fields fields(at);
  const bool text = fields.Read("string", out);
  const bool bytes = fields.Read("bytes", out, DecodeBytes);
  if (text && bytes) at.Error("a body is either string or bytes");
  if (out->size() > kMaxDirectBody) {
    at.Error(absl::StrCat("a body of ", out->size(), " bytes: at most ", kMaxDirectBody));
  }
}

void DecodeRegexRewrite(const Cursor& at, RegexRewrite* out) {
  Fields fields(at);
  fields.Require("match", &out->match, DecodeRegex);
  fields.Require("rewrite", &out->rewrite);
  if (fields.Has("rewrite") && out->rewrite.empty()) fields.Error("rewrite", "must not be empty");
}

void DecodeCorsMethod(const Cursor& at, std::string* out) {
  Decode(at, out);
  for (const char* known :
       {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"}) {
    if (*out == known) return;
  }
  at.Error(absl::StrCat(Quoted(*out), " is not a method"));
}

void DecodeCorsHeader(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (*out != "*" && !IsFieldName(*out))
    at.Error(absl::StrCat(Quoted(*out), " is not a header's name"));
}

void DecodeOrigin(const Cursor& at, StringMatch* out) {
  Decode(at, out);
  if (out->value.empty()) at.Error("an origin must not be empty");
}

void DecodeOldOrigins(const Cursor& at, std::vector<StringMatch>* out) {
  std::vector<std::string> origins;
  Decode(at, &origins);
  for (std::string& origin : origins)
    out->push_back({StringMatch::Kind::kExact, std::move(origin)});
  at.Warn("allowOrigin is deprecated: use allowOrigins");
}

void DecodeMaxAge(const Cursor& at, absl::Duration* out) {
  Decode(at, out);
  if (*out % absl::Seconds(1) != absl::ZeroDuration()) at.Error("is not in whole seconds");
}

void DecodeUnmatchedPreflights(const Cursor& at, CorsPolicy::UnmatchedPreflights* out) {
  using UnmatchedPreflights = CorsPolicy::UnmatchedPreflights;
  DecodeEnum<UnmatchedPreflights>(at,
                                  {{"UNSPECIFIED", UnmatchedPreflights::kUnspecified},
                                   {"FORWARD", UnmatchedPreflights::kForward},
                                   {"IGNORE", UnmatchedPreflights::kIgnore}},
                                  out);
}

}  // namespace

void Decode(const Cursor& at, HeaderPolicy* out) {
  Fields fields(at);
  fields.Read("request", &out->request, DecodeRequestOperations);
  fields.Read("response", &out->response, DecodeResponseOperations);
}

void Decode(const Cursor& at, HttpFault* out) {
  Fields fields(at);
  fields.Read("delay", &out->delay, DecodeDelay);
  fields.Read("abort", &out->abort, DecodeAbort);
  if (!out->delay && !out->abort) at.Error("a fault has a delay or an abort, or both");
}

void Decode(const Cursor& at, HttpRetry* out) {
  Fields fields(at);
  fields.Read("attempts", &out->attempts, DecodeInt32);
  fields.Read("perTryTimeout", &out->per_try_timeout);
  fields.Read("retryOn", &out->retry_on, DecodeRetryOn);
  fields.Read("retryRemoteLocalities", &out->retry_remote_localities);
  fields.Read("retryIgnorePreviousHosts", &out->retry_ignore_previous_hosts);
  fields.Read("backoff", &out->backoff);
  const bool described =
      out->per_try_timeout || !out->retry_on.empty() || out->retry_remote_localities;
  if (out->attempts == 0 && described) {
    at.Error("attempts is 0, which switches retries off: there is nothing to say about them");
  }
}

void Decode(const Cursor& at, HttpRedirect* out) {
  Fields fields(at);
  fields.Read("uri", &out->uri);
  fields.Read("prefixRewrite", &out->prefix_rewrite);
  fields.Read("authority", &out->authority);
  fields.Read("scheme", &out->scheme, DecodeScheme);
  uint32_t port = 0;
  if (fields.Read("port", &port, DecodePort)) out->port = port;
  HttpRedirect::DerivePort derived{};
  if (fields.Read("derivePort", &derived, DecodeDerivePort)) {
    if (port != 0) fields.Error("derivePort", "there is either port or derivePort");
    out->port = derived;
  }
  fields.Read("redirectCode", &out->redirect_code, DecodeRedirectCode);
  if (!out->uri.empty() && !out->prefix_rewrite.empty()) {
    at.Error("there is either uri or prefixRewrite");
  }
  const bool says_nothing = out->uri.empty() && out->prefix_rewrite.empty() &&
                            out->authority.empty() && out->scheme.empty() && out->port.index() == 0;
  if (says_nothing) at.Error("one of uri, authority, scheme and port is missing");
}

void Decode(const Cursor& at, HttpDirectResponse* out) {
  Fields fields(at);
  fields.Require("status", &out->status, DecodeStatus);
  fields.Read("body", &out->body, DecodeBody);
}

void Decode(const Cursor& at, HttpRewrite* out) {
  Fields fields(at);
  fields.Read("uri", &out->uri);
  fields.Read("authority", &out->authority);
  fields.Read("uriRegexRewrite", &out->uri_regex, DecodeRegexRewrite);
  if (!out->uri.empty() && out->uri_regex) at.Error("there is either uri or uriRegexRewrite");
  if (out->uri.empty() && !out->uri_regex && out->authority.empty()) {
    at.Error("one of uri, uriRegexRewrite and authority is missing");
  }
}

void Decode(const Cursor& at, CorsPolicy* out) {
  Fields fields(at);
  fields.Read("allowOrigin", &out->allow_origins, DecodeOldOrigins);
  fields.Read("allowOrigins", &out->allow_origins, ListOf(DecodeOrigin));
  fields.Read("allowMethods", &out->allow_methods, ListOf(DecodeCorsMethod));
  fields.Read("allowHeaders", &out->allow_headers, ListOf(DecodeCorsHeader));
  fields.Read("exposeHeaders", &out->expose_headers, ListOf(DecodeCorsHeader));
  fields.Read("maxAge", &out->max_age, DecodeMaxAge);
  fields.Read("allowCredentials", &out->allow_credentials);
  fields.Read("unmatchedPreflights", &out->unmatched_preflights, DecodeUnmatchedPreflights);
}

}  // namespace meshlib::manifest
