// SPDX-License-Identifier: Apache-2.0
// A server with TLS and the clients that everybody has: openssl and curl.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "server/tls_server_fixture.h"

namespace meshlib::server {
namespace {

class TlsServerPeersTest : public TlsServerTest {
 protected:
  TlsServerPeersTest() {
    std::filesystem::create_directory(directory_);
    File("root.pem", ca_.pem());
    const fake::TestIdentity client = ca_.Workload(kProductpage);
    File("client.pem", client.chain_pem);
    File("client-key.pem", client.key_pem);
    const fake::TestIdentity stranger = fake::TestCa::Root().Workload(kProductpage);
    File("stranger.pem", stranger.chain_pem);
    File("stranger-key.pem", stranger.key_pem);
  }
  ~TlsServerPeersTest() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
    return directory_ / name;
  }
  // The server's certificate is in files, as users have it.
  ServeOptions Options(bool clients_need_certificates = false) const {
    const fake::TestIdentity identity = ca_.Leaf(
        {.common_name = "server", .names = {fake::Dns("localhost"), fake::Ip("127.0.0.1")}});
    ServeOptions options = Local();
    options.tls = {.certificate_chain = PemFile{File("chain.pem", identity.chain_pem)},
                   .private_key = PemFile{File("key.pem", identity.key_pem)}};
    if (clients_need_certificates) {
      options.tls->client_roots = PemFile{directory_ / "root.pem"};
      options.tls->require_client_certificate = true;
    }
    return options;
  }
  // The target, the client's identity and the body of the request.
  static Handler Telling() {
    return HttpHandler([](const HttpRequest& request) {
      HttpResponse response;
      response.body = request.url + " " +
                      (request.peer == nullptr ? "nobody" : request.peer->spiffe_id) + "\n" +
                      request.body;
      return response;
    });
  }

  // What a command says on both its outputs, run in the directory of the files.
  std::string Run(const std::string& command) const {
    const std::string line = "cd '" + directory_.string() + "' && (" + command + ") 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
    std::string output;
    std::array<char, 65536> buffer;
    for (size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) {
      output.append(buffer.data(), got);
    }
    return output;
  }
  // s_client with that input, until the server ends the connection.
  std::string OpenSsl(const std::string& arguments,
                      const std::string& input =
                          "GET /x HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n") const {
    return Run("printf '" + input + "' | timeout 20 " MESHLIB_OPENSSL " s_client -connect " +
               server_->address() + " -CAfile root.pem -verify_return_error -ign_eof " + arguments);
  }
  // s_client with what `script` says, which may wait for what has come.
  std::string Dialogue(const std::string& arguments, const std::string& script) const {
    return Run("(" + script + ") | timeout 20 " MESHLIB_OPENSSL " s_client -connect " +
               server_->address() + " " + arguments + " >dialogue 2>&1; cat dialogue");
  }
  // For a script: until that has come, for 10 s at most.
  static std::string Await(const std::string& text) {
    return "for i in $(seq 200); do grep -q '" + text + "' dialogue && break; sleep 0.05; done; ";
  }
  std::string Curl(const std::string& arguments) const {
    return Run("timeout 60 " MESHLIB_CURL " --silent --show-error --cacert root.pem " + arguments);
  }
  std::string Url(const std::string& path) const {
    return "'https://" + server_->address() + path + "'";
  }

