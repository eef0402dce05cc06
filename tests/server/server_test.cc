// SPDX-License-Identifier: Apache-2.0
// What a client sees of a Server that does well.

#include "server/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>
#include <string>

#include "server/server_fixture.h"

namespace meshlib::server {
namespace {

TEST_F(ServerTest, AnswersRequestAfterRequestOnOneConnection) {
  ServeEcho();
  RawClient client = Connect();
  for (int i = 0; i < 3; ++i) {
    const RawResponse response = client.Get("/a?" + std::to_string(i));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "/a?" + std::to_string(i));
    EXPECT_FALSE(RawClient::Field(response.head, "date").empty());
    EXPECT_TRUE(RawClient::Field(response.head, "connection").empty());
  }
  EXPECT_EQ(server_->connections(), 1u);
}

TEST_F(ServerTest, HandsTheWholeRequestToTheHandler) {
  HttpRequest seen;
  Serve(HttpHandler([&](const HttpRequest& request) {
    seen = request;
    return HttpResponse::Json(201, "{}");
  }));
  RawClient client = Connect();
  client.Send(
      "POST /x HTTP/1.1\r\nHost: reviews:9080\r\nEnd-User: jason\r\n"
      "Content-Length: 5\r\n\r\nhello");
  const RawResponse response = client.Read();
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(RawClient::Field(response.head, "content-type"), "application/json");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.authority, "reviews:9080");
  EXPECT_EQ(seen.body, "hello");
  EXPECT_EQ(seen.headers.Get("end-user"), "jason");
  EXPECT_TRUE(seen.peer_address.starts_with("127.0.0.1:")) << seen.peer_address;
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  for (const bool on_loop : {true, false}) {
    if (on_loop) {
      ServeEcho();
    } else {
      Serve(HttpHandler(
          [](const HttpRequest& request) { return HttpResponse::Text(200, request.url); }));
    }
    RawClient client = Connect();
    std::string requests;
    for (int i = 0; i < 50; ++i) {
      requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nhost: a\r\n\r\n";
    }
    client.Send(requests);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(client.Read().body, "/" + std::to_string(i));
  }
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  ServeEcho();
  RawClient client = Connect();
  const std::string request =
      "POST /a HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (const char byte : request) client.Send(std::string(1, byte));
  EXPECT_EQ(client.Read().body, "/aabc");
}

TEST_F(ServerTest, AnswersHeadWithoutTheBody) {
  ServeEcho();
  RawClient client = Connect();
  client.Send("HEAD /abc HTTP/1.1\r\nhost: a\r\n\r\n");
  const RawResponse response = client.Read(true);
  EXPECT_EQ(RawClient::Field(response.head, "content-length"), "4");
  EXPECT_EQ(client.Get("/x").body, "/x");
}

TEST_F(ServerTest, AnswersAClientOfHttp10AsItAsks) {
  ServeEcho();
  RawClient keeping = Connect();
  keeping.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(RawClient::Field(keeping.Read().head, "connection"), "keep-alive");
  keeping.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(RawClient::Field(keeping.Read().head, "connection"), "close");
  EXPECT_TRUE(keeping.IsClosed());
}

