// SPDX-License-Identifier: Apache-2.0
#include "xds/decode_value.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <limits>

#include "meshlib/udpa/type/v1/typed_struct.pb.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;

// google.protobuf.Duration: at most 10 000 years.
constexpr int64_t kMaxSeconds = 315'576'000'000;
constexpr int32_t kMaxNanos = 999'999'999;

std::string_view StripTypeUrl(std::string_view type_url) {
  const size_t slash = type_url.rfind('/');
  return slash == std::string_view::npos ? type_url : type_url.substr(slash + 1);
}

// "virtual-service" -> "VirtualService".
std::string KindName(std::string_view kebab) {
  std::string kind;
  bool upper = true;
  for (const char c : kebab) {
    if (c == '-') {
      upper = true;
      continue;
    }
    kind += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return kind;
}

std::optional<resource::Address> DecodeSocketAddress(const core::SocketAddress& in,
                                                     DecodeContext& context) {
  if (in.protocol() != core::SocketAddress::TCP) {
    context.Error("socket_address.protocol", "only TCP is supported");
    return std::nullopt;
  }
  if (in.port_specifier_case() != core::SocketAddress::kPortValue) {
    context.Error("socket_address.port_value", "is required");
    return std::nullopt;
  }
  if (in.port_value() > std::numeric_limits<uint16_t>::max()) {
    context.Error("socket_address.port_value", std::to_string(in.port_value()) + " is no port");
    return std::nullopt;
  }
  auto address = resource::Address::FromIp(in.address(), static_cast<uint16_t>(in.port_value()));
  if (!address) {
    context.Error("socket_address.address", "\"" + in.address() + "\" is not an IP address");
  }
  return address;
}

}  // namespace

