// SPDX-License-Identifier: Apache-2.0
#include "translate/host_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::translate {
namespace {

using base::AbslView;

bool EndsWith(std::string_view text, std::string_view suffix) {
  return absl::EndsWith(AbslView(text), AbslView(suffix));
}

bool Contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

std::string ServiceHost(std::string_view name, std::string_view name_space) {
  return absl::AsciiStrToLower(
      absl::StrCat(AbslView(name), ".", AbslView(name_space), ".svc.", AbslView(kClusterDomain)));
}

std::string ExpandHost(std::string_view host, std::string_view name_space) {
  if (host.empty() || host == "*" || host.find('.') != std::string_view::npos ||
      IsIpAddress(host)) {
    return absl::AsciiStrToLower(AbslView(host));
  }
  return ServiceHost(host, name_space);
}

bool IsWildcard(std::string_view host) { return !host.empty() && host.front() == '*'; }

bool IsIpAddress(std::string_view host) {
  if (host.find(':') != std::string_view::npos) return true;
  int dots = 0;
  for (const char c : host) {
    if (c == '.') {
      ++dots;
    } else if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return dots == 3;
}

bool HostsOverlap(std::string_view a, std::string_view b) {
  if (IsWildcard(a) && IsWildcard(b)) {
    return EndsWith(a.substr(1), b.substr(1)) || EndsWith(b.substr(1), a.substr(1));
  }
  if (IsWildcard(a)) return EndsWith(b, a.substr(1));
  if (IsWildcard(b)) return EndsWith(a, b.substr(1));
  return a == b;
}

bool HostIsWithin(std::string_view host, std::string_view of) {
  if (!IsWildcard(of)) return host == of;
  if (IsWildcard(host)) return host.size() >= of.size() && EndsWith(host.substr(1), of.substr(1));
  return EndsWith(host, of.substr(1));
}

std::vector<std::string> IntersectHosts(const std::vector<std::string>& a,
                                        const std::vector<std::string>& b) {
  std::vector<std::string> both;
  for (const std::string& left : a) {
    for (const std::string& right : b) {
      const std::string* narrow = HostIsWithin(left, right)   ? &left
                                  : HostIsWithin(right, left) ? &right
                                                              : nullptr;
      if (narrow != nullptr && !Contains(both, *narrow)) both.push_back(*narrow);
    }
  }
  return both;
}

std::vector<std::string> AlternativeHosts(std::string_view host, std::string_view dns_domain) {
  std::vector<std::string> hosts;
  if (IsIpAddress(host)) return hosts;
  hosts.push_back(absl::StrCat(AbslView(host), "."));

  const size_t domain_svc = dns_domain.find(".svc.");
  const size_t host_svc = host.find(".svc.");
  if (domain_svc == std::string_view::npos || host_svc == std::string_view::npos) return hosts;
  if (dns_domain.substr(domain_svc) != host.substr(host_svc)) return hosts;

  const std::string_view service = host.substr(0, host_svc);  // "reviews.default"
  const size_t dot = service.find('.');
  if (dot == std::string_view::npos) return hosts;
  const std::string with_svc = absl::StrCat(AbslView(service), ".svc");
  if (service.substr(dot + 1) == dns_domain.substr(0, domain_svc)) {
    hosts.emplace_back(service.substr(0, dot));
    hosts.push_back(with_svc);
    hosts.emplace_back(service);
  } else {
    hosts.emplace_back(service);
    hosts.push_back(with_svc);
  }
  return hosts;
}

std::string BracketIpv6(std::string_view host) {
  const bool bare = host.find(':') != std::string_view::npos && host.front() != '[';
  return bare ? absl::StrCat("[", AbslView(host), "]") : std::string(host);
}

std::string JoinHostPort(std::string_view host, unsigned port) {
  return absl::StrCat(BracketIpv6(host), ":", port);
}

}  // namespace meshlib::translate
