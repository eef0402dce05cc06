// SPDX-License-Identifier: Apache-2.0
// What a VirtualService matches by, as xDS.

#ifndef MESHLIB_TRANSLATE_ROUTE_MATCH_H_
#define MESHLIB_TRANSLATE_ROUTE_MATCH_H_

#include "manifest/http_route.h"
#include "translate/xds.h"

namespace meshlib::translate {

void TranslateStringMatch(const manifest::StringMatch& match, xds_matcher::StringMatcher& out);

// `match` may be null: everything.
void TranslateMatch(const manifest::HttpMatch* match, xds_route::RouteMatch& out);

// Whether nothing after it can be reached.
bool MatchesEverything(const xds_route::RouteMatch& match);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_ROUTE_MATCH_H_
