// SPDX-License-Identifier: Apache-2.0
#include "tls/subject_alt_names.h"

#include <openssl/asn1.h>

namespace meshlib::tls {
namespace {

bool SetText(GENERAL_NAME& name, int kind, const std::string& value) {
  bssl::UniquePtr<ASN1_IA5STRING> text(ASN1_IA5STRING_new());
  if (text == nullptr || value.find('\0') != std::string::npos ||
      ASN1_STRING_set(text.get(), value.data(), static_cast<int>(value.size())) != 1) {
    return false;
  }
  GENERAL_NAME_set0_value(&name, kind, text.release());
  return true;
}

bool SetIp(GENERAL_NAME& name, const std::string& value) {
  ASN1_OCTET_STRING* const bytes = a2i_IPADDRESS(value.c_str());
  if (bytes == nullptr) return false;
  GENERAL_NAME_set0_value(&name, GEN_IPADD, bytes);
  return true;
}

bool Set(GENERAL_NAME& name, const SubjectAltName& san) {
  if (san.value.empty()) return false;
  switch (san.type) {
    case SubjectAltName::Type::kDns:
      return SetText(name, GEN_DNS, san.value);
    case SubjectAltName::Type::kUri:
      return SetText(name, GEN_URI, san.value);
    case SubjectAltName::Type::kEmail:
      return SetText(name, GEN_EMAIL, san.value);
    case SubjectAltName::Type::kIpAddress:
      return SetIp(name, san.value);
    case SubjectAltName::Type::kOther:
      break;
  }
  return false;
}

}  // namespace

bssl::UniquePtr<GENERAL_NAMES> MakeGeneralNames(const std::vector<SubjectAltName>& names) {
  bssl::UniquePtr<GENERAL_NAMES> made(GENERAL_NAMES_new());
  if (made == nullptr) return nullptr;
  for (const SubjectAltName& san : names) {
    bssl::UniquePtr<GENERAL_NAME> name(GENERAL_NAME_new());
    if (name == nullptr || !Set(*name, san)) return nullptr;
    if (!bssl::PushToStack(made.get(), std::move(name))) return nullptr;
  }
  return made;
}

}  // namespace meshlib::tls
