// SPDX-License-Identifier: Apache-2.0
// HTTPRoute: what is matched, and where it goes.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

// As Decode(), and no empty prefix: Envoy takes one for paths only.
void DecodeStringMatch(const Cursor& at, StringMatch* out) {
  Decode(at, out);
  if (out->kind == StringMatch::Kind::kPrefix && out->value.empty()) {
    at.Error("a prefix must not be empty");
  }
}

bool IsEmptyMap(const Cursor& at) {
  return at.value().kind == YamlValue::Kind::kMap && at.value().entries.empty();
}

// {} matches a header that is there, whatever its value.
void DecodeNamedMatch(const Cursor& at, std::optional<StringMatch>* out) {
  if (at.is_null()) return at.Error("a match is missing; {} matches any value");
  if (!IsEmptyMap(at)) DecodeStringMatch(at, &out->emplace());
}

// Of withoutHeaders: null and the regex "*" mean any value as well.
void DecodeWithoutMatch(const Cursor& at, std::optional<StringMatch>* out) {
  if (at.is_null() || IsEmptyMap(at)) return;
  const YamlValue* regex = at.value().Find("regex");
  const bool any_value = regex != nullptr && regex->scalar == "*" && at.value().entries.size() == 1;
  if (!any_value) DecodeStringMatch(at, &out->emplace());
}

void CheckHeaderNames(const Cursor& at, const NamedMatches& headers) {
  for (const auto& [name, match] : headers) {
    if (!IsMatchableHeader(name)) {
      at.Error(absl::StrCat("\"", name.substr(0, 80), "\" is not a header's name"));
    }
  }
}

void DecodeHeaderMatches(const Cursor& at, NamedMatches* out) {
  DecodeMap(at, out, DecodeNamedMatch);
  CheckHeaderNames(at, *out);
}

void DecodeWithoutHeaders(const Cursor& at, NamedMatches* out) {
  DecodeMap(at, out, DecodeWithoutMatch);
  CheckHeaderNames(at, *out);
}

void DecodeHttpMatch(const Cursor& at, HttpMatch* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("name", &out->name);
  fields.Read("uri", &out->uri);
  fields.Read("scheme", &out->scheme, DecodeStringMatch);
  fields.Read("method", &out->method, DecodeStringMatch);
  fields.Read("authority", &out->authority, DecodeStringMatch);
  fields.Read("headers", &out->headers, DecodeHeaderMatches);
  fields.Read("withoutHeaders", &out->without_headers, DecodeWithoutHeaders);
  fields.Read("queryParams", &out->query_params, MapOf(DecodeNamedMatch));
  fields.Read("ignoreUriCase", &out->ignore_uri_case);
  fields.Read("port", &out->port, DecodePort);
  fields.Read("sourceLabels", &out->source_labels, DecodeLabels);
  fields.Read("sourceNamespace", &out->source_namespace, DecodeDnsLabel);
  fields.Read("gateways", &out->gateways, DecodeGatewayNames);
  fields.Read("statPrefix", &out->stat_prefix);
}

void DecodeHttpDestination(const Cursor& at, HttpDestination* out) {
  Fields fields(at);
  fields.Require("destination", &out->destination);
  fields.Read("weight", &out->weight, DecodeInt32);
  fields.Read("headers", &out->headers);
}

void DecodeHttpDestinations(const Cursor& at, std::vector<HttpDestination>* out) {
  DecodeList(at, out, DecodeHttpDestination);
  std::vector<uint32_t> weights;
  for (const HttpDestination& destination : *out) weights.push_back(destination.weight);
  CheckWeights(at, weights);
}

void DecodeMirror(const Cursor& at, HttpMirror* out) {
  Fields fields(at);
  fields.Require("destination", &out->destination);
  fields.Read("percentage", &out->percentage, DecodePercentage);
}

// `mirror`, with `mirrorPercentage` or its predecessors beside it.
void ReadSingleMirror(Fields& fields, HttpRoute* out) {
  HttpMirror mirror;
  std::optional<uint32_t> percent;
  fields.Read("mirrorPercent", &percent, DecodePercent);
  fields.Read("mirror_percent", &percent, DecodePercent);
  if (percent.has_value()) {
    fields.Warn("mirrorPercent", "mirrorPercent is deprecated: use mirrorPercentage");
    mirror.percentage = *percent;
  }
  fields.Read("mirrorPercentage", &mirror.percentage, DecodePercentage);
  if (fields.Read("mirror", &mirror.destination)) out->mirrors.push_back(std::move(mirror));
}

