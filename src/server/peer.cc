// SPDX-License-Identifier: Apache-2.0
#include "server/peer.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "base/string_view.h"

namespace meshlib::server {
namespace {

using resource::ClientCertificateDetails;
using tls::SubjectAltName;

constexpr std::string_view kHeader = "x-forwarded-client-cert";
constexpr std::string_view kSpiffe = "spiffe://";

std::vector<std::string> OfType(SubjectAltName::Type type, std::span<const SubjectAltName> all) {
  std::vector<std::string> names;
  for (const SubjectAltName& name : all) {
    if (name.type == type) names.push_back(name.value);
  }
  return names;
}

// What would end a value or the header in another place than meant.
bool MustBeEncoded(char byte) {
  return byte == '"' || byte == ',' || byte == ';' || byte <= ' ' || byte >= '\x7f';
}

std::string Encoded(std::string_view value) {
  std::string encoded;
  for (const char byte : value) {
    if (MustBeEncoded(byte)) {
      absl::StrAppend(&encoded, "%", absl::Hex(static_cast<uint8_t>(byte), absl::kZeroPad2));
    } else {
      encoded.push_back(byte);
    }
  }
  return encoded;
}

// Within quotes a subject may have spaces, commas and semicolons.
std::string Quoted(std::string_view subject) {
  std::string quoted = "\"";
  for (const char byte : subject) {
    if (byte == '"' || byte == '\\') quoted.push_back('\\');
    quoted.push_back(byte < ' ' && byte >= 0 ? '?' : byte);
  }
  return quoted + "\"";
}

std::string EncodedPem(std::string_view pem) {
  return absl::StrReplaceAll(
      base::AbslView(pem), {{"\n", "%0A"}, {" ", "%20"}, {"+", "%2B"}, {"/", "%2F"}, {"=", "%3D"}});
}

void AppendNames(std::string_view key, const std::vector<std::string>& names,
                 std::vector<std::string>& parts) {
  for (const std::string& name : names) {
    parts.push_back(absl::StrCat(base::AbslView(key), "=", Encoded(name)));
  }
}

}  // namespace

Peer Peer::Of(const tls::Engine& engine) {
  Peer peer;
  const std::shared_ptr<const tls::PeerCertificate>& shown = engine.peer();
  if (shown == nullptr) return peer;
  auto identity = std::make_shared<PeerIdentity>();
  identity->uris = OfType(SubjectAltName::Type::kUri, shown->names);
  identity->dns_names = OfType(SubjectAltName::Type::kDns, shown->names);
  identity->subject = shown->subject;
  identity->certificate_sha256 = shown->sha256;
  // X509-SVID section 2: a SPIFFE certificate has exactly one URI.
  if (identity->uris.size() == 1 && identity->uris.front().starts_with(kSpiffe)) {
    identity->spiffe_id = identity->uris.front();
  }
  peer.names = {identity->uris, identity->dns_names, identity->subject};
  peer.identity = std::move(identity);
  return peer;
}

std::string ForwardedCertificate(const ClientCertificateDetails& details,
                                 const tls::PeerCertificate& peer,
                                 std::span<const SubjectAltName> own) {
  std::vector<std::string> parts;
  AppendNames("By", OfType(SubjectAltName::Type::kUri, own), parts);
  parts.push_back(absl::StrCat("Hash=", peer.sha256));
  if (details.certificate)
    parts.push_back(absl::StrCat("Cert=\"", EncodedPem(peer.leaf_pem), "\""));
  if (details.subject) parts.push_back(absl::StrCat("Subject=", Quoted(peer.subject)));
  if (details.uri) {
    const std::vector<std::string> uris = OfType(SubjectAltName::Type::kUri, peer.names);
    if (uris.empty()) parts.push_back("URI=");
    AppendNames("URI", uris, parts);
  }
  if (details.dns) AppendNames("DNS", OfType(SubjectAltName::Type::kDns, peer.names), parts);
  return absl::StrJoin(parts, ";");
}

void ForwardCertificate(ClientCertificateDetails::Action action, std::string_view certificate,
                        Headers& headers) {
  using Action = ClientCertificateDetails::Action;
  if (action == Action::kAlwaysForward) return;
  if (action == Action::kRemove || certificate.empty()) {
    headers.Remove(kHeader);
    return;
  }
  std::string storage;
  std::optional<std::string_view> earlier;
  if (action == Action::kAppend) earlier = headers.GetJoined(kHeader, &storage);
  if (action == Action::kForward) return;
  const std::string value =
      earlier ? absl::StrCat(base::AbslView(*earlier), ",", base::AbslView(certificate))
              : std::string(certificate);
  headers.Set(kHeader, value);
}

}  // namespace meshlib::server
