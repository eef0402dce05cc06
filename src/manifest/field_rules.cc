// SPDX-License-Identifier: Apache-2.0
#include "manifest/field_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/string_view.h"
#include "manifest/fields.h"
#include "re2/re2.h"
#include "resource/address.h"

namespace meshlib::manifest {
namespace {

using base::AbslView;
using base::StdView;

constexpr size_t kMaxLabel = 63;
constexpr size_t kMaxName = 255;
constexpr size_t kMaxRegex = 1024;

std::string Shown(std::string_view text) {
  return absl::StrCat("\"", AbslView(text.substr(0, 80)), text.size() > 80 ? "..." : "", "\"");
}

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsAllDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// Labels separated by dots; the last one may be empty, and is no number.
bool AreDnsLabels(std::string_view text) {
  const std::vector<std::string> labels = absl::StrSplit(AbslView(text), '.');
  if (IsAllDigits(labels.back())) return false;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].empty() && i > 0 && i + 1 == labels.size()) return true;
    if (!IsDnsLabel(labels[i])) return false;
  }
  return true;
}

// Letters, digits, '-', '_' and '.', an alphanumeric first and last.
bool IsLabelText(std::string_view text) {
  if (text.size() > kMaxLabel || text.empty()) return false;
  const bool allowed = std::all_of(text.begin(), text.end(), [](char c) {
    return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.';
  });
  return allowed && IsAlphanumeric(text.front()) && IsAlphanumeric(text.back());
}

bool IsLabelKey(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == key.npos) return IsLabelText(key);
  return IsDnsName(key.substr(0, slash)) && IsLabelText(key.substr(slash + 1));
}

// Decodes text and reports `what` it is not, unless `is_valid`.
void DecodeChecked(const Cursor& at, std::string* out, bool (*is_valid)(std::string_view),
                   const char* what) {
  Decode(at, out);
  if (is_valid(*out)) return;
  if (out->size() > kMaxName) {
    return at.Error(absl::StrCat(Shown(*out), " has ", out->size(), " letters; ", what,
                                 " has at most ", kMaxName));
  }
  at.Error(absl::StrCat(Shown(*out), " is not ", what));
}

bool IsObjectName(std::string_view name) {
  const bool upper = std::any_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isupper(static_cast<unsigned char>(c));
  });
  // Kubernetes allows names of digits, which are no host names.
  return !upper && (IsDnsName(name) || (IsAllDigits(name) && name.size() <= kMaxLabel));
}

}  // namespace

bool IsDnsLabel(std::string_view text) {
  if (text.empty() || text.size() > kMaxLabel) return false;
  const bool allowed =
      std::all_of(text.begin(), text.end(), [](char c) { return IsAlphanumeric(c) || c == '-'; });
  return allowed && text.front() != '-' && text.back() != '-';
}

bool IsDnsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && AreDnsLabels(text);
}

bool IsWildcardHost(std::string_view text) {
  if (text.empty() || text.size() > kMaxName) return false;
  if (text.front() != '*') return AreDnsLabels(text);
  const size_t dot = text.find('.');
  const std::string_view first = text.substr(1, dot == text.npos ? dot : dot - 1);
  // "*-api" is a wildcard as well: a hyphen may follow the star.
  if (!first.empty() && !IsDnsLabel(absl::StrCat("x", AbslView(first)))) return false;
  return dot == text.npos || AreDnsLabels(text.substr(dot + 1));
}

bool IsIpAddress(std::string_view text) { return resource::Address::FromIp(text, 0).has_value(); }

bool IsIpSubnet(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == text.npos) return IsIpAddress(text);
  const std::string_view address = text.substr(0, slash);
  uint32_t bits = 0;
  return IsIpAddress(address) && absl::SimpleAtoi(AbslView(text.substr(slash + 1)), &bits) &&
         bits <= (address.find(':') == address.npos ? 32u : 128u);
}

void DecodeDnsLabel(const Cursor& at, std::string* out) {
  DecodeChecked(at, out, IsDnsLabel, "a DNS label (letters, digits and -, at most 63)");
}

void DecodeObjectName(const Cursor& at, std::string* out) {
  DecodeChecked(at, out, IsObjectName, "a DNS name in lower case");
}

void DecodeHost(const Cursor& at, std::string* out) {
  DecodeChecked(at, out, IsWildcardHost, "a DNS name, which may start with *");
}

void DecodeHostOrIp(const Cursor& at, std::string* out) {
  DecodeChecked(
      at, out, [](std::string_view text) { return IsWildcardHost(text) || IsIpAddress(text); },
      "a DNS name, which may start with *, or an IP address");
}

void DecodeIpSubnet(const Cursor& at, std::string* out) {
  DecodeChecked(at, out, IsIpSubnet, "an IP address, with or without a prefix length");
}