  const std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("meshlib_tls_server_" + std::to_string(getpid()));
};

void ExpectIn(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << "\"" << part << "\" is missing in:\n" << text;
}

TEST_F(TlsServerPeersTest, OpenSslIsServedByBothVersions) {
  ServeHttps(Telling(), Options());
  for (const std::string version : {"1_2", "1_3"}) {
    const std::string output = OpenSsl("-tls" + version + " -alpn h2,http/1.1");
    ExpectIn(version == "1_2" ? "New, TLSv1.2" : "New, TLSv1.3", output);
    ExpectIn("ALPN protocol: http/1.1", output);
    ExpectIn("HTTP/1.1 200 OK", output);
    ExpectIn("/x nobody", output);
    ExpectIn("Verify return code: 0 (ok)", output);
  }
}

TEST_F(TlsServerPeersTest, OldVersionsAndWeakCiphersAreRefused) {
  ServeHttps(Telling(), Options());
  ExpectIn("alert", OpenSsl("-tls1_1 -cipher DEFAULT@SECLEVEL=0"));
  ExpectIn("handshake failure", OpenSsl("-tls1_2 -cipher AES128-SHA"));
  ExpectIn("handshake failure", OpenSsl("-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA"));
  ExpectIn("HTTP/1.1 200 OK", OpenSsl("-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256"));
}

TEST_F(TlsServerPeersTest, WithoutACommonProtocolNoneIsAgreedOn) {
  ServeHttps(Telling(), Options());
  const std::string output = OpenSsl("-alpn h2");
  ExpectIn("No ALPN negotiated", output);
  ExpectIn("HTTP/1.1 200 OK", output);
}

TEST_F(TlsServerPeersTest, ClientsShowTheirCertificates) {
  ServeHttps(Telling(), Options(true));
  for (const std::string version : {"-tls1_2 ", "-tls1_3 "}) {
    const std::string output = OpenSsl(version + "-cert client.pem -key client-key.pem");
    ExpectIn(std::string("/x ") + kProductpage, output);
    const std::string none = OpenSsl(version);
    ExpectIn("alert", none);
    EXPECT_EQ(none.find("HTTP/1.1"), std::string::npos) << none;
    const std::string stranger = OpenSsl(version + "-cert stranger.pem -key stranger-key.pem");
    EXPECT_EQ(stranger.find("HTTP/1.1"), std::string::npos) << stranger;
  }
  ExpectIn("refused", LogText());
}

TEST_F(TlsServerPeersTest, SessionsAreResumed) {
  ServeHttps(Telling(), Options());
  for (const std::string version : {"-tls1_2 ", "-tls1_3 "}) {
    OpenSsl(version + "-sess_out session.pem");
    const std::string output = OpenSsl(version + "-sess_in session.pem");
    ExpectIn("Reused, TLSv1.", output);
    ExpectIn("HTTP/1.1 200 OK", output);
  }
}

TEST_F(TlsServerPeersTest, BadInput23_EarlyDataIsNeitherOfferedNorTaken) {
  ServeHttps(Telling(), Options());
  OpenSsl("-tls1_3 -sess_out session.pem");
  ExpectIn("Max Early Data: 0", Run(MESHLIB_OPENSSL " sess_id -in session.pem -noout -text"));
  Run("printf 'GET /early HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n' > early");
  const std::string output = OpenSsl("-tls1_3 -sess_in session.pem -early_data early");
  ExpectIn("Early data was not sent", output);
  EXPECT_EQ(output.find("/early"), std::string::npos) << output;
  ExpectIn("/x nobody", output);
}

TEST_F(TlsServerPeersTest, KeysMayBeUpdated) {
  ServeHttps(Telling(), Options());
  // "K": new keys, and the server is asked for its own.
  const std::string output = Dialogue(
      "-tls1_3", "printf 'GET /1 HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'; " + Await("/1 nobody") +
                     "echo K; " + Await("KEYUPDATE") +
                     "printf 'GET /2 HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'; " + Await("/2 nobody"));
  ExpectIn("KEYUPDATE", output);
  ExpectIn("/2 nobody", output);
}

TEST_F(TlsServerPeersTest, RenegotiationIsRefused) {
  ServeHttps(Telling(), Options());
  const std::string output =
      Dialogue("-tls1_2", "printf 'GET /1 HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'; " +
                              Await("/1 nobody") + "echo R; " + Await("RENEGOTIATING") +
                              "printf 'GET /2 HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n'; " +
                              Await("no renegotiation"));
  ExpectIn("/1 nobody", output);
  ExpectIn("RENEGOTIATING", output);
  EXPECT_EQ(output.find("/2 nobody"), std::string::npos) << output;
  ExpectIn("HTTP/1.1 200 OK", OpenSsl("-tls1_2"));
}

TEST_F(TlsServerPeersTest, CurlKeepsItsConnection) {
  ServeHttps(Telling(), Options());
  const std::string output =
      Curl("-w '%{http_code} %{num_connects}\\n' -o /dev/null " + Url("/[1-1000]"));
  size_t served = 0;
  for (size_t at = 0; (at = output.find("200 ", at)) != std::string::npos; ++at) ++served;
  EXPECT_EQ(served, 1000u) << output.substr(0, 2000);
  EXPECT_EQ(output.find("200 1"), 0u);
  EXPECT_EQ(output.find("200 1", 1), std::string::npos) << "more than one connection";
}

TEST_F(TlsServerPeersTest, CurlAgreesOnHttp11) {
  ServeHttps(Telling(), Options());
  ExpectIn("1.1 200", Curl("--http2 -w ' %{http_version} %{http_code}' " + Url("/")));
}

TEST_F(TlsServerPeersTest, CurlShowsItsCertificate) {
  ServeHttps(Telling(), Options(true));
  ExpectIn(kProductpage, Curl("--cert client.pem --key client-key.pem " + Url("/")));
  ExpectIn("curl: (", Curl(Url("/")));
}

TEST_F(TlsServerPeersTest, LargeBodiesGoBothWays) {
  ServeHttps(Telling(), Options());
  std::string body(20 << 20, '\0');
  for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>((i * 2654435761U) >> 24);
  File("body", body);
  const std::string output = Curl("--data-binary @body -o answer -w '%{http_code}' " + Url("/big") +
                                  " && tail -c +13 answer | cmp - body && echo same");
  EXPECT_EQ(output, "200same\n");
}

TEST_F(TlsServerPeersTest, StreamsGoBothWays) {
  // Sends back what comes, as it comes.
  class Reflection final : public ServerStreamHandler {
   public:
    explicit Reflection(ServerStream& stream) : stream_(stream) { stream_.SendHead({}); }
    void OnBody(std::string_view bytes) override {
      if (!stream_.Write(bytes)) stream_.PauseReading();
    }
    void OnEnd(const Headers&) override { stream_.Finish(); }
    void OnWritable() override { stream_.ResumeReading(); }
    void OnClosed(const absl::Status&) override {}

   private:
    ServerStream& stream_;
  };
  ServeHttps(StreamAcceptor([](const HttpRequest&, ServerStream& stream) {
               return std::make_unique<Reflection>(stream);
             }),
             Options());
  File("body", std::string(20 << 20, 's'));
  const std::string output = Curl("-T - -o answer --limit-rate 100M " + Url("/") +
                                  " < body && cmp answer body && echo same");
  EXPECT_EQ(output, "same\n");
}

TEST_F(TlsServerPeersTest, ManyConnectionsAtOnce) {
  ServeHttps(Telling(), Options());
  const std::string output = Curl(
      "--parallel --parallel-immediate --parallel-max 50 "
      "-H 'connection: close' -o /dev/null -w '%{http_code}\\n' " +
      Url("/[1-200]"));
  size_t served = 0;
  for (size_t at = 0; (at = output.find("200\n", at)) != std::string::npos; ++at) ++served;
  EXPECT_EQ(served, 200u) << output.substr(0, 2000);
}

TEST_F(TlsServerPeersTest, PlaintextAndGarbageGetNothing) {
  ServeHttps(Telling(), Options());
  ExpectIn("curl: (", Run("timeout 20 " MESHLIB_CURL " -sS http://" + server_->address() + "/"));
  RawClient garbage = Connect();
  garbage.Send(std::string("\x16\x03\x01\x02\x00", 5) + std::string(600, 'g'));
  garbage.ReadToEnd();
  ExpectIn("/x nobody", OpenSsl("-tls1_3"));
}

TEST_F(TlsServerPeersTest, DrainFailsNoRequest) {
  ServeHttps(HttpHandler([&](const HttpRequest& request) {
               started_.Set();
               return HttpResponse::Text(200, request.url + "\n");
             }),
             Options());
  std::string output;
  std::thread client([&] { output = Curl("--limit-rate 10M " + Url("/[1-300]")); });
  EXPECT_TRUE(started_.Wait());
  server_->Drain(absl::Seconds(20));
  client.join();
  // Afterwards nobody listens any more: what was not served was refused, not cut off.
  ExpectIn("/1\n", output);
  EXPECT_EQ(output.find("(52)"), std::string::npos) << output;
  EXPECT_EQ(output.find("(56)"), std::string::npos) << output;
}

}  // namespace
}  // namespace meshlib::server
