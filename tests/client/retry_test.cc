// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "client/client_fixture.h"

namespace meshlib::client {
namespace {

using fake::PeerConnection;
using fake::ScriptedPeer;

// For time-outs that a slow machine may need twice.
constexpr uint32_t kAsOftenAsItTakes = 200;

class RetryTest : public ClientFixture {
 protected:
  static resource::ForwardAction Retrying(uint32_t retry_on, uint32_t retries = 2) {
    resource::ForwardAction action;
    action.retry_policy = resource::RetryPolicy{.retry_on = retry_on,
                                                .num_retries = retries,
                                                .avoid_previous_endpoints = true,
                                                .host_selection_retry_max_attempts = 5,
                                                .backoff_base = absl::Milliseconds(1),
                                                .backoff_max = absl::Milliseconds(1)};
    return action;
  }
  // An address that refuses connections.
  static resource::Address Refusing() {
    ScriptedPeer peer(ScriptedPeer::Answering(""));
    return peer.address();
  }
};

TEST_F(RetryTest, ARefusedConnectionIsRetriedOnAnotherEndpoint) {
  ScriptedPeer peer(ScriptedPeer::Answering("hello"));
  ServeCart({Refusing(), peer.address()}, Retrying(resource::kRetryOnConnectFailure));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Get("http://cart/"), "200 hello");
}

TEST_F(RetryTest, WithoutARetryPolicyARefusedConnectionFailsTheCallAndNamesWhy) {
  const resource::Address address = Refusing();
  ServeCart({address});
  const std::string text = address.ToString();
  EXPECT_EQ(Get("http://cart/"), "UF 503: connection: cluster \"cart\" endpoint " + text +
                                     ": connect " + text + ": connection refused");
}

TEST_F(RetryTest, AResetIsRetriedAndTheBodyIsSentAgain) {
  std::atomic<int> requests{0};
  std::string body;
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    body = connection.body();
    if (requests++ == 0) return connection.Reset();
    connection.Answer("hello");
  });
  ServeCart({peer.address()}, Retrying(resource::kRetryOnReset));
  EXPECT_EQ(Text(client().Post("http://cart/", "text/plain", "again")), "200 hello");
  EXPECT_EQ(body, "again");
  EXPECT_EQ(requests, 2);
}

TEST_F(RetryTest, AConnectionClosedBeforeItsAnswerFailsWithUc) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Close();
  });
  ServeCart({peer.address()});
  EXPECT_EQ(Get("http://cart/"), "UC 503: connection: cluster \"cart\" endpoint " +
                                     peer.address().ToString() +
                                     ": the peer closed the connection before its answer");
}

TEST_F(RetryTest, ServerErrorsAreRetriedUpToTheLimitAndTheLastAnswerStands) {
  std::atomic<int> requests{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    while (!connection.ReadRequest().empty()) {
      ++requests;
      connection.Send("HTTP/1.1 503 Unavailable\r\ncontent-length: 4\r\n\r\nbusy");
    }
  });
  ServeCart({peer.address()}, Retrying(resource::kRetryOn5xx, 2));
  EXPECT_EQ(Get("http://cart/"), "503 busy");
  EXPECT_EQ(requests, 3);
}

// As an Envoy 1.40 does.
TEST_F(RetryTest, EachAttemptTellsThePeerWhatTimeItHasAndTheRouteChangesTheFirst) {
  const std::string name = "x-envoy-expected-rq-timeout-ms";
  using Change = resource::HeaderMutations;
  const struct {
    Change change;
    std::string first;  // empty: it has none
  } rows[] = {
      {{}, "60000"},
      {{.add = {{.name = name,
                 .value = "42",
                 .action = resource::HeaderAddition::Action::kOverwriteIfExistsOrAdd}}},
       "42"},
      {{.remove = {name}}, ""},
  };
  for (const auto& row : rows) {
    std::vector<std::string> told;
    ScriptedPeer peer([&](PeerConnection& connection) {
      for (std::string head; !(head = connection.ReadRequest()).empty();) {
        const size_t at = head.find(name + ": ");
        told.push_back(at == std::string::npos ? "" : head.substr(at + name.size() + 2));
        told.back().erase(std::min(told.back().find("\r\n"), told.back().size()));
        connection.Send("HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n");
      }
    });
    resource::ForwardAction action = Retrying(resource::kRetryOn5xx, 1);
    action.timeout = absl::Minutes(1);
    resource::Route route = RouteTo("cart", action);
    route.request_headers = row.change;
    configuration_.Cluster("cart", {peer.address()}).Listener(kCart, {route});
    Publish();
    EXPECT_EQ(Get("http://cart/"), "503 ");
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0], row.first);
    int left = 0;
    ASSERT_TRUE(absl::SimpleAtoi(told[1], &left)) << told[1];
    EXPECT_GT(left, 42);
    EXPECT_LE(left, 60'000);
  }
}

TEST_F(RetryTest, WhenResetsUseUpTheRetriesTheFlagSaysSo) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.Reset();
  });
  ServeCart({peer.address()}, Retrying(resource::kRetryOnReset, 1));
  EXPECT_EQ(Get("http://cart/"), "URX 503: connection: cluster \"cart\" endpoint " +
                                     peer.address().ToString() +
                                     ": connection reset by peer (the last of 2 Attempts)");
}

