// SPDX-License-Identifier: Apache-2.0
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tls_ends.h"

namespace bench {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Free<SSL_free>>;
using Session = std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;

Bio Text(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void UseIdentity(const Identity& identity, SSL_CTX* context) {
  const Bio chain = Text(identity.chain);
  const Certificate leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context, leaf.get());
  while (X509* more = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, more);
  }
  const Key key(PEM_read_bio_PrivateKey(Text(identity.key).get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_PrivateKey(context, key.get());
}

int KeepSession(SSL* ssl, SSL_SESSION* session);

Context MakeContext(const Credentials& credentials, bool server) {
  Context context(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set1_groups_list(context.get(), "X25519");
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  UseIdentity(server ? credentials.server : credentials.client, context.get());
  const Certificate root(
      PEM_read_bio_X509(Text(credentials.roots).get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (server) {
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("b"), 1);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  } else {
    SSL_CTX_set_session_cache_mode(context.get(),
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context.get(), KeepSession);
  }
  return context;
}

class Ends final : public TlsEnds {
 public:
  explicit Ends(const Credentials& credentials)
      : client_context_(MakeContext(credentials, false)),
        server_context_(MakeContext(credentials, true)),
        buffer_(1 << 20) {
    Connect(nullptr, &lasting_client_, &lasting_server_);
  }

  bool Handshake(bool resumed) override {
    for (int tries = 0; tries < 2; ++tries) {
      Connection client;
      Connection server;
      const Session session = std::move(session_);
      if (!Connect(resumed ? session.get() : nullptr, &client, &server) ||
          !Send(client.get(), server.get(), "x") || !Send(server.get(), client.get(), "x")) {
        return false;
      }
      // OpenSSL takes sessions of connections without a goodbye for broken.
      SSL_set_shutdown(client.get(), SSL_SENT_SHUTDOWN);
      if ((SSL_session_reused(server.get()) == 1) == resumed) return true;
    }
    return false;
  }

  bool Carry(const std::string& text) override {
    return Send(lasting_client_.get(), lasting_server_.get(), text);
  }

  bool Hold() override {
    Connection client;
    Connection server;
    const std::string text(20'000, 'x');
    if (!Connect(nullptr, &client, &server) || !Send(client.get(), server.get(), text) ||
        !Send(server.get(), client.get(), text)) {
      return false;
    }
    // The BIOs keep what they have grown to, and are none of TLS' memory.
    SSL_set_bio(client.get(), nullptr, nullptr);
    SSL_set_bio(server.get(), nullptr, nullptr);
    held_.push_back(std::move(client));
    held_.push_back(std::move(server));
    return true;
  }

  void Keep(SSL_SESSION* session) { session_.reset(session); }

 private:
  bool Connect(SSL_SESSION* session, Connection* client, Connection* server) {
    client->reset(SSL_new(client_context_.get()));
    server->reset(SSL_new(server_context_.get()));
    BIO* to_server = BIO_new(BIO_s_mem());
    BIO* to_client = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(to_server, -1);
    BIO_set_mem_eof_return(to_client, -1);
    BIO_up_ref(to_server);
    BIO_up_ref(to_client);
    SSL_set_bio(client->get(), to_client, to_server);
    SSL_set_bio(server->get(), to_server, to_client);
    SSL_set_app_data(client->get(), this);
    SSL_set_connect_state(client->get());
    SSL_set_accept_state(server->get());
    SSL_set_tlsext_host_name(client->get(), "reviews");
    if (session != nullptr) SSL_set_session(client->get(), session);
    for (int flights = 0; flights < 4; ++flights) {
      const bool client_done = SSL_do_handshake(client->get()) == 1;
      const bool server_done = SSL_do_handshake(server->get()) == 1;
      if (client_done && server_done) return true;
    }
    return false;
  }

  bool Send(SSL* from, SSL* to, const std::string& text) {
    if (SSL_write(from, text.data(), static_cast<int>(text.size())) <= 0) return false;
    size_t read = 0;
    while (read < text.size()) {
      const int size = SSL_read(to, buffer_.data(), static_cast<int>(buffer_.size()));
      if (size <= 0) return false;
      read += static_cast<size_t>(size);
    }
    return read == text.size();
  }

  const Context client_context_;
  const Context server_context_;
  Session session_;  // the newest
  Connection lasting_client_;
  Connection lasting_server_;
  std::vector<Connection> held_;
  std::vector<char> buffer_;
};

int KeepSession(SSL* ssl, SSL_SESSION* session) {
  static_cast<Ends*>(SSL_get_app_data(ssl))->Keep(session);
  return 1;  // ours now
}

}  // namespace

std::unique_ptr<TlsEnds> OpensslEnds(const Credentials& credentials) {
  return std::make_unique<Ends>(credentials);
}

}  // namespace bench
