// SPDX-License-Identifier: Apache-2.0
#include "tls/context_core.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "tls/engine_state.h"
#include "tls/key_pair_parts.h"
#include "tls/library_error.h"

namespace meshlib::tls {
namespace {

constexpr size_t kMaxChainBytes = 64 << 10;
constexpr uint32_t kSessionSeconds = 3600;
constexpr char kCipherSuites[] =  // of TLS 1.2; BoringSSL chooses those of 1.3 itself
    "[ECDHE-ECDSA-AES128-GCM-SHA256|ECDHE-ECDSA-CHACHA20-POLY1305]:"
    "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr uint16_t kSignatures[] = {
    SSL_SIGN_ECDSA_SECP256R1_SHA256, SSL_SIGN_RSA_PSS_RSAE_SHA256, SSL_SIGN_RSA_PKCS1_SHA256,
    SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_SIGN_RSA_PSS_RSAE_SHA384, SSL_SIGN_RSA_PKCS1_SHA384,
    SSL_SIGN_ECDSA_SECP521R1_SHA512, SSL_SIGN_RSA_PSS_RSAE_SHA512, SSL_SIGN_RSA_PKCS1_SHA512};
constexpr uint8_t kSessionContext[] = {'m', 'e', 's', 'h'};  // sessions are bound by their keys

// A server's session must not outlive the certificates that it stands for.
void LimitSession(const EngineState& state, SSL_SESSION* session) {
  const int64_t left = absl::ToInt64Seconds(state.peer_until - state.core.now());
  const uint32_t seconds = static_cast<uint32_t>(std::clamp<int64_t>(left, 0, kSessionSeconds));
  if (seconds < SSL_SESSION_get_timeout(session)) SSL_SESSION_set_timeout(session, seconds);
}

ssl_verify_result_t VerifyPeer(SSL* ssl, uint8_t* alert) {
  EngineState& state = EngineState::Of(ssl);
  if (!state.CheckPeer(alert)) return ssl_verify_invalid;
  SSL_SESSION* session = SSL_get_session(ssl);
  if (SSL_is_server(ssl) == 1 && session != nullptr) LimitSession(state, session);
  return ssl_verify_ok;
}

int KeepSession(SSL* ssl, SSL_SESSION* session) {
  EngineState& state = EngineState::Of(ssl);
  state.core.sessions.Put(bssl::UniquePtr<SSL_SESSION>(session), state.peer_until);
  return 1;  // ours now
}

absl::Status LibraryFailure(std::string_view what) {
  return absl::InternalError(absl::StrCat(std::string(what), ": ", TakeLibraryError()));
}

absl::Status SetIdentity(const KeyPair& identity, SSL_CTX* context) {
  std::vector<CRYPTO_BUFFER*> chain;
  for (const bssl::UniquePtr<CRYPTO_BUFFER>& certificate : identity.parts().chain) {
    chain.push_back(certificate.get());
  }
  if (SSL_CTX_set_chain_and_key(context, chain.data(), chain.size(), identity.parts().key.get(),
                                nullptr) != 1) {
    return LibraryFailure("the certificate cannot be used");
  }
  return absl::OkStatus();
}

absl::Status SetAlpn(const std::vector<std::string>& alpn, ContextCore* core) {
  for (const std::string& name : alpn) {
    if (name.empty() || name.size() > 255) {
      return absl::InvalidArgumentError(
          absl::StrCat("an ALPN name has ", name.size(), " bytes; 1 to 255 can be sent"));
    }
    core->alpn.push_back(static_cast<uint8_t>(name.size()));
    core->alpn.insert(core->alpn.end(), name.begin(), name.end());
  }
  return absl::OkStatus();
}

uint16_t OnTheWire(ProtocolVersion version) {
  return version == ProtocolVersion::kTls12 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

bool SetProtocol(const CoreSettings& settings, SSL_CTX* context) {
  return SSL_CTX_set_min_proto_version(context, OnTheWire(settings.min_version)) == 1 &&
         SSL_CTX_set_max_proto_version(context, OnTheWire(settings.max_version)) == 1 &&
         SSL_CTX_set_strict_cipher_list(context, kCipherSuites) == 1 &&
         SSL_CTX_set1_curves_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_verify_algorithm_prefs(context, kSignatures, std::size(kSignatures)) == 1 &&
         SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext)) == 1;
}

}  // namespace

absl::Status SetUpCore(const CoreSettings& settings, ContextCore* core) {
  if (absl::Status status = SetAlpn(settings.alpn, core); !status.ok()) return status;
  core->bio_method = MakeBioMethod();
  core->pool.reset(CRYPTO_BUFFER_POOL_new());
  core->context.reset(SSL_CTX_new(TLS_with_buffers_method()));
  SSL_CTX* context = core->context.get();
  if (core->bio_method == nullptr || core->pool == nullptr || context == nullptr ||
      !SetProtocol(settings, context)) {
    return LibraryFailure("TLS cannot be set up");
  }
  SSL_CTX_set0_buffer_pool(context, core->pool.get());
  SSL_CTX_set_max_cert_list(context, kMaxChainBytes);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  SSL_CTX_set_session_psk_dhe_timeout(context, kSessionSeconds);
  SSL_CTX_set_custom_verify(context, settings.verify_mode, VerifyPeer);
  SSL_CTX_sess_set_new_cb(context, KeepSession);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return settings.identity == nullptr ? absl::OkStatus() : SetIdentity(*settings.identity, context);
}

}  // namespace meshlib::tls