void DecodeRegex(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (out->empty()) return at.Error("a regular expression must not be empty");
  if (out->size() > kMaxRegex) {
    return at.Error(absl::StrCat("a regular expression has at most ", kMaxRegex, " letters, not ",
                                 out->size()));
  }
  const re2::RE2 compiled(*out, re2::RE2::Quiet);
  if (!compiled.ok()) {
    at.Error(absl::StrCat(Shown(*out), " is not a regular expression of RE2: ", compiled.error()));
  }
}

void DecodePort(const Cursor& at, uint32_t* out) {
  Decode(at, out);
  if (*out >= 1 && *out <= 65535) return;
  at.Error(absl::StrCat("port ", *out, " is not from 1 to 65535"));
}

void DecodeInt32(const Cursor& at, uint32_t* out) {
  constexpr uint32_t kMax = 0x7FFFFFFF;
  Decode(at, out);
  if (*out <= kMax) return;
  at.Error(absl::StrCat(*out, " is more than ", kMax));
  *out = kMax;
}

void DecodePercent(const Cursor& at, uint32_t* out) {
  Decode(at, out);
  if (*out > 100) at.Error(absl::StrCat(*out, " is more than 100 percent"));
}

void DecodePercentage(const Cursor& at, double* out) {
  Fields fields(at);
  *out = 0;  // as protobuf has it: {} is zero
  fields.Read("value", out);
  if (*out < 0 || *out > 100) {
    fields.Error("value", absl::StrCat(*out, " is not a percentage from 0 to 100"));
  }
}

void DecodeDurationOrZero(const Cursor& at, absl::Duration* out) {
  absl::Duration duration = absl::InfiniteDuration();
  const bool zero = at.value().kind == YamlValue::Kind::kScalar &&
                    absl::ParseDuration(at.value().scalar, &duration) &&
                    duration == absl::ZeroDuration();
  if (zero) {
    *out = duration;
  } else {
    Decode(at, out);
  }
}

void DecodeLabels(const Cursor& at, Labels* out) {
  DecodeMap(at, out, [](const Cursor& value, std::string* text) {
    Decode(value, text);
    if (!text->empty() && !IsLabelText(*text)) {
      value.Error(absl::StrCat(Shown(*text),
                               " is not a label's value: letters, digits, '-', '_' and "
                               "'.', at most 63, letters or digits at the ends"));
    }
  });
  for (const auto& [key, value] : *out) {
    if (!IsLabelKey(key)) at.Error(absl::StrCat(Shown(key), " is not a label's key"));
  }
}

void DecodeMatchLabels(const Cursor& at, Labels* out) {
  Fields(at).Read("matchLabels", out, DecodeLabels);
}

void DecodeExportTo(const Cursor& at, std::vector<std::string>* out, std::string_view name_space,
                    std::string_view none) {
  DecodeList(at, out, [&](const Cursor& item, std::string* value) {
    Decode(item, value);
    const bool known = *value == "." || *value == "*" || (!none.empty() && *value == none);
    if (!known && !IsDnsLabel(*value)) {
      item.Error(absl::StrCat(Shown(*value), " is neither a namespace nor \".\" nor \"*\""));
    }
  });
  std::set<std::string_view> seen;
  for (std::string_view value : *out) {
    if (!seen.insert(value == "." ? name_space : value).second) {
      at.Error(absl::StrCat(Shown(value), " is named twice"));
    }
    if ((value == "*" || value == "~") && out->size() > 1) {
      at.Error(absl::StrCat(Shown(value), " stands alone or not at all"));
    }
  }
}

void DecodeGatewayNames(const Cursor& at, std::vector<std::string>* out) {
  DecodeList(at, out, [](const Cursor& item, std::string* name) {
    Decode(item, name);
    const size_t slash = name->find('/');
    const std::string_view whole = *name;
    const bool valid = slash == whole.npos ? IsDnsName(whole)
                                           : IsDnsLabel(whole.substr(0, slash)) &&
                                                 IsDnsLabel(whole.substr(slash + 1));
    if (!valid) {
      item.Error(absl::StrCat(Shown(*name),
                              " is not a gateway's name: \"name\", "
                              "\"namespace/name\" or \"mesh\""));
    }
  });
}

bool IsFieldName(std::string_view name) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return IsAlphanumeric(c) || kOthers.find(c) != kOthers.npos;
  });
}

bool IsMatchableHeader(std::string_view name) {
  constexpr std::string_view kClaims = "@request.auth.claims";
  for (std::string_view pseudo : {":method", ":scheme", ":authority", ":path", ":status"}) {
    if (name == pseudo) return true;
  }
  return name.substr(0, kClaims.size()) == kClaims || IsFieldName(name);
}

}  // namespace meshlib::manifest
