// SPDX-License-Identifier: Apache-2.0
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

// One TLS context. What it demands and we cannot do is remembered: whoever leaves it out would
// trust more peers than was asked for.
class TlsDecoder final {
 public:
  explicit TlsDecoder(DecodeContext& context) : context_(context) {}

  Transport Client(const google::protobuf::Any& any);
  Transport Server(const google::protobuf::Any& any);

 private:
  // False, with a problem, when the bytes are not such a message or have unknown fields.
  template <typename Message>
  bool Parse(const google::protobuf::Any& any, Message& message);
  void Common(const tls::CommonTlsContext& in);
  void Versions(const tls::TlsParameters& in);
  void Identity(const tls::CommonTlsContext& in);
  void IdentityFiles(const tls::TlsCertificate& in);
  void Validation(const tls::CommonTlsContext& in);
  void Peer(const tls::CertificateValidationContext& in);
  void PeerNames(const tls::CertificateValidationContext& in);
  // File or text; false for other kinds.
  void Data(const core::DataSource& in, std::string& file, std::string& text,
            std::string_view field);
  void Demand(bool asked_for, std::string_view what);
  Transport Result();

  DecodeContext& context_;
  TlsContext out_;
  std::string unsupported_;
};

template <typename Message>
bool TlsDecoder::Parse(const google::protobuf::Any& any, Message& message) {
  if (!message.ParseFromString(any.value())) {
    context_.Error("the bytes are not a message of type " + Message::descriptor()->name());
    return false;
  }
  RequireNoUnknownFields(message, context_);
  return true;
}

void TlsDecoder::Demand(bool asked_for, std::string_view what) {
  if (asked_for && unsupported_.empty()) unsupported_ = what;
}

Transport TlsDecoder::Result() {
  if (unsupported_.empty()) return std::move(out_);
  return UnsupportedTransport{"security: " + unsupported_ + " not supported yet"};
}

void TlsDecoder::Data(const core::DataSource& in, std::string& file, std::string& text,
                      std::string_view field) {
  switch (in.specifier_case()) {
    case core::DataSource::kFilename:
      file = in.filename();
      break;
    case core::DataSource::kInlineBytes:
      text = in.inline_bytes();
      break;
    case core::DataSource::kInlineString:
      text = in.inline_string();
      break;
    default:
      Demand(in.specifier_case() == core::DataSource::kEnvironmentVariable,
             "a certificate in an environment variable is");
      if (in.specifier_case() == core::DataSource::SPECIFIER_NOT_SET) {
        context_.Error(field, "must say where the data is");
      }
      return;
  }
  if (file.empty() && text.empty()) context_.Error(field, "must not be empty");
}

void TlsDecoder::Identity(const tls::CommonTlsContext& in) {
  if (in.tls_certificates_size() + in.tls_certificate_sds_secret_configs_size() > 1) {
    context_.Ignored("tls_certificates", "only the first certificate is used");
  }
  if (in.has_tls_certificate_provider_instance()) {
    out_.identity = FromProvider(in.tls_certificate_provider_instance().instance_name());
  } else if (in.has_tls_certificate_certificate_provider_instance()) {
    out_.identity =
        FromProvider(in.tls_certificate_certificate_provider_instance().instance_name());
  } else if (in.tls_certificate_sds_secret_configs_size() > 0) {
    out_.identity = FromSecret(in.tls_certificate_sds_secret_configs(0).name());
  } else if (in.tls_certificates_size() > 0) {
    const auto scope = context_.In("tls_certificates", 0);
    IdentityFiles(in.tls_certificates(0));
  }
}

void TlsDecoder::IdentityFiles(const tls::TlsCertificate& in) {
  CertificateSource& source = out_.identity.emplace();
  Data(in.certificate_chain(), source.certificate_file, source.certificate_pem,
       "certificate_chain");
  Data(in.private_key(), source.private_key_file, source.private_key_pem, "private_key");
  if (source.certificate_file.empty() != source.private_key_file.empty()) {
    Demand(true, "a key pair that is half file and half text is");
  }
}

void TlsDecoder::PeerNames(const tls::CertificateValidationContext& in) {
  for (int i = 0; i < in.match_typed_subject_alt_names_size(); ++i) {
    const auto scope = context_.In("match_typed_subject_alt_names", i);
    const auto& name = in.match_typed_subject_alt_names(i);
    const SanType type = DecodeSanType(name, context_);
    Demand(type == SanType::kOther, "a match on an otherName is");
    out_.peer_names.push_back({type, DecodeStringMatcher(name.matcher(), context_)});
  }
  for (int i = 0; i < in.match_subject_alt_names_size(); ++i) {
    const auto scope = context_.In("match_subject_alt_names", i);
    out_.peer_names.push_back(
        {SanType::kAny, DecodeStringMatcher(in.match_subject_alt_names(i), context_)});
  }
}

void TlsDecoder::Peer(const tls::CertificateValidationContext& in) {
  if (in.has_ca_certificate_provider_instance()) {
    out_.roots = FromProvider(in.ca_certificate_provider_instance().instance_name());
  } else if (in.has_trusted_ca()) {
    CertificateSource& source = out_.roots.emplace();
    Data(in.trusted_ca(), source.ca_file, source.ca_pem, "trusted_ca");
  } else if (in.has_system_root_certs()) {
    out_.roots.emplace().system_roots = true;
  }
  PeerNames(in);
  Demand(in.verify_certificate_spki_size() > 0, "verify_certificate_spki is");
  Demand(in.verify_certificate_hash_size() > 0, "verify_certificate_hash is");
  Demand(in.require_signed_certificate_timestamp().value(),
         "require_signed_certificate_timestamp is");
  Demand(in.has_crl(), "revocation by certificate revocation list is");
  Demand(in.has_custom_validator_config(), "a custom certificate validator is");
  Demand(in.has_max_verify_depth(), "max_verify_depth is");
  Demand(in.trust_chain_verification() != tls::CertificateValidationContext::VERIFY_TRUST_CHAIN,
         "trust_chain_verification other than VERIFY_TRUST_CHAIN is");
  if (in.allow_expired_certificate()) {
    context_.Ignored("allow_expired_certificate", "expired certificates are refused");
  }
}

