// SPDX-License-Identifier: Apache-2.0
// TlsServerTest: a Server with certificates, and clients that trust it.

#ifndef MESHLIB_TESTS_SERVER_TLS_SERVER_FIXTURE_H_
#define MESHLIB_TESTS_SERVER_TLS_SERVER_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>

#include "fake/test_ca.h"
#include "server/server_fixture.h"
#include "server/tls_client.h"
#include "tls/context.h"

namespace meshlib::server {

inline constexpr const char* kReviews = "spiffe://cluster.local/ns/default/sa/reviews";
inline constexpr const char* kProductpage = "spiffe://cluster.local/ns/default/sa/productpage";

class TlsServerTest : public ServerTest {
 protected:
  // A server by its own options.
  void ServeHttps(Handler handler, ServeOptions options = Local()) {
    if (!options.tls) options.tls = OwnTls();
    auto server = Server::Start(std::move(options), std::move(handler), Dependencies());
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->ConfigureByOptions();
  }
  static Handler Echo() {
    return LoopHandler([](ServerCall& call) {
      call.response().body.assign(call.request().url).append(call.request().body);
      call.Finish();
    });
  }
  ServerTls OwnTls() const {
    return {.certificate_chain = PemText{reviews_.chain_pem},
            .private_key = PemText{reviews_.key_pem}};
  }

  // A chain with mutual TLS, as a mesh's port has it.
  InboundChain MutualTls() const {
    tls::ServerSettings settings;
    settings.identity = reviews_.pair();
    settings.client_roots = ca_.roots();
    settings.require_client_certificate = true;
    settings.alpn = {"istio-http/1.1", "http/1.1"};
    const auto context = tls::ServerContext::Create(std::move(settings)).value();
    InboundChain chain;
    chain.tls = [context]() -> absl::StatusOr<std::shared_ptr<const tls::ServerContext>> {
      return context;
    };
    chain.tls_settings.emplace().require_client_certificate = true;
    chain.settings.client_certificate = {.action = resource::ClientCertificateDetails::Action::kSet,
                                         .subject = true,
                                         .uri = true,
                                         .dns = true};
    return chain;
  }
  InboundPolicy Strict() const {
    InboundPolicy policy;
    policy.default_chain = MutualTls();
    return policy;
  }
  InboundPolicy Permissive() const {
    InboundPolicy policy;
    policy.matches = {{.transport_protocol = "tls"}, {.transport_protocol = "raw_buffer"}};
    policy.chains = {MutualTls(), {}};
    policy.default_chain.reset();
    return policy;
  }

  std::shared_ptr<const tls::ClientContext> ClientTls(tls::ClientSettings settings = {}) const {
    settings.roots = ca_.roots();
    return tls::ClientContext::Create(std::move(settings)).value();
  }
  // As productpage.
  std::shared_ptr<const tls::ClientContext> MutualClientTls() const {
    tls::ClientSettings settings;
    settings.identity = ca_.Workload(kProductpage).pair();
    settings.alpn = {"istio-http/1.1", "istio", "http/1.1"};
    return ClientTls(std::move(settings));
  }
  TlsClient ConnectTls(std::shared_ptr<const tls::ClientContext> context) const {
    return {server_->address(), std::move(context)};
  }
  TlsClient ConnectTls() const { return ConnectTls(ClientTls()); }
  // The log as one text.
  std::string LogText() {
    std::string text;
    for (const std::string& line : log()) text += line + "\n";
    return text;
  }

  const fake::TestCa ca_ = fake::TestCa::Root();
  const fake::TestIdentity reviews_ = ca_.Workload(kReviews);
};

}  // namespace meshlib::server

#endif  // MESHLIB_TESTS_SERVER_TLS_SERVER_FIXTURE_H_
