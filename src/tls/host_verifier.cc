// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/peer_verifier.h"

namespace meshlib::tls {
namespace {

constexpr size_t kShownNames = 8;
constexpr size_t kShownBytes = 100;

// The canonical text of an IP address, or empty. Brackets of a URL are taken off.
std::string CanonicalAddress(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.find('\0') != std::string::npos) return "";
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> text{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, host.c_str(), bytes.data()) == 1) {
      return inet_ntop(family, bytes.data(), text.data(), text.size());
    }
  }
  return "";
}

std::string_view WithoutDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// RFC 6125 section 6.4.3 without partial wildcards: "*" stands for the whole left-most label, and
// two labels at least must follow it. Both in lower case.
bool MatchesDns(std::string_view pattern, std::string_view host) {
  pattern = WithoutDot(pattern);
  host = WithoutDot(host);
  if (!pattern.starts_with("*.")) return !pattern.empty() && pattern == host;
  const std::string_view parent = pattern.substr(1);  // ".example.com"
  const size_t dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  if (parent.find('*') != std::string_view::npos) return false;
  if (parent.find('.', 1) == std::string_view::npos) return false;
  return host.substr(dot) == parent;
}

std::string Shown(const PeerCertificate& peer) {
  std::string text;
  size_t shown = 0;
  for (const SubjectAltName& name : peer.names) {
    if (name.type != SubjectAltName::Type::kDns && name.type != SubjectAltName::Type::kIpAddress) {
      continue;
    }
    if (++shown > kShownNames) return text + ", ...";
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    absl::CHexEscape(name.value.substr(0, kShownBytes)));
  }
  return text.empty() ? "no host" : text;
}

class ThisHost final : public PeerVerifier {
 public:
  explicit ThisHost(std::string host)
      : address_(CanonicalAddress(host)), host_(absl::AsciiStrToLower(host)) {}

  absl::Status Verify(const PeerCertificate& peer) const override {
    const bool matches = std::any_of(peer.names.begin(), peer.names.end(),
                                     [this](const SubjectAltName& name) { return Matches(name); });
    if (matches) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("certificate is not for ", host_, ", but for ", Shown(peer)));
  }

 private:
  bool Matches(const SubjectAltName& name) const {
    if (!address_.empty()) {
      return name.type == SubjectAltName::Type::kIpAddress && name.value == address_;
    }
    return name.type == SubjectAltName::Type::kDns &&
           MatchesDns(absl::AsciiStrToLower(name.value), host_);
  }

  const std::string address_;  // empty: the host is a name
  const std::string host_;
};

}  // namespace

std::shared_ptr<const PeerVerifier> HostVerifier(std::string host) {
  return std::make_shared<const ThisHost>(std::move(host));
}

}  // namespace meshlib::tls