TEST_F(RetryTest, ThePerTryTimeoutStartsAnotherAttempt) {
  std::atomic<int> requests{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    if (requests++ == 0) {
      connection.ReadEnd();
      return;
    }
    connection.Answer("hello");
  });
  resource::ForwardAction action = Retrying(resource::kRetryOn5xx, kAsOftenAsItTakes);
  action.retry_policy->per_try_timeout = absl::Milliseconds(30);
  ServeCart({peer.address()}, action);
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_GE(requests, 2);
}

TEST_F(RetryTest, ThePerTryIdleTimeoutStartsAnotherAttempt) {
  std::atomic<int> requests{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    if (requests++ == 0) {
      connection.ReadEnd();
      return;
    }
    connection.Answer("hello");
  });
  resource::ForwardAction action = Retrying(resource::kRetryOn5xx, kAsOftenAsItTakes);
  action.retry_policy->per_try_idle_timeout = absl::Milliseconds(30);
  ServeCart({peer.address()}, action);
  EXPECT_EQ(Get("http://cart/"), "200 hello");
}

TEST_F(RetryTest, TheStreamIdleTimeoutEndsTheCallWithSi) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.ReadEnd();
  });
  resource::ForwardAction action;
  action.idle_timeout = absl::Milliseconds(30);
  ServeCart({peer.address()}, action);
  EXPECT_EQ(GetFlag("http://cart/"), "SI 504");
}

TEST_F(RetryTest, TheRoutesTimeoutEndsTheCallWithUt) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.ReadEnd();
  });
  resource::ForwardAction action;
  action.timeout = absl::Milliseconds(30);
  ServeCart({peer.address()}, action);
  EXPECT_EQ(GetFlag("http://cart/"), "UT 504");
}

TEST_F(RetryTest, TheCallsDeadlineEndsItWithDt) {
  ScriptedPeer peer([](PeerConnection& connection) {
    connection.ReadRequest();
    connection.ReadEnd();
  });
  ServeCart({peer.address()});
  EXPECT_EQ(GetFlag("http://cart/", {.deadline = absl::Milliseconds(30)}), "DT 504");
}

TEST_F(RetryTest, AnAnswerThatHasBegunIsNotRetried) {
  std::atomic<int> requests{0};
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    ++requests;
    connection.Send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
    connection.Reset();
  });
  ServeCart({peer.address()}, Retrying(resource::kRetryOnReset | resource::kRetryOn5xx));
  EXPECT_EQ(GetFlag("http://cart/"), "UC 503");
  EXPECT_EQ(requests, 1);
}

TEST_F(RetryTest, TheAttemptCountIsSentWhereTheVirtualHostAsksForIt) {
  std::atomic<int> requests{0};
  std::string last;
  ScriptedPeer peer([&](PeerConnection& connection) {
    last = connection.ReadRequest();
    if (requests++ == 0) return connection.Reset();
    connection.Answer("");
  });
  resource::VirtualHost host;
  host.include_request_attempt_count = true;
  configuration_.Cluster("cart", {peer.address()})
      .Listener(kCart, {RouteTo("cart", Retrying(resource::kRetryOnReset))}, {}, host);
  Publish();
  EXPECT_EQ(GetFlag("http://cart/"), "200 ");
  EXPECT_NE(last.find("x-envoy-attempt-count: 2\r\n"), std::string::npos) << last;
}

TEST_F(RetryTest, DropsAreDecidedOncePerCall) {
  std::vector<resource::Address> peers;
  ScriptedPeer peer([&](PeerConnection& connection) {
    connection.ReadRequest();
    if (connection.number() > 0) {
      connection.Answer("hello");
      return;
    }
    configuration_.Cluster("cart", peers, {}, {{.category = "all", .per_million = 1'000'000}});
    published_.Publish(configuration_.Build());
    connection.Reset();
  });
  peers = {peer.address()};
  ServeCart(peers, Retrying(resource::kRetryOnReset));
  EXPECT_EQ(Get("http://cart/"), "200 hello");
  EXPECT_EQ(GetFlag("http://cart/"), "DO 503");
}

TEST_F(RetryTest, MaxRequestsOverflows) {
  ScriptedPeer peer(ScriptedPeer::Answering(""));
  resource::Cluster cluster;
  cluster.circuit_breakers.max_requests = 0;
  ServeCart({peer.address()}, {}, cluster);
  EXPECT_EQ(GetFlag("http://cart/"), "UO 503");
  EXPECT_EQ(configuration_.state("cart")->active_requests, 0u);
}

TEST_F(RetryTest, NoHealthyEndpointIsUh) {
  ServeCart({});
  EXPECT_EQ(GetFlag("http://cart/"), "UH 503");
}

TEST_F(RetryTest, HostileAnswersFailTheCallAndTheConnection) {
  const std::vector<std::string> answers = {
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      "HTTP/1.1 200 OK\r\nx: " + std::string(70000, 'x') + "\r\n\r\n",
      "garbage\r\n\r\n",
  };
  for (const std::string& answer : answers) {
    ScriptedPeer peer([&](PeerConnection& connection) {
      connection.ReadRequest();
      connection.Send(answer);
      connection.ReadEnd();
    });
    ServeCart({peer.address()});
    EXPECT_EQ(GetFlag("http://cart/"), "UPE 502") << answer.substr(0, 60);
    EXPECT_EQ(configuration_.state("cart")->connections, 0u);
  }
}

}  // namespace
}  // namespace meshlib::client
