// SPDX-License-Identifier: Apache-2.0
#include "tls/name_constraints.h"

#include <openssl/asn1.h>
#include <openssl/nid.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "tls/certificate.h"

namespace meshlib::tls {
namespace {

// Lower-case names, each with the dot in front: ".secret.example.com".
std::vector<std::string> ExcludedNames(const X509& authority) {
  std::vector<std::string> excluded;
  const bssl::UniquePtr<NAME_CONSTRAINTS> constraints(static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(&authority, NID_name_constraints, nullptr, nullptr)));
  if (constraints == nullptr) return excluded;
  const size_t size = sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees);
  for (size_t i = 0; i < size; ++i) {
    const GENERAL_NAME* base = sk_GENERAL_SUBTREE_value(constraints->excludedSubtrees, i)->base;
    if (base->type != GEN_DNS) continue;
    const std::string_view name(
        reinterpret_cast<const char*>(ASN1_STRING_get0_data(base->d.dNSName)),
        static_cast<size_t>(ASN1_STRING_length(base->d.dNSName)));
    excluded.push_back(absl::StrCat(name.starts_with('.') ? "" : ".",
                                    absl::AsciiStrToLower(base::AbslView(name))));
  }
  return excluded;
}

// What is behind the asterisk: ".example.com".
std::vector<std::string> Wildcards(X509& leaf) {
  std::vector<std::string> wildcards;
  const absl::StatusOr<PeerCertificate> peer = ReadCertificate(leaf);
  if (!peer.ok()) return wildcards;  // refused elsewhere
  for (const SubjectAltName& name : peer->names) {
    if (name.type == SubjectAltName::Type::kDns && name.value.starts_with("*.")) {
      wildcards.push_back(absl::AsciiStrToLower(name.value.substr(1)));
    }
  }
  return wildcards;
}

}  // namespace

absl::Status CheckWildcards(const STACK_OF(X509) & path) {
  std::vector<std::string> excluded;
  for (size_t i = 1; i < sk_X509_num(&path); ++i) {
    for (std::string& name : ExcludedNames(*sk_X509_value(&path, i))) {
      excluded.push_back(std::move(name));
    }
  }
  if (excluded.empty()) return absl::OkStatus();
  for (const std::string& wildcard : Wildcards(*sk_X509_value(&path, 0))) {
    for (const std::string& name : excluded) {
      if (!name.ends_with(wildcard)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("*", absl::CHexEscape(wildcard), " stands for ",
                       absl::CHexEscape(name.substr(1)), ", which an authority of it excludes"));
    }
  }
  return absl::OkStatus();
}

}  // namespace meshlib::tls
