// SPDX-License-Identifier: Apache-2.0
// How a Server ends.

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "server/server_fixture.h"

namespace meshlib::server {
namespace {

TEST_F(ServerTest, DrainLetsHandlersFinishAndSaysClose) {
  Serve(HttpHandler([&](const HttpRequest&) {
    started_.Set();
    EXPECT_TRUE(go_on_.Wait());
    return HttpResponse::Text(200, "done");
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  std::thread drain([&] { server_->Drain(absl::Seconds(10)); });
  // Refused from now on.
  while (RawClient(server_->address()).connected()) std::this_thread::yield();
  go_on_.Set();
  const RawResponse response = client.Read();
  EXPECT_EQ(response.body, "done");
  EXPECT_EQ(RawClient::Field(response.head, "connection"), "close");
  client.Close();
  drain.join();
  EXPECT_EQ(server_->connections(), 0u);
}

TEST_F(ServerTest, DrainAnswersOneMoreRequestOnAnIdleConnection) {
  clock_.Stop();  // so that no connection is idle for too long
  ServeEcho();
  RawClient busy = Connect();
  EXPECT_EQ(busy.Get("/").status, 200);
  std::thread drain([&] { server_->Drain(absl::Seconds(10)); });
  RawResponse response;
  do {
    response = busy.Get("/");
    ASSERT_EQ(response.status, 200);
  } while (RawClient::Field(response.head, "connection") != "close");
  busy.Close();
  drain.join();
}

TEST_F(ServerTest, DrainEndsIdleConnections) {
  ServeEcho();
  RawClient client = Connect();
  EXPECT_EQ(client.Get("/").status, 200);
  server_->Drain(absl::Milliseconds(100));
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, DrainCutsOffWhatIsLeftAtTheDeadline) {
  Serve(HttpHandler([&](const HttpRequest&) {
    started_.Set();
    EXPECT_TRUE(go_on_.Wait());
    return HttpResponse();
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  server_->Drain(absl::Milliseconds(20));
  EXPECT_TRUE(client.IsClosed());
  go_on_.Set();
}

TEST_F(ServerTest, ConnectionsWaitingInTheKernelAreServedBeforeTheEnd) {
  ServeEcho();
  // The accepting loop is held up, so that clients wait.
  Signal held;
  for (size_t i = 0; i < threads_->size(); ++i) {
    threads_->loop(i).Post([&] {
      held.Set();
      EXPECT_TRUE(go_on_.Wait());
    });
  }
  ASSERT_TRUE(held.Wait());
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(Connect());
    clients.back().Send("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
  }
  std::thread drain([&] { server_->Drain(absl::Seconds(10)); });
  go_on_.Set();
  for (RawClient& client : clients) EXPECT_EQ(client.Read().body, "/x");
  clients.clear();
  drain.join();
}

// Clients that honour "connection: close" lose nothing.
TEST_F(ServerTest, DrainUnderLoadFailsNoRequest) {
  clock_.Stop();  // so that no connection is idle for too long
  ServeEcho();
  std::atomic<int> failed{0};
  std::atomic<int> served{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, client = Connect()]() mutable {
      for (;;) {
        const RawResponse response = client.Get("/x");
        (response.status == 200 ? served : failed) += 1;
        if (response.status != 200 || !RawClient::Field(response.head, "connection").empty())
          return;
      }
    });
  }
  while (served < 200) std::this_thread::yield();
  server_->Drain(absl::Seconds(10));
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0);
}

TEST_F(ServerTest, TheDestructorEndsConnectionsAndWaitsForHandlers) {
  std::atomic<bool> ended{false};
  Serve(HttpHandler([&](const HttpRequest&) {
    started_.Set();
    EXPECT_TRUE(go_on_.Wait());
    ended = true;
    return HttpResponse();
  }));
  RawClient client = Connect();
  client.Send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
  ASSERT_TRUE(started_.Wait());
  std::thread destroyer([this] { server_.reset(); });
  EXPECT_TRUE(client.IsClosed());
  go_on_.Set();
  destroyer.join();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace meshlib::server
