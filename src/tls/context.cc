// SPDX-License-Identifier: Apache-2.0
#include "tls/context.h"

#include <arpa/inet.h>
#include <openssl/pool.h>
#include <openssl/ssl.h>
#include <openssl/stack.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tls/context_core.h"
#include "tls/trust_roots_parts.h"

namespace meshlib::tls {
namespace {

constexpr size_t kMaxSni = 255;
// A client with several certificates chooses by the names of the authorities that it is told.
// Nobody chooses among more than these, and they are sent in every handshake.
constexpr size_t kMaxNamedAuthorities = 16;

bool IsAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

// RFC 6066 section 3, without a look at labels: meshes send "outbound_.80_._.reviews".
absl::Status CheckSni(const std::string& sni) {
  const bool printable =
      std::all_of(sni.begin(), sni.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!printable) {
    return absl::InvalidArgumentError(
        absl::StrCat("SNI \"", absl::CHexEscape(sni.substr(0, kMaxSni)), "\" is no host name"));
  }
  if (sni.size() > kMaxSni) {
    return absl::InvalidArgumentError(
        absl::StrCat("SNI has ", sni.size(), " bytes, more than ", kMaxSni));
  }
  if (IsAddress(sni)) {
    return absl::InvalidArgumentError(
        absl::StrCat("SNI \"", sni, "\" is an IP address; only names can be sent"));
  }
  return absl::OkStatus();
}

std::string Subject(std::string_view preposition, const std::string& name) {
  return name.empty() ? "TLS" : absl::StrCat("TLS ", std::string(preposition), " ", name);
}

// In the server's order, which callers rely on.
int SelectAlpn(SSL* /*ssl*/, const uint8_t** selected, uint8_t* selected_size,
               const uint8_t* offered, unsigned offered_size, void* core) {
  const std::vector<uint8_t>& ours = static_cast<const ContextCore*>(core)->alpn;
  uint8_t* found = nullptr;
  if (ours.empty() ||
      SSL_select_next_proto(&found, selected_size, ours.data(), static_cast<unsigned>(ours.size()),
                            offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

void NameAuthorities(const TrustRoots& roots, ContextCore* core) {
  if (roots.size() > kMaxNamedAuthorities) return;
  bssl::UniquePtr<STACK_OF(CRYPTO_BUFFER)> names(sk_CRYPTO_BUFFER_new_null());
  for (const bssl::UniquePtr<X509>& root : roots.parts().certificates) {
    uint8_t* der = nullptr;
    const int size = i2d_X509_NAME(X509_get_subject_name(root.get()), &der);
    const bssl::UniquePtr<uint8_t> owned(der);
    if (size <= 0 || names == nullptr) return;
    bssl::UniquePtr<CRYPTO_BUFFER> name(
        CRYPTO_BUFFER_new(der, static_cast<size_t>(size), core->pool.get()));
    if (name == nullptr || !bssl::PushToStack(names.get(), std::move(name))) return;
  }
  SSL_CTX_set0_client_CAs(core->context.get(), names.release());
}

// Of a client's or a server's context.
template <typename Parts, typename Settings>
absl::StatusOr<std::unique_ptr<Parts>> MakeParts(Settings settings, PeerPolicy peers,
                                                 std::string subject, int verify_mode) {
  if (!settings.now) settings.now = absl::Now;
  auto parts = std::make_unique<Parts>(std::move(settings), std::move(peers));
  parts->core.now = parts->settings.now;
  parts->core.subject = std::move(subject);
  absl::Status status = SetUpCore({.identity = parts->settings.identity.get(),
                                   .alpn = parts->settings.alpn,
                                   .min_version = parts->settings.min_version,
                                   .max_version = parts->settings.max_version,
                                   .verify_mode = verify_mode},
                                  &parts->core);
  if (!status.ok()) return status;
  return parts;
}

int VerifyModeOf(const ServerSettings& settings) {
  const bool asks = settings.client_roots != nullptr || settings.spiffe_bundles != nullptr;
  return (asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE) |
         (settings.require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
}

absl::Status CheckServer(const ServerSettings& settings) {
  const bool asks = settings.client_roots != nullptr || settings.spiffe_bundles != nullptr;
  if (settings.identity == nullptr) {
    return absl::InvalidArgumentError("a server needs a certificate");
  }
  if (settings.client_roots != nullptr && settings.spiffe_bundles != nullptr) {
    return absl::InvalidArgumentError("roots and SPIFFE bundles exclude each other");
  }
  if (!asks && (settings.require_client_certificate || !settings.verifiers.empty())) {
    return absl::InvalidArgumentError(
        "client certificates are to be verified, and there are no roots for them");
  }
  return absl::OkStatus();
}

}  // namespace

ClientContext::ClientContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ClientContext::~ClientContext() = default;

absl::StatusOr<std::shared_ptr<const ClientContext>> ClientContext::Create(
    ClientSettings settings) {
  if (absl::Status status = CheckSni(settings.sni); !status.ok()) return status;
  if (settings.roots != nullptr && settings.spiffe_bundles != nullptr) {
    return absl::InvalidArgumentError("roots and SPIFFE bundles exclude each other");
  }
  PeerPolicy servers{.role = PeerRole::kServer,
                     .roots = settings.roots,
                     .bundles = settings.spiffe_bundles,
                     .verifiers = settings.verifiers};
  std::string subject = Subject("to", settings.name.empty() ? settings.sni : settings.name);
  auto parts = MakeParts<Parts>(std::move(settings), std::move(servers), std::move(subject),
                                SSL_VERIFY_PEER);
  if (!parts.ok()) return parts.status();
  ContextCore& core = (*parts)->core;
  if ((*parts)->settings.resumes) {
    SSL_CTX_set_session_cache_mode(core.context.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  }
  if (SSL_CTX_set_alpn_protos(core.context.get(), core.alpn.data(),
                              static_cast<unsigned>(core.alpn.size())) != 0) {
    return absl::InternalError("ALPN cannot be set");
  }
  return std::shared_ptr<const ClientContext>(new ClientContext(*std::move(parts)));
}

const ClientSettings& ClientContext::settings() const { return parts_->settings; }

ServerContext::ServerContext(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ServerContext::~ServerContext() = default;

absl::StatusOr<std::shared_ptr<const ServerContext>> ServerContext::Create(
    ServerSettings settings) {
  if (absl::Status status = CheckServer(settings); !status.ok()) return status;
  PeerPolicy clients{.role = PeerRole::kClient,
                     .roots = settings.client_roots,
                     .bundles = settings.spiffe_bundles,
                     .verifiers = settings.verifiers};
  const int verify_mode = VerifyModeOf(settings);
  std::string subject = Subject("on", settings.name);
  auto parts =
      MakeParts<Parts>(std::move(settings), std::move(clients), std::move(subject), verify_mode);
  if (!parts.ok()) return parts.status();
  ContextCore& core = (*parts)->core;
  SSL_CTX_set_options(core.context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(core.context.get(), SelectAlpn, &core);
  const auto& roots = (*parts)->settings.client_roots;
  if (roots != nullptr) NameAuthorities(*roots, &core);
  return std::shared_ptr<const ServerContext>(new ServerContext(*std::move(parts)));
}

const ServerSettings& ServerContext::settings() const { return parts_->settings; }

}  // namespace meshlib::tls