TEST_F(ServerTest, EndsTheConnectionWhenTheClientAsks) {
  ServeEcho();
  RawClient client = Connect();
  EXPECT_EQ(RawClient::Field(client.Get("/", "connection: close\r\n").head, "connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, AnswersAClientThatHasEndedItsSide) {
  for (const bool on_loop : {true, false}) {
    if (on_loop) {
      ServeEcho();
    } else {
      Serve(HttpHandler(
          [](const HttpRequest& request) { return HttpResponse::Text(200, request.url); }));
    }
    RawClient client = Connect();
    client.Send("GET /1 HTTP/1.1\r\nhost: a\r\n\r\nGET /2 HTTP/1.1\r\nhost: a\r\n\r\n");
    client.EndSending();
    EXPECT_EQ(client.Read().body, "/1");
    EXPECT_EQ(client.Read().body, "/2");
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST_F(ServerTest, SaysContinueToAClientThatWaitsForIt) {
  ServeEcho();
  RawClient client = Connect();
  client.Send("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("hi");
  EXPECT_EQ(client.Read().body, "/hi");
}

TEST_F(ServerTest, SendsALargeBodyToASlowClient) {
  const std::string body(8 * 1024 * 1024, 'x');
  Serve(LoopHandler([&](ServerCall& call) {
    call.response().body = body;
    call.Finish();
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(client.Read().body, body);
  EXPECT_EQ(client.Read().body, body);
}

TEST_F(ServerTest, SendsTrailersInChunks) {
  Serve(LoopHandler([](ServerCall& call) {
    call.response().body = "abc";
    call.response().trailers.Add("grpc-status", "0");
    call.Finish();
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
  EXPECT_TRUE(client.ReadToEnd().ends_with("\r\n\r\n3\r\nabc\r\n0\r\ngrpc-status: 0\r\n\r\n"));
}

TEST_F(ServerTest, TheLoopOfALoopHandlerSaysWhatItDoes) {
  Serve(LoopHandler([&](ServerCall& call) {
    call.response().body = threads_->loop(threads_->CurrentIndex()).activity().ToString();
    call.Finish();
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(client.Read().body, "the loop handler of " + server_->address());
}

TEST_F(ServerTest, ALoopHandlerMayFinishLater) {
  ServerCall* kept = nullptr;
  Serve(LoopHandler([&](ServerCall& call) {
    kept = &call;
    started_.Set();
  }));
  RawClient client = Connect();
  client.Send("GET /1 HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  kept->Post([&] {
    kept->response().body = kept->request().url;
    kept->Finish();
  });
  EXPECT_EQ(client.Read().body, "/1");
}

TEST_F(ServerTest, ALoopHandlerMayFinishAfterItsClientHasGone) {
  ServerCall* kept = nullptr;
  Serve(LoopHandler([&](ServerCall& call) {
    kept = &call;
    started_.Set();
  }));
  {
    RawClient client = Connect();
    client.Send("GET /1 HTTP/1.1\r\nhost: a\r\n\r\n");
    ASSERT_TRUE(started_.Wait());
  }
  server_.reset();
  Signal finished;
  kept->Post([&] {
    kept->Finish();
    finished.Set();
  });
  EXPECT_TRUE(finished.Wait());
}

TEST_F(ServerTest, AHandlerThatThrowsIsAnsweredWith500AndLoggedOnce) {
  for (const bool on_loop : {true, false}) {
    log_.clear();
    if (on_loop) {
      Serve(LoopHandler([](ServerCall&) { throw std::runtime_error("broken"); }));
    } else {
      Serve(HttpHandler([](const HttpRequest&) -> HttpResponse { throw 42; }));
    }
    RawClient client = Connect();
    EXPECT_EQ(client.Get("/").status, 500);
    EXPECT_EQ(client.Get("/").status, 500);
    ASSERT_EQ(log().size(), 1u);
    EXPECT_NE(log()[0].find(on_loop ? "broken" : "none of std"), std::string::npos) << log()[0];
  }
}

TEST_F(ServerTest, AResponseThatCannotBeSentIsAnsweredWith500) {
  Serve(LoopHandler([](ServerCall& call) {
    call.response().headers.Add("x", "a\r\nset-cookie: b");
    call.Finish();
  }));
  RawClient client = Connect();
  const RawResponse response = client.Get("/");
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.head.find("set-cookie"), std::string::npos);
}

TEST_F(ServerTest, ServesIpv6AndUnixSockets) {
  const std::string path = ::testing::TempDir() + "meshlib-server-" + std::to_string(getpid());
  for (const ServeOptions& options : {ServeOptions{.address = "::1", .mesh = false},
                                      ServeOptions{.unix_path = path, .mesh = false},
                                      ServeOptions{.unix_path = "@" + path, .mesh = false}}) {
    ServeEcho(options);
    EXPECT_EQ(Connect().Get("/x").body, "/x") << server_->address();
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST_F(ServerTest, SaysThatAPortIsInUse) {
  ServeEcho();
  ServeOptions options = Local();
  options.port = server_->port();
  const absl::Status status = Server::Start(options, HttpHandler(), Dependencies()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "listen on " + server_->address() + ": port " +
                                  std::to_string(server_->port()) + " is already in use");
  options.address = "localhost";
  EXPECT_EQ(Server::Start(options, HttpHandler(), Dependencies()).status().message(),
            "serve: \"localhost\" is no IP address");
}

TEST_F(ServerTest, AcceptsOnlyWhenConfigured) {
  server_ =
      Server::Start(Local(), LoopHandler([](ServerCall& call) { call.Finish(); }), Dependencies())
          .value();
  RawClient client = Connect();
  EXPECT_TRUE(client.connected());
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  EXPECT_EQ(server_->connections(), 0u);
  server_->Configure({});
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ServerTest, APolicyThatCannotBeHonouredFailsEveryCall) {
  policy_.default_chain->failure = "security: mutual TLS is not supported yet";
  ServeEcho();
  const RawResponse response = Connect().Get("/");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, *policy_.default_chain->failure);
  server_->Configure({});
  EXPECT_EQ(Connect().Get("/").status, 200);
}

TEST_F(ServerTest, NormalizesPathsWhenTheConfigurationSaysSo) {
  policy_.default_chain->settings.normalize_path = true;
  ServeEcho();
  EXPECT_EQ(Connect().Get("/a/../b").body, "/b");
}

TEST_F(ServerTest, TellsTheObserverOfEachCall) {
  class Recorder final : public base::Observer {
   public:
    void OnCallEnd(const base::CallRecord& record) override {
      text = std::string(record.method) + " " + std::string(record.authority) + " " +
             std::string(record.path) + " " + std::to_string(record.status) + " " +
             std::to_string(record.request_bytes) + " " + std::to_string(record.response_bytes);
      seen.Set();
    }
    std::string text;
    Signal seen;
  } recorder;
  ServerDependencies dependencies = Dependencies();
  dependencies.observer = &recorder;
  server_ = Server::Start(Local(), HttpHandler([](const HttpRequest&) {
                            return HttpResponse::Text(404, "nothing");
                          }),
                          dependencies)
                .value();
  server_->Configure({});
  RawClient client = Connect();
  client.Send("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc");
  EXPECT_EQ(client.Read().status, 404);
  ASSERT_TRUE(recorder.seen.Wait());
  EXPECT_EQ(recorder.text, "POST a /x 404 3 7");
}

}  // namespace
}  // namespace meshlib::server
