// SPDX-License-Identifier: Apache-2.0
// What a Server does about clients that ask for too much, or are too slow.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "server/server_fixture.h"

namespace meshlib::server {
namespace {

TEST_F(ServerTest, RefusesLargeHeadsWith431) {
  ServeEcho();
  const std::string large = "x: " + std::string(61 * 1024, 'a') + "\r\n";
  RawClient client = Connect();
  const RawResponse response = client.Get("/", large);
  EXPECT_EQ(response.status, 431);
  EXPECT_EQ(RawClient::Field(response.head, "connection"), "close");
  EXPECT_TRUE(client.IsClosed());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "x: y\r\n";
  EXPECT_EQ(Connect().Get("/", many).status, 431);
}

TEST_F(ServerTest, RefusesMalformedRequestsWith400AndClosesBehindTheGoodOnes) {
  ServeEcho();
  RawClient client = Connect();
  client.Send("GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\nhost: a\r\n\r\n");
  EXPECT_EQ(client.Read().body, "/1");
  const RawResponse refusal = client.Read();
  EXPECT_EQ(refusal.status, 400);
  EXPECT_EQ(refusal.body, "head: bare CR or LF");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, RefusesWhatItDoesNotImplement) {
  ServeEcho();
  RawClient tunnel = Connect();
  tunnel.Send("CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n");
  EXPECT_EQ(tunnel.Read().status, 501);
  RawClient http2 = Connect();
  http2.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  EXPECT_EQ(http2.Read().status, 505);
}

TEST_F(ServerTest, RefusesLargeBodiesWith413) {
  ServeOptions options = Local();
  options.max_body = 10;
  ServeEcho(options);
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n0123456789");
  EXPECT_EQ(client.Read().body, "/0123456789");
  client.Send("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_TRUE(client.IsClosed());
  RawClient chunked = Connect();
  chunked.Send(
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
      "6\r\n012345\r\n6\r\n012345\r\n");
  EXPECT_EQ(chunked.Read().status, 413);
}

// Closing at once would reset the connection, and the answer might be lost with it.
TEST_F(ServerTest, TheRefusalReachesAClientThatGoesOnSending) {
  ServeOptions options = Local();
  options.max_body = 10;
  ServeEcho(options);
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4000000\r\n\r\n");
  for (int i = 0; i < 40; ++i) client.Send(std::string(10'000, 'x'));
  EXPECT_EQ(client.Read().status, 413);
}

TEST_F(ServerTest, ARefusedClientThatStaysIsLeftAfterAWhile) {
  ServeOptions options = Local();
  options.max_body = 10;
  ServeEcho(options);
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_TRUE(client.IsClosed());
  Advance(absl::Seconds(1));
  while (server_->connections() > 0) std::this_thread::yield();
}

TEST_F(ServerTest, ClosesConnectionsThatAreIdle) {
  ServeOptions options = Local();
  options.idle_timeout = absl::Hours(1);
  ServeEcho(options);
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").status, 200);
  Advance(absl::Hours(1));
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, SlowHeadsAndBodiesAreAnsweredWith408) {
  ServeOptions options = Local();
  options.header_timeout = absl::Milliseconds(30);
  options.body_timeout = absl::Milliseconds(30);
  ServeEcho(options);
  RawClient head = Connect();
  head.Send("GET / HTTP/1.1\r\nho");
  EXPECT_EQ(head.Read().status, 408);
  EXPECT_TRUE(head.IsClosed());
  RawClient body = Connect();
  body.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab");
  EXPECT_EQ(body.Read().status, 408);
}

TEST_F(ServerTest, HonoursTheTimeoutsOfItsConfiguration) {
  policy_.default_chain->settings.request_timeout = absl::Milliseconds(30);
  policy_.default_chain->settings.request_headers_timeout = absl::Milliseconds(30);
  policy_.default_chain->settings.idle_timeout = absl::Minutes(1);
  ServeEcho();
  RawClient head = Connect();
  head.Send("GET / HTTP/1.1\r\nho");
  EXPECT_EQ(head.Read().status, 408);
  RawClient body = Connect();
  body.Send("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab");
  EXPECT_EQ(body.Read().status, 408);
  RawClient idle = Connect();
  EXPECT_EQ(idle.Get("/").status, 200);
  Advance(absl::Minutes(1));
  EXPECT_TRUE(idle.IsClosed());
}

TEST_F(ServerTest, AnIdleStreamIsAnsweredWith408WhileItsHandlerWorks) {
  policy_.default_chain->settings.stream_idle_timeout = absl::Milliseconds(30);
  Serve(HttpHandler([&](const HttpRequest&) {
    EXPECT_TRUE(go_on_.Wait());
    return HttpResponse();
  }));
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").status, 408);
  go_on_.Set();
}

TEST_F(ServerTest, AClientThatDoesNotReadIsCutOff) {
  ServeOptions options = Local();
  options.body_timeout = absl::Milliseconds(30);
  std::atomic<bool> answered{false};
  Serve(LoopHandler([&](ServerCall& call) {
          answered = true;
          call.response().body.assign(32 * 1024 * 1024, 'x');
          call.Finish();
        }),
        options);
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  while (!answered) std::this_thread::yield();
  while (server_->connections() > 0) std::this_thread::yield();
  EXPECT_LT(client.ReadToEnd().size(), 32u * 1024 * 1024);
}

TEST_F(ServerTest, WorkersGrowOnDemand) {
  Signal all_here;
  std::atomic<int> here{0};
  Serve(HttpHandler([&](const HttpRequest&) {
    if (++here == 4) all_here.Set();
    EXPECT_TRUE(all_here.Wait());
    return HttpResponse();
  }));
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(Connect());
    clients.back().Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  }
  for (RawClient& client : clients) EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(workers_.threads(), 4u);
}

TEST_F(ServerTest, ARequestThatWaitsTooLongForAWorkerIsAnsweredWith503) {
  worker_queue_time_ = absl::Milliseconds(30);
  Serve(HttpHandler([&](const HttpRequest&) {
    EXPECT_TRUE(go_on_.Wait());
    return HttpResponse();
  }));
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(Connect());
    clients.back().Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  }
  while (workers_.threads() < 4) std::this_thread::yield();
  RawClient late = Connect();
  const RawResponse refused = late.Get("/");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "overloaded: all workers are busy");
  go_on_.Set();
  for (RawClient& client : clients) EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(late.Get("/").status, 200);
}

TEST_F(ServerTest, HoldsBackConnectionsBeyondTheMost) {
  ServeOptions options = Local();
  options.max_connections = 1;
  ServeEcho(options);
  RawClient first = Connect();
  EXPECT_EQ(first.Get("/").status, 200);
  RawClient second = Connect();
  second.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(first.Get("/").status, 200);
  EXPECT_EQ(server_->connections(), 1u);
  first.Close();
  EXPECT_EQ(second.Read().status, 200);
}

TEST_F(ServerTest, SurvivesThatDescriptorsRunOut) {
  ServeEcho();
  RawClient first = Connect();
  RawClient waiting = Connect();
  EXPECT_EQ(first.Get("/").status, 200);
  EXPECT_EQ(waiting.Get("/").status, 200);
  rlimit old{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &old), 0);
  RawClient late = Connect();
  EXPECT_EQ(late.Get("/").status, 200);
  // A socket made before the limit, so that only the server lacks descriptors.
  net::Fd prepared(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const rlimit none{.rlim_cur = 0, .rlim_max = old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const net::SocketName name =
      net::SocketName::Of(resource::Address::FromString(server_->address()).value());
  ASSERT_EQ(connect(prepared.get(), name.get(), name.size), 0);
  while (log().empty()) std::this_thread::yield();
  EXPECT_EQ(first.Get("/").status, 200);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &old), 0);
  EXPECT_NE(log()[0].find("too many open files"), std::string::npos) << log()[0];
  const std::string request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
  ASSERT_GT(send(prepared.get(), request.data(), request.size(), 0), 0);
  char answer[12];
  ASSERT_EQ(recv(prepared.get(), answer, sizeof(answer), MSG_WAITALL), 12);
  EXPECT_EQ(std::string(answer, 12), "HTTP/1.1 200");
}

}  // namespace
}  // namespace meshlib::server
