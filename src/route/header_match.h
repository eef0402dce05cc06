// SPDX-License-Identifier: Apache-2.0
// Matching of headers and query parameters against configuration.

#ifndef MESHLIB_ROUTE_HEADER_MATCH_H_
#define MESHLIB_ROUTE_HEADER_MATCH_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "meshlib/headers.h"
#include "resource/matcher.h"
#include "resource/route_config.h"
#include "route/request_head.h"

namespace meshlib::route {

// Whether the request's header, or pseudo header (":method", ":path", ":authority", ":scheme",
// and "host" for the authority), is as `matcher` wants it. A header with several fields is when one
// of them is.
bool Matches(const resource::HeaderMatcher& matcher, const RequestHead& head);

// The same for the headers of a response, whose only pseudo header is ":status".
bool Matches(const resource::HeaderMatcher& matcher, const Headers& headers, int status);

// Whether all of them match; true for none. FaultPolicy::headers, RetryPolicy's
// retriable_request_headers.
bool MatchesAll(const std::vector<resource::HeaderMatcher>& matchers, const RequestHead& head);

// `path` with its query. Parameters are compared as they stand, without percent-decoding, and only
// the first of a name counts: Envoy's QueryParameterMatcher.
bool Matches(const resource::QueryParameterMatcher& matcher, std::string_view path);

// The value, undecoded, of the first parameter of that name; empty when it has none.
std::optional<std::string_view> QueryParameter(std::string_view path, std::string_view name);

// Everything of a RouteMatch but its path. No allocation.
bool MatchesConditions(const resource::RouteMatch& match, const RequestHead& head, uint64_t random);

// The value of a header or pseudo header of a request; of a header with several fields the first.
std::optional<std::string_view> FirstValue(const RequestHead& head, std::string_view name);

// Whether the content-type is "application/grpc" or "application/grpc+proto", but not
// "application/grpc-web".
bool IsGrpc(const RequestHead& head);

// `path` without query and fragment.
std::string_view WithoutQuery(std::string_view path);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_HEADER_MATCH_H_
