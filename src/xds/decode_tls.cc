#include "xds/decode_tls.h"

#include <utility>

#include "meshlib/envoy/extensions/transport_sockets/tls/v3/tls.pb.h"
#include "xds/decode_matcher.h"
#include "xds/decode_unused.h"
#include "xds/decode_value.h"

namespace meshlib::xds {
namespace {

namespace core = envoy::config::core::v3;
namespace tls = envoy::extensions::transport_sockets::tls::v3;
using resource::CertificateSource;
using resource::SanType;
using resource::TlsContext;

constexpr std::string_view kClientType =
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
constexpr std::string_view kServerType =
    "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
constexpr std::string_view kRawBufferType =
    "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
constexpr size_t kMaxServerName = 255;

CertificateSource FromProvider(const std::string& instance) {
  CertificateSource source;
  source.provider_instance = instance;
  return source;
}

CertificateSource FromSecret(const std::string& name) {
  CertificateSource source;
  source.secret = name;
  return source;
}

std::optional<CertificateSource> DecodeIdentity(const tls::CommonTlsContext& in,
                                                DecodeContext& context) {
  if (in.tls_certificates_size() + in.tls_certificate_sds_secret_configs_size() > 1) {
    context.Ignored("tls_certificates", "only the first certificate is used");
  }
  if (in.has_tls_certificate_provider_instance()) {
    return FromProvider(in.tls_certificate_provider_instance().instance_name());
  }
  if (in.has_tls_certificate_certificate_provider_instance()) {
    return FromProvider(in.tls_certificate_certificate_provider_instance().instance_name());
  }
  if (in.tls_certificate_sds_secret_configs_size() > 0) {
    return FromSecret(in.tls_certificate_sds_secret_configs(0).name());
  }
  if (in.tls_certificates_size() == 0) return std::nullopt;
  CertificateSource files;
  files.certificate_file = in.tls_certificates(0).certificate_chain().filename();
  files.private_key_file = in.tls_certificates(0).private_key().filename();
  return files;
}

SanType DecodeSanType(const tls::SubjectAltNameMatcher& in, DecodeContext& context) {
  switch (in.san_type()) {
    case tls::SubjectAltNameMatcher::EMAIL:
      return SanType::kEmail;
    case tls::SubjectAltNameMatcher::DNS:
      return SanType::kDns;
    case tls::SubjectAltNameMatcher::URI:
      return SanType::kUri;
    case tls::SubjectAltNameMatcher::IP_ADDRESS:
      return SanType::kIpAddress;
    case tls::SubjectAltNameMatcher::OTHER_NAME:
      return SanType::kOther;
    default:
      context.Error("san_type", "unknown value");
      return SanType::kOther;
  }
}

void DecodeValidation(const tls::CertificateValidationContext& in, TlsContext& out,
                      DecodeContext& context) {
  if (in.has_ca_certificate_provider_instance()) {
    out.roots = FromProvider(in.ca_certificate_provider_instance().instance_name());
  } else if (in.has_trusted_ca()) {
    CertificateSource files;
    files.ca_file = in.trusted_ca().filename();
    out.roots = files;
  }
  for (int i = 0; i < in.match_typed_subject_alt_names_size(); ++i) {
    const auto scope = context.In("match_typed_subject_alt_names", i);
    const auto& name = in.match_typed_subject_alt_names(i);
    out.peer_names.push_back(
        {DecodeSanType(name, context), DecodeStringMatcher(name.matcher(), context)});
  }
  for (int i = 0; i < in.match_subject_alt_names_size(); ++i) {
    const auto scope = context.In("match_subject_alt_names", i);
    out.peer_names.push_back(
        {SanType::kAny, DecodeStringMatcher(in.match_subject_alt_names(i), context)});
  }
}

void DecodeValidationSource(const tls::CommonTlsContext& in, TlsContext& out,
                            DecodeContext& context) {
  if (in.has_validation_context()) {
    const auto scope = context.In("validation_context");
    DecodeValidation(in.validation_context(), out, context);
  } else if (in.has_combined_validation_context()) {
    const auto scope = context.In("combined_validation_context");
    const auto& combined = in.combined_validation_context();
    DecodeValidation(combined.default_validation_context(), out, context);
    if (combined.has_validation_context_sds_secret_config()) {
      out.roots = FromSecret(combined.validation_context_sds_secret_config().name());
    } else if (combined.has_validation_context_certificate_provider_instance()) {
      out.roots =
          FromProvider(combined.validation_context_certificate_provider_instance().instance_name());
    }
  } else if (in.has_validation_context_sds_secret_config()) {
    out.roots = FromSecret(in.validation_context_sds_secret_config().name());
  } else if (in.has_validation_context_certificate_provider_instance()) {
    out.roots = FromProvider(in.validation_context_certificate_provider_instance().instance_name());
  }
}

TlsContext DecodeCommon(const tls::CommonTlsContext& in, DecodeContext& context) {
  const auto scope = context.In("common_tls_context");
  TlsContext out;
  out.identity = DecodeIdentity(in, context);
  DecodeValidationSource(in, out, context);
  out.alpn.assign(in.alpn_protocols().begin(), in.alpn_protocols().end());
  return out;
}

// False, with a problem, when the bytes are not such a message or have unknown fields.
template <typename Message>
bool ParseStrictly(const google::protobuf::Any& any, Message& message, DecodeContext& context) {
  if (!message.ParseFromString(any.value())) {
    context.Error("the bytes are not a message of type " + Message::descriptor()->name());
    return false;
  }
  RequireNoUnknownFields(message, context);
  return true;
}

TlsContext DecodeClient(const google::protobuf::Any& any, DecodeContext& context) {
  tls::UpstreamTlsContext in;
  if (!ParseStrictly(any, in, context)) return {};
  TlsContext out = DecodeCommon(in.common_tls_context(), context);
  if (in.sni().size() > kMaxServerName) context.Error("sni", "is longer than 255 bytes");
  out.sni = in.sni();
  return out;
}

TlsContext DecodeServer(const google::protobuf::Any& any, DecodeContext& context) {
  tls::DownstreamTlsContext in;
  if (!ParseStrictly(any, in, context)) return {};
  TlsContext out = DecodeCommon(in.common_tls_context(), context);
  out.require_client_certificate = in.require_client_certificate().value();
  return out;
}

}  // namespace

Transport DecodeTransport(const core::TransportSocket& in, TlsSide side, DecodeContext& context) {
  if (in.name().empty()) context.Error("name", "must not be empty");
  RequireNoUnknownFields(in, context);
  const std::string type = ExtensionType(in.typed_config());
  const auto scope = context.In("typed_config");
  if (side == TlsSide::kClient && type == kClientType) {
    return DecodeClient(in.typed_config(), context);
  }
  if (side == TlsSide::kServer && type == kServerType) {
    return DecodeServer(in.typed_config(), context);
  }
  if (type == kRawBufferType) return PlaintextTransport{};
  const std::string& shown = type.empty() ? in.name() : type;
  return UnsupportedTransport{"security: transport socket " + shown + " is not supported yet"};
}

}  // namespace meshlib::xds