bool ParseResource(std::string_view bytes, google::protobuf::Message& message,
                   DecodeContext& context) {
  if (bytes.size() > kMaxResourceBytes) {
    context.Error(std::to_string(bytes.size()) + " bytes are more than the limit of " +
                  std::to_string(kMaxResourceBytes));
    return false;
  }
  if (message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return true;
  context.Error("the bytes are not a message of this type");
  return false;
}

absl::Duration DecodeDuration(const google::protobuf::Duration& duration, std::string_view field,
                              DecodeContext& context) {
  if (duration.seconds() < 0 || duration.nanos() < 0) {
    context.Error(field, "the duration is negative");
    return absl::ZeroDuration();
  }
  if (duration.seconds() > kMaxSeconds || duration.nanos() > kMaxNanos) {
    context.Error(field, "the duration is out of range");
    return absl::ZeroDuration();
  }
  return absl::Seconds(duration.seconds()) + absl::Milliseconds(duration.nanos() / 1'000'000);
}

absl::Duration DecodePositiveDuration(const google::protobuf::Duration& duration,
                                      std::string_view field, DecodeContext& context) {
  if (duration.seconds() == 0 && duration.nanos() == 0) {
    context.Error(field, "the duration must be greater than zero");
    return absl::ZeroDuration();
  }
  return DecodeDuration(duration, field, context);
}

resource::FractionalPercent DecodeFractionalPercent(const envoy::type::v3::FractionalPercent& in,
                                                    std::string_view field,
                                                    DecodeContext& context) {
  using Percent = envoy::type::v3::FractionalPercent;
  static constexpr std::array<uint64_t, 3> kScale = {10'000, 100, 1};
  if (!Percent::DenominatorType_IsValid(in.denominator())) {
    context.Error(field, "unknown denominator");
    return {};
  }
  const uint64_t scaled = in.numerator() * kScale[static_cast<size_t>(in.denominator())];
  return {.per_million = static_cast<uint32_t>(std::min<uint64_t>(scaled, 1'000'000))};
}

double DecodePercent(const envoy::type::v3::Percent& in, std::string_view field,
                     DecodeContext& context) {
  if (std::isnan(in.value()) || in.value() < 0 || in.value() > 100) {
    context.Error(field, "must be between 0 and 100");
    return 0;
  }
  return in.value();
}

std::optional<resource::Address> DecodeAddress(const core::Address& in, DecodeContext& context) {
  switch (in.address_case()) {
    case core::Address::kSocketAddress:
      return DecodeSocketAddress(in.socket_address(), context);
    case core::Address::kPipe: {
      auto address = resource::Address::FromUnixPath(in.pipe().path());
      if (!address) context.Error("pipe.path", "must have 1 to 107 bytes and no NUL");
      return address;
    }
    default:
      context.Error("must be a socket address or a pipe");
      return std::nullopt;
  }
}

std::optional<resource::CidrRange> DecodeCidrRange(const core::CidrRange& in,
                                                   DecodeContext& context) {
  const auto address = resource::Address::FromIp(in.address_prefix(), 0);
  if (!address) context.Error("address_prefix", "is not an IP address");
  if (in.prefix_len().value() > 128) context.Error("prefix_len", "must not be more than 128");
  if (!address) return std::nullopt;
  const uint32_t most = address->family() == resource::Address::Family::kIpv4 ? 32 : 128;
  return resource::CidrRange{
      .address = *address,
      .prefix_size = static_cast<uint8_t>(std::min(most, in.prefix_len().value()))};
}

std::string MetadataString(const core::Metadata& metadata, std::string_view name,
                           std::string_view key) {
  const auto fields = metadata.filter_metadata().find(std::string(name));
  if (fields == metadata.filter_metadata().end()) return "";
  const auto value = fields->second.fields().find(std::string(key));
  return value == fields->second.fields().end() ? "" : value->second.string_value();
}

resource::Origin DecodeOrigin(const core::Metadata& metadata) {
  resource::Origin origin;
  const std::string path = MetadataString(metadata, "istio", "config");
  constexpr std::string_view kNamespaces = "/namespaces/";
  const size_t begin = path.find(kNamespaces);
  if (begin == std::string::npos) return origin;
  const std::string_view rest = std::string_view(path).substr(begin + kNamespaces.size());
  const size_t kind = rest.find('/');
  const size_t name = kind == std::string_view::npos ? kind : rest.find('/', kind + 1);
  if (name == std::string_view::npos) return origin;
  origin.object = KindName(rest.substr(kind + 1, name - kind - 1)) + " ";
  origin.object += rest.substr(0, kind);
  origin.object += rest.substr(name);
  origin.field = MetadataString(metadata, "meshlib", "field");
  return origin;
}

bool IsHeaderText(std::string_view text) {
  using namespace std::string_view_literals;
  return text.find_first_of("\0\r\n"sv) == std::string_view::npos;
}

void RequireHeaderText(std::string_view text, std::string_view field, DecodeContext& context) {
  if (!IsHeaderText(text)) context.Error(field, "contains NUL, CR or LF");
}

void RequireHeaderName(std::string_view text, std::string_view field, DecodeContext& context) {
  if (text.empty()) context.Error(field, "must not be empty");
  RequireHeaderText(text, field, context);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return lower;
}

void RequireAds(const core::ConfigSource& source, DecodeContext& context) {
  if (!source.has_ads() && !source.has_self()) context.Error("only ads and self are supported");
}

std::string ExtensionType(const google::protobuf::Any& any) {
  const std::string_view type = StripTypeUrl(any.type_url());
  if (type == "udpa.type.v1.TypedStruct" || type == "xds.type.v3.TypedStruct") {
    udpa::type::v1::TypedStruct wrapped;
    if (wrapped.ParseFromString(any.value())) return std::string(StripTypeUrl(wrapped.type_url()));
  }
  return std::string(type);
}

bool DecidesSecurity(std::string_view name_or_type) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "rbac",         "jwt_authn", "ext_authz",           "oauth2", "basic_auth",
      "api_key_auth", "csrf",      "credential_injector", "authn"};
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) {
    return name_or_type.find(word) != std::string_view::npos;
  });
}

}  // namespace meshlib::xds
