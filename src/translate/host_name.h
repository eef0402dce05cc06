// SPDX-License-Identifier: Apache-2.0
// Host names as Istio compares them: exact, or with a leading "*".

#ifndef MESHLIB_TRANSLATE_HOST_NAME_H_
#define MESHLIB_TRANSLATE_HOST_NAME_H_

#include <string>
#include <string_view>
#include <vector>

namespace meshlib::translate {

inline constexpr std::string_view kClusterDomain = "cluster.local";

// "reviews" of an object in "default" is "reviews.default.svc.cluster.local". What contains a dot,
// is "*" or an address is complete already. The result is lower case.
std::string ExpandHost(std::string_view host, std::string_view name_space);

// "reviews", "default" -> "reviews.default.svc.cluster.local".
std::string ServiceHost(std::string_view name, std::string_view name_space);

bool IsWildcard(std::string_view host);
bool IsIpAddress(std::string_view host);

// Whether some name is covered by both.
bool HostsOverlap(std::string_view a, std::string_view b);
// Whether every name that `host` covers is covered by `of`.
bool HostIsWithin(std::string_view host, std::string_view of);
// The more specific of each pair that contain one another, in the order of `a`, once each.
std::vector<std::string> IntersectHosts(const std::vector<std::string>& a,
                                        const std::vector<std::string>& b);

// The other names by which a proxy in `dns_domain` ("default.svc.cluster.local") may call a host:
// with the final dot always, and the short forms of a host of the same cluster domain.
std::vector<std::string> AlternativeHosts(std::string_view host, std::string_view dns_domain);

// "[::1]" for an IPv6 address, everything else as it is.
std::string BracketIpv6(std::string_view host);
// "reviews:9080", "[::1]:9080".
std::string JoinHostPort(std::string_view host, unsigned port);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_HOST_NAME_H_
