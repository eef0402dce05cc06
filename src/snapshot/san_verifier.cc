// SPDX-License-Identifier: Apache-2.0
#include "snapshot/san_verifier.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::snapshot {
namespace {

using base::AbslView;
using resource::SanMatcher;
using resource::SanType;
using tls::SubjectAltName;

bool IsFor(SanType wanted, SubjectAltName::Type type) {
  switch (wanted) {
    case SanType::kAny:
      return type != SubjectAltName::Type::kOther;
    case SanType::kDns:
      return type == SubjectAltName::Type::kDns;
    case SanType::kUri:
      return type == SubjectAltName::Type::kUri;
    case SanType::kEmail:
      return type == SubjectAltName::Type::kEmail;
    case SanType::kIpAddress:
      return type == SubjectAltName::Type::kIpAddress;
    case SanType::kOther:
      return false;
  }
  return false;
}

bool IsDnsName(std::string_view in_certificate, std::string_view wanted) {
  if (absl::EqualsIgnoreCase(AbslView(in_certificate), AbslView(wanted))) return true;
  const size_t dot = wanted.find('.');
  if (dot == std::string_view::npos || dot == 0 || !in_certificate.starts_with("*.")) return false;
  return absl::EqualsIgnoreCase(AbslView(in_certificate.substr(1)), AbslView(wanted.substr(dot)));
}

bool Matches(const SanMatcher& matcher, const SubjectAltName& name) {
  if (!IsFor(matcher.type, name.type)) return false;
  const bool by_dns = name.type == SubjectAltName::Type::kDns &&
                      matcher.matcher.kind == resource::StringMatcher::Kind::kExact;
  return by_dns ? IsDnsName(name.value, matcher.matcher.value)
                : matcher.matcher.Matches(name.value);
}

std::string_view NameOf(SanType type) {
  switch (type) {
    case SanType::kAny:
      return "";
    case SanType::kDns:
      return "DNS ";
    case SanType::kUri:
      return "URI ";
    case SanType::kEmail:
      return "e-mail ";
    case SanType::kIpAddress:
      return "IP ";
    case SanType::kOther:
      return "otherName ";
  }
  return "";
}

std::string NamesOf(const tls::PeerCertificate& peer) {
  if (peer.names.empty()) return "no name";
  std::string text;
  for (const SubjectAltName& name : peer.names) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", name.value);
  }
  return text;
}

class AnyOf final : public tls::PeerVerifier {
 public:
  explicit AnyOf(std::vector<SanMatcher> matchers)
      : matchers_(std::move(matchers)), wanted_(Describe(matchers_)) {}

  absl::Status Verify(const tls::PeerCertificate& peer) const override {
    const bool found = std::any_of(peer.names.begin(), peer.names.end(), [&](const auto& name) {
      return std::any_of(matchers_.begin(), matchers_.end(),
                         [&](const SanMatcher& matcher) { return Matches(matcher, name); });
    });
    if (found) return absl::OkStatus();
    return absl::PermissionDeniedError(
        absl::StrCat("certificate is for ", NamesOf(peer), ", not for ", wanted_));
  }

 private:
  const std::vector<SanMatcher> matchers_;
  const std::string wanted_;
};

}  // namespace

std::shared_ptr<const tls::PeerVerifier> SanVerifier(std::vector<SanMatcher> matchers) {
  return std::make_shared<AnyOf>(std::move(matchers));
}

std::string Describe(const std::vector<SanMatcher>& matchers) {
  std::string text;
  for (const SanMatcher& matcher : matchers) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", AbslView(NameOf(matcher.type)),
                    matcher.matcher.ToString());
  }
  return text;
}

}  // namespace meshlib::snapshot
