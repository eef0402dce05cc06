// SPDX-License-Identifier: Apache-2.0
// Path normalization: HttpConnectionManager.normalize_path, merge_slashes and
// path_with_escaped_slashes_action. The path that comes out is the one that routes and
// authorization see; normalizing it once more changes nothing.

#ifndef MESHLIB_ROUTE_PATH_NORMALIZATION_H_
#define MESHLIB_ROUTE_PATH_NORMALIZATION_H_

#include <string>

#include "resource/listener.h"

namespace meshlib::route {

// Resolves dot segments (RFC 3986 5.2.4), those with parameters ("..;a=b") included, turns "\" into
// "/", decodes escapes of unreserved characters and escapes what a path must not hold, as Envoy
// (googleurl) does it; the query stays. False: the path cannot be normalized, and the request must
// be refused with 400.
[[nodiscard]] bool NormalizePath(std::string& path);

// Makes one of adjacent slashes; the query stays.
void MergeSlashes(std::string& path);

// Makes "/" of "%2F" and "\\" of "%5C"; the query stays. Whether there was one.
bool UnescapeSlashes(std::string& path);

// What the settings ask for, in Envoy's order. False: the request must be refused with 400, or,
// when `*redirect` became true, with 307 to `path`.
[[nodiscard]] bool ApplyPathSettings(const resource::HttpSettings& settings, std::string& path,
                                     bool* redirect = nullptr);

// strip_any_host_port, strip_matching_host_port (`port` is the Listener's), and
// strip_trailing_host_dot.
void ApplyAuthoritySettings(const resource::HttpSettings& settings, uint16_t port,
                            std::string& authority);

}  // namespace meshlib::route

#endif  // MESHLIB_ROUTE_PATH_NORMALIZATION_H_
