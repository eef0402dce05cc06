// SPDX-License-Identifier: Apache-2.0
#include "tls/renegotiating_client.h"

#include <openssl/aead.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace meshlib::tls {
namespace {

constexpr size_t kKey = 16;  // AES-128-GCM
constexpr size_t kFixedNonce = 4;
constexpr size_t kSequence = 8;
constexpr size_t kTag = 16;
constexpr uint8_t kHandshake = 22;

std::string Pending(BIO* bio) {
  std::string bytes(BIO_pending(bio), '\0');
  if (!bytes.empty()) BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

}  // namespace

struct RenegotiatingClient::Parts {
  bssl::UniquePtr<SSL_CTX> context;
  bssl::UniquePtr<SSL> ssl;
  BIO* input = nullptr;  // of `ssl`
  BIO* output = nullptr;
  std::string hello;  // the first one
};

RenegotiatingClient::RenegotiatingClient() : parts_(std::make_unique<Parts>()) {
  parts_->context.reset(SSL_CTX_new(TLS_method()));
  SSL_CTX_set_max_proto_version(parts_->context.get(), TLS1_2_VERSION);
  SSL_CTX_set_strict_cipher_list(parts_->context.get(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  SSL_CTX_set_custom_verify(parts_->context.get(), SSL_VERIFY_NONE,
                            [](SSL*, uint8_t*) { return ssl_verify_ok; });
  parts_->ssl.reset(SSL_new(parts_->context.get()));
  parts_->input = BIO_new(BIO_s_mem());
  parts_->output = BIO_new(BIO_s_mem());
  SSL_set_bio(parts_->ssl.get(), parts_->input, parts_->output);
  SSL_set_connect_state(parts_->ssl.get());
}

RenegotiatingClient::~RenegotiatingClient() = default;

bool RenegotiatingClient::Shake(Engine& server) {
  for (int flight = 0; flight < 4; ++flight) {
    const int done = SSL_do_handshake(parts_->ssl.get());
    const std::string bytes = Pending(parts_->output);
    if (parts_->hello.empty()) parts_->hello = bytes;
    server.Receive({bytes.data(), bytes.size()});
    const Engine::Step step = server.Handshake();
    if (done == 1) return step == Engine::Step::kDone;
    BIO_write(parts_->input, server.output().data(), static_cast<int>(server.output().size()));
    server.Sent(server.output().size());
  }
  return false;
}

std::string RenegotiatingClient::Renegotiate() {
  SSL* ssl = parts_->ssl.get();
  std::vector<uint8_t> keys(SSL_get_key_block_len(ssl));
  // client key, server key, client nonce, server nonce: RFC 5246 section 6.3, AEAD has no MAC keys.
  if (keys.size() != 2 * (kKey + kFixedNonce) ||
      SSL_generate_key_block(ssl, keys.data(), keys.size()) != 1) {
    return "";
  }
  std::array<uint8_t, kSequence> sequence{};
  sequence.back() = static_cast<uint8_t>(SSL_get_write_sequence(ssl));
  const std::string message = parts_->hello.substr(5);  // without its record
  const size_t size = message.size();
  // RFC 5246 section 6.2.3.3 and RFC 5288 section 3.
  std::vector<uint8_t> additional(sequence.begin(), sequence.end());
  for (const size_t byte : {size_t{kHandshake}, size_t{3}, size_t{3}, size >> 8, size & 0xff}) {
    additional.push_back(static_cast<uint8_t>(byte));
  }
  std::vector<uint8_t> nonce(keys.begin() + 2 * kKey, keys.begin() + 2 * kKey + kFixedNonce);
  nonce.insert(nonce.end(), sequence.begin(), sequence.end());
  bssl::ScopedEVP_AEAD_CTX seal;
  std::string sealed(size + kTag, '\0');
  size_t sealed_size = 0;
  if (EVP_AEAD_CTX_init(seal.get(), EVP_aead_aes_128_gcm(), keys.data(), kKey, kTag, nullptr) !=
          1 ||
      EVP_AEAD_CTX_seal(seal.get(), reinterpret_cast<uint8_t*>(sealed.data()), &sealed_size,
                        sealed.size(), nonce.data(), nonce.size(),
                        reinterpret_cast<const uint8_t*>(message.data()), size, additional.data(),
                        additional.size()) != 1) {
    return "";
  }
  const size_t body = kSequence + sealed_size;
  std::string record = {kHandshake, 3, 3, static_cast<char>(body >> 8),
                        static_cast<char>(body & 0xff)};
  record.append(sequence.begin(), sequence.end());
  return record + sealed;
}

}  // namespace meshlib::tls
