// SPDX-License-Identifier: Apache-2.0
// TlsContexts: a server and a client that trust each other, for tests.

#ifndef MESHLIB_TESTS_TRANSPORT_TLS_CONTEXTS_H_
#define MESHLIB_TESTS_TRANSPORT_TLS_CONTEXTS_H_

#include <memory>
#include <utility>

#include "fake/test_ca.h"
#include "tls/context.h"

namespace meshlib::transport {

struct TlsContexts {
  fake::TestCa ca = fake::TestCa::Root();
  std::shared_ptr<const tls::ServerContext> server = Server({});
  std::shared_ptr<const tls::ClientContext> client = Client({});

  std::shared_ptr<const tls::ServerContext> Server(tls::ServerSettings settings) const {
    settings.identity =
        ca.Leaf({.common_name = "server", .names = {fake::Dns("a.example")}}).pair();
    return tls::ServerContext::Create(std::move(settings)).value();
  }
  std::shared_ptr<const tls::ClientContext> Client(tls::ClientSettings settings) const {
    if (settings.roots == nullptr) settings.roots = ca.roots();
    settings.sni = "a.example";
    return tls::ClientContext::Create(std::move(settings)).value();
  }
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TESTS_TRANSPORT_TLS_CONTEXTS_H_
