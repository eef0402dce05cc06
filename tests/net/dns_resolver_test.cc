// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/socket.h"
#include "net/socket_name.h"

namespace meshlib::net {
namespace {

using resource::Address;

// A DNS server on a loop: answers A questions with 127.0.0.9 and AAAA ones with ::9, TTL 77; names
// that start with "absent" with NXDOMAIN.
class TinyDnsServer final : public FdHandler {
 public:
  explicit TinyDnsServer(Loop& loop)
      : loop_(loop), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    const SocketName any = SocketName::Of(*Address::FromIp("127.0.0.1", 0));
    EXPECT_EQ(bind(fd_.get(), any.get(), any.size), 0);
    EXPECT_TRUE(loop_.Watch(fd_.get(), kReadable, this).ok());
  }
  ~TinyDnsServer() override { loop_.Unwatch(fd_.get(), this); }
  Address address() const { return LocalAddress(fd_.get()).value(); }
  int questions() const { return questions_; }

  void OnReady(uint32_t) override {
    char packet[512];
    sockaddr_storage from{};
    socklen_t size = sizeof(from);
    const ssize_t got =
        recvfrom(fd_.get(), packet, sizeof(packet), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 12) return;
    ++questions_;
    const std::string answer = Answer(std::string(packet, static_cast<size_t>(got)));
    sendto(fd_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }

 private:
  static std::string Answer(const std::string& question) {
    const size_t end = question.find('\0', 12) + 5;
    const bool absent = question.substr(13, 6) == "absent";
    const bool v6 = question[end - 3] == 28;
    std::string answer = question.substr(0, end);
    answer[2] = static_cast<char>(0x84);
    answer[3] = static_cast<char>(0x80 | (absent ? 3 : 0));
    answer[7] = absent ? 0 : 1;                  // answers
    answer.replace(8, 4, std::string(4, '\0'));  // no authority, no EDNS
    if (absent) return answer;
    answer += std::string("\xc0\x0c\0", 3) + (v6 ? '\x1c' : '\x01');
    answer += std::string("\0\1\0\0\0\x4d\0", 7) + (v6 ? '\x10' : '\x04');
    answer += v6 ? std::string(15, '\0') + '\x09' : std::string("\x7f\0\0\x09", 4);
    return answer;
  }

  Loop& loop_;
  Fd fd_;
  int questions_ = 0;
};

class DnsResolverTest : public ::testing::Test {
 protected:
  DnsResolverTest() { resolver_ = Create(); }

  std::unique_ptr<Resolver> Create() {
    return CreateDnsResolver(*loop_, {.servers = {server_.address()}}).value();
  }
  absl::StatusOr<Resolution> Resolve(const std::string& host,
                                     AddressFamily family = AddressFamily::kAny) {
    std::optional<absl::StatusOr<Resolution>> result;
    const base::Subscription asked = resolver_->Resolve(
        host, family, [&](absl::StatusOr<Resolution> answer) { result = std::move(answer); });
    EXPECT_FALSE(result.has_value()) << "answered inside Resolve()";
    loop_->Run([&] { return result.has_value(); });
    return *result;
  }
  static std::vector<Address> Ips(const std::vector<std::string>& ips) {
    std::vector<Address> addresses;
    for (const std::string& ip : ips) addresses.push_back(Address::FromIp(ip, 0).value());
    return addresses;
  }

  base::SystemClock clock_;
  std::unique_ptr<Loop> loop_ = Loop::Create(clock_).value();
  TinyDnsServer server_{*loop_};
  std::unique_ptr<Resolver> resolver_;
};

TEST_F(DnsResolverTest, LiteralsAndLocalhostNeedNoServer) {
  EXPECT_EQ(Resolve("10.1.2.3")->addresses, Ips({"10.1.2.3"}));
  EXPECT_EQ(Resolve("fe80::1")->addresses, Ips({"fe80::1"}));
  EXPECT_EQ(Resolve("localhost")->addresses, Ips({"127.0.0.1", "::1"}));
  EXPECT_EQ(Resolve("LOCALHOST.", AddressFamily::kIpv6)->addresses, Ips({"::1"}));
  EXPECT_EQ(Resolve("localhost")->ttl, absl::InfiniteDuration());
  EXPECT_EQ(server_.questions(), 0);
}

TEST_F(DnsResolverTest, AsksForBothFamiliesAndGivesTheTtl) {
  const absl::StatusOr<Resolution> both = Resolve("shop.example.");
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->addresses.size(), 2u);
  EXPECT_EQ(both->ttl, absl::Seconds(77));
  EXPECT_EQ(Resolve("shop.example.", AddressFamily::kIpv4)->addresses, Ips({"127.0.0.9"}));
  EXPECT_EQ(Resolve("shop.example.", AddressFamily::kIpv6)->addresses, Ips({"::9"}));
}

TEST_F(DnsResolverTest, AnAbsentNameIsNotFoundAndNamed) {
  const absl::Status status = Resolve("absent.example.").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "net: resolve \"absent.example.\": domain name not found");
}

TEST_F(DnsResolverTest, ACancelledQuestionIsNotAnswered) {
  bool called = false;
  {
    const auto asked =
        resolver_->Resolve("a.example.", AddressFamily::kAny, [&](auto) { called = true; });
  }
  EXPECT_TRUE(Resolve("b.example.").ok());
  EXPECT_FALSE(called);
}

TEST_F(DnsResolverTest, DestroyingItCancelsAndSubscriptionsMayOutliveIt) {
  bool called = false;
  base::Subscription dns =
      resolver_->Resolve("a.example.", AddressFamily::kAny, [&](auto) { called = true; });
  base::Subscription local =
      resolver_->Resolve("localhost", AddressFamily::kAny, [&](auto) { called = true; });
  resolver_.reset();
  loop_->Poll();
  EXPECT_FALSE(called);
}

TEST_F(DnsResolverTest, ACallbackMayDestroyIt) {
  bool called = false;
  const auto first = resolver_->Resolve("localhost", AddressFamily::kAny, [&](auto) {
    called = true;
    resolver_.reset();
  });
  const auto second = resolver_->Resolve("127.0.0.1", AddressFamily::kAny, [](auto) { FAIL(); });
  loop_->Run([&] { return called; });
  loop_->Poll();
}

}  // namespace
}  // namespace meshlib::net