void DecodeDelegate(const Cursor& at, Delegate* out) {
  Fields fields(at);
  fields.Require("name", &out->name, DecodeObjectName);
  fields.Read("namespace", &out->name_space, DecodeDnsLabel);
}

// What excludes what, and that there is something to do.
void CheckActions(const Cursor& at, const HttpRoute& route) {
  const bool redirect = route.redirect.has_value();
  const bool direct = route.direct_response.has_value();
  if (route.delegate.has_value()) {
    if (redirect || !route.route.empty()) {
      at.Error("a route with a delegate has neither route nor redirect");
    }
    return;
  }
  const int actions = (redirect ? 1 : 0) + (direct ? 1 : 0) + (route.route.empty() ? 0 : 1);
  if (actions == 0) at.Error("one of route, redirect, directResponse and delegate is missing");
  if (actions > 1) at.Error("there may be one of route, redirect and directResponse only");
  if (redirect || direct) {
    const char* name = redirect ? "redirect" : "directResponse";
    if (route.fault.has_value()) at.Error(absl::StrCat("a ", name, " has no fault"));
    if (route.rewrite.has_value()) at.Error(absl::StrCat("a ", name, " has no rewrite"));
  }
}

bool IsAuthority(const std::string& name) {
  return absl::EqualsIgnoreCase(name, ":authority") || absl::EqualsIgnoreCase(name, "host");
}

void CheckAuthority(const Cursor& at, const HttpRoute& route) {
  int times = route.rewrite.has_value() && !route.rewrite->authority.empty() ? 1 : 0;
  for (const auto* headers : {&route.headers.request.set, &route.headers.request.add}) {
    for (const auto& [name, value] : *headers) times += IsAuthority(name) ? 1 : 0;
  }
  if (times > 1) at.Error("the authority is set more than once, by rewrite or by headers");
}

void CheckPrefixRewrite(const Cursor& at, const HttpRoute& route) {
  if (!route.redirect.has_value() || route.redirect->prefix_rewrite.empty()) return;
  for (const HttpMatch& match : route.match) {
    if (match.uri.has_value() && match.uri->kind != StringMatch::Kind::kPrefix) {
      at.Error("redirect.prefixRewrite needs matches of uri by prefix");
    }
  }
}

}  // namespace

void Decode(const Cursor& at, StringMatch* out) {
  Fields fields(at);
  int kinds = 0;
  const auto take = [&](bool there, StringMatch::Kind kind) {
    if (!there) return;
    ++kinds;
    out->kind = kind;
  };
  take(fields.Read("exact", &out->value), StringMatch::Kind::kExact);
  take(fields.Read("prefix", &out->value), StringMatch::Kind::kPrefix);
  take(fields.Read("regex", &out->value, DecodeRegex), StringMatch::Kind::kRegex);
  if (at.value().kind == YamlValue::Kind::kMap && kinds != 1) {
    at.Error("exactly one of exact, prefix and regex belongs here");
  }
}

void Decode(const Cursor& at, Destination* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("host", &out->host, DecodeHost);
  fields.Read("subset", &out->subset, DecodeDnsLabel);
  fields.Read("port", &out->port, [](const Cursor& selector, uint32_t* port) {
    Fields(selector).Require("number", port, DecodePort);
  });
  if (out->host == "*") fields.Error("host", "\"*\" is no destination");
}

void Decode(const Cursor& at, HttpRoute* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("name", &out->name);
  fields.Read("match", &out->match, ListOf(DecodeHttpMatch));
  fields.Read("route", &out->route, DecodeHttpDestinations);
  fields.Read("redirect", &out->redirect);
  fields.Read("directResponse", &out->direct_response);
  fields.Read("delegate", &out->delegate, DecodeDelegate);
  fields.Read("rewrite", &out->rewrite);
  fields.Read("timeout", &out->timeout);
  fields.Read("retries", &out->retries);
  fields.Read("fault", &out->fault);
  ReadSingleMirror(fields, out);
  if (fields.Has("mirrors") && !out->mirrors.empty()) {
    fields.Error("mirrors", "there is either mirror or mirrors");
  }
  fields.Read("mirrors", &out->mirrors, ListOf(DecodeMirror));
  fields.Read("corsPolicy", &out->cors_policy);
  fields.Read("headers", &out->headers);
  CheckActions(at, *out);
  CheckAuthority(at, *out);
  CheckPrefixRewrite(at, *out);
}

}  // namespace meshlib::manifest