void TlsDecoder::Validation(const tls::CommonTlsContext& in) {
  if (in.has_validation_context()) {
    const auto scope = context_.In("validation_context");
    Peer(in.validation_context());
  } else if (in.has_combined_validation_context()) {
    const auto scope = context_.In("combined_validation_context");
    const auto& combined = in.combined_validation_context();
    Peer(combined.default_validation_context());
    if (combined.has_validation_context_sds_secret_config()) {
      out_.roots = FromSecret(combined.validation_context_sds_secret_config().name());
    } else if (combined.has_validation_context_certificate_provider_instance()) {
      out_.roots =
          FromProvider(combined.validation_context_certificate_provider_instance().instance_name());
    }
  } else if (in.has_validation_context_sds_secret_config()) {
    out_.roots = FromSecret(in.validation_context_sds_secret_config().name());
  } else if (in.has_validation_context_certificate_provider_instance()) {
    out_.roots =
        FromProvider(in.validation_context_certificate_provider_instance().instance_name());
  }
  // Envoy: names in a certificate that nobody vouches for prove nothing.
  if (!out_.peer_names.empty() && !out_.roots) {
    context_.Error("match_subject_alt_names", "needs a trusted CA");
  }
}

void TlsDecoder::Versions(const tls::TlsParameters& in) {
  const auto scope = context_.In("tls_params");
  const auto least = in.tls_minimum_protocol_version();
  const auto most = in.tls_maximum_protocol_version();
  if (!tls::TlsParameters::TlsProtocol_IsValid(least)) {
    context_.Error("tls_minimum_protocol_version", "unknown value");
  }
  if (!tls::TlsParameters::TlsProtocol_IsValid(most)) {
    context_.Error("tls_maximum_protocol_version", "unknown value");
  }
  Demand(least == tls::TlsParameters::TLSv1_3, "TLS 1.3 as the least version is");
  Demand(most == tls::TlsParameters::TLSv1_0 || most == tls::TlsParameters::TLSv1_1,
         "TLS before 1.2 is");
  if (most == tls::TlsParameters::TLSv1_2) {
    context_.Approximated("tls_maximum_protocol_version", "TLS 1.3 is used where the peer has it");
  }
  if (in.cipher_suites_size() > 0) {
    context_.Approximated("cipher_suites", "TLS 1.2 uses ECDHE with AES-GCM or ChaCha20-Poly1305");
  }
  if (in.ecdh_curves_size() > 0) context_.Ignored("ecdh_curves");
}

void TlsDecoder::Common(const tls::CommonTlsContext& in) {
  const auto scope = context_.In("common_tls_context");
  Versions(in.tls_params());
  Identity(in);
  Validation(in);
  out_.alpn.assign(in.alpn_protocols().begin(), in.alpn_protocols().end());
  for (const std::string& name : out_.alpn) {
    if (name.empty() || name.size() > 255) {
      context_.Error("alpn_protocols", "names have 1 to 255 bytes");
    }
  }
}

Transport TlsDecoder::Client(const google::protobuf::Any& any) {
  tls::UpstreamTlsContext in;
  if (!Parse(any, in)) return TlsContext{};
  Common(in.common_tls_context());
  if (in.sni().size() > kMaxServerName) context_.Error("sni", "is longer than 255 bytes");
  if (in.sni().find('\0') != std::string::npos) context_.Error("sni", "has a NUL byte");
  out_.sni = in.sni();
  Demand(in.auto_host_sni(), "auto_host_sni is");
  Demand(in.auto_sni_san_validation(), "auto_sni_san_validation is");
  if (in.allow_renegotiation()) {
    context_.Ignored("allow_renegotiation", "peers that renegotiate are refused");
  }
  return Result();
}

Transport TlsDecoder::Server(const google::protobuf::Any& any) {
  tls::DownstreamTlsContext in;
  if (!Parse(any, in)) return TlsContext{};
  Common(in.common_tls_context());
  out_.require_client_certificate = in.require_client_certificate().value();
  Demand(in.require_sni().value(), "require_sni is");
  Demand(in.ocsp_staple_policy() != tls::DownstreamTlsContext::LENIENT_STAPLING,
         "OCSP stapling is");
  return Result();
}

}  // namespace

Transport DecodeTransport(const core::TransportSocket& in, TlsSide side, DecodeContext& context) {
  if (in.name().empty()) context.Error("name", "must not be empty");
  RequireNoUnknownFields(in, context);
  const std::string type = ExtensionType(in.typed_config());
  const auto scope = context.In("typed_config");
  if (side == TlsSide::kClient && type == kClientType) {
    return TlsDecoder(context).Client(in.typed_config());
  }
  if (side == TlsSide::kServer && type == kServerType) {
    return TlsDecoder(context).Server(in.typed_config());
  }
  if (type == kRawBufferType) return PlaintextTransport{};
  const std::string& shown = type.empty() ? in.name() : type;
  return UnsupportedTransport{"security: transport socket " + shown + " is not supported yet"};
}

}  // namespace meshlib::xds
