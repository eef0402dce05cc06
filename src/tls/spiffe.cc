// SPDX-License-Identifier: Apache-2.0
#include "tls/spiffe.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"

namespace meshlib::tls {
namespace {

constexpr std::string_view kScheme = "spiffe://";
constexpr size_t kMaxId = 2048;
constexpr size_t kMaxTrustDomain = 255;
constexpr size_t kShownBytes = 200;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsMark(char c) { return c == '.' || c == '-' || c == '_'; }

bool IsTrustDomain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTrustDomain &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLower(c) || IsDigit(c) || IsMark(c); });
}

bool IsSegment(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLower(c) || IsUpper(c) || IsDigit(c) || IsMark(c); });
}

// `path` is empty or begins with a slash.
bool IsPath(std::string_view path) {
  while (!path.empty()) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    if (!IsSegment(path.substr(0, end))) return false;
    path.remove_prefix(end);
  }
  return true;
}

absl::Status IdError(std::string_view uri, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", absl::CHexEscape(base::AbslView(uri.substr(0, kShownBytes))),
      uri.size() > kShownBytes ? "..." : "", "\" is no SPIFFE ID: ", base::AbslView(what)));
}

absl::Status SvidError(std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("not a SPIFFE identity: ", base::AbslView(what)));
}

absl::Status CheckUsages(const PeerCertificate& peer) {
  if (peer.is_authority) return SvidError("the certificate is an authority's");
  if (!peer.key_usage.has_value()) return SvidError("key usage is absent");
  if (!peer.key_usage->critical) return SvidError("key usage is not critical");
  if (!peer.key_usage->digital_signature) return SvidError("key usage lacks digitalSignature");
  if (peer.key_usage->certificate_sign) return SvidError("key usage has keyCertSign");
  if (peer.key_usage->crl_sign) return SvidError("key usage has cRLSign");
  if (peer.extended_key_usage.has_value() && !(peer.extended_key_usage->server_authentication &&
                                               peer.extended_key_usage->client_authentication)) {
    return SvidError("extended key usage lacks serverAuth or clientAuth");
  }
  return absl::OkStatus();
}

class IdentityVerifier final : public PeerVerifier {
 public:
  explicit IdentityVerifier(std::set<std::string, std::less<>> trust_domains)
      : trust_domains_(std::move(trust_domains)) {}

  absl::Status Verify(const PeerCertificate& peer) const override {
    const absl::StatusOr<SpiffeId> id = ReadSvid(peer);
    if (!id.ok()) return id.status();
    if (trust_domains_.empty() || trust_domains_.contains(id->trust_domain)) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat(id->ToString(), " is of a trust domain that is not trusted"));
  }

 private:
  const std::set<std::string, std::less<>> trust_domains_;
};

}  // namespace

absl::StatusOr<SpiffeId> SpiffeId::Parse(std::string_view uri) {
  if (uri.size() > kMaxId) return IdError(uri, "it is longer than 2048 bytes");
  if (!uri.starts_with(kScheme)) return IdError(uri, "its scheme is not \"spiffe\"");
  const std::string_view rest = uri.substr(kScheme.size());
  const size_t end = std::min(rest.find('/'), rest.size());
  if (!IsTrustDomain(rest.substr(0, end))) {
    return IdError(uri, "its trust domain has other characters than a-z, 0-9, '.', '-' and '_'");
  }
  if (!IsPath(rest.substr(end))) {
    return IdError(uri,
                   "its path has an empty or dot segment, or other characters than a-z, A-Z, 0-9, "
                   "'.', '-' and '_'");
  }
  return SpiffeId{std::string(rest.substr(0, end)), std::string(rest.substr(end))};
}

std::string SpiffeId::ToString() const { return absl::StrCat("spiffe://", trust_domain, path); }

absl::StatusOr<SpiffeId> ReadSvid(const PeerCertificate& peer) {
  const SubjectAltName* uri = nullptr;
  for (const SubjectAltName& name : peer.names) {
    if (name.type != SubjectAltName::Type::kUri) continue;
    if (uri != nullptr) return SvidError("there is more than one URI among the names");
    uri = &name;
  }
  if (uri == nullptr) return SvidError("there is no URI among the names");
  absl::StatusOr<SpiffeId> id = SpiffeId::Parse(uri->value);
  if (!id.ok()) return SvidError(base::StdView(id.status().message()));
  if (id->path.empty()) return SvidError("the ID names a trust domain, not a workload");
  if (peer.subject.empty() && !peer.names_critical) {
    return SvidError("the subject is empty and the names are not critical");
  }
  if (absl::Status status = CheckUsages(peer); !status.ok()) return status;
  return id;
}

std::shared_ptr<const PeerVerifier> SpiffeVerifier(
    std::set<std::string, std::less<>> trust_domains) {
  return std::make_shared<const IdentityVerifier>(std::move(trust_domains));
}

}  // namespace meshlib::tls
