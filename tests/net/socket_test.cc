// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "net/socket_stream.h"

namespace meshlib::net {
namespace {

using resource::Address;

bool Wait(int fd, short events) {
  pollfd waited{fd, events, 0};
  return poll(&waited, 1, 5000) == 1;
}

// A directory that goes with the test.
class ScratchDirectory {
 public:
  ScratchDirectory() { EXPECT_NE(mkdtemp(path_), nullptr); }
  ~ScratchDirectory() {
    unlink(SocketPath().c_str());
    rmdir(path_);
  }
  std::string SocketPath() const { return std::string(path_) + "/socket"; }

 private:
  char path_[32] = "/tmp/meshlib_net_XXXXXX";
};

// Connects to a listener at `address`, sends "ping" through and reads it.
void ExpectTalks(const Address& address) {
  absl::StatusOr<Fd> listener = Listen(address);
  ASSERT_TRUE(listener.ok()) << listener.status();
  const Address bound = LocalAddress(listener->get()).value();
  absl::StatusOr<Fd> client = StartConnect(bound);
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE(Wait(client->get(), POLLOUT));
  ASSERT_TRUE(ConnectResult(client->get(), bound).ok());
  ASSERT_TRUE(Wait(listener->get(), POLLIN));
  absl::StatusOr<std::optional<Accepted>> accepted = Accept(listener->get());
  ASSERT_TRUE(accepted.ok() && accepted->has_value());
  SocketStream a(*std::move(client));
  SocketStream b(std::move((*accepted)->fd));
  EXPECT_TRUE(b.IsSilent());
  iovec pieces[2] = {{const_cast<char*>("pi"), 2}, {const_cast<char*>("ng"), 2}};
  EXPECT_EQ(a.Write(pieces), (IoResult{IoResult::Kind::kDone, 4}));
  ASSERT_TRUE(Wait(b.fd(), POLLIN));
  EXPECT_FALSE(b.IsSilent());
  char buffer[16];
  EXPECT_EQ(b.Read(buffer), (IoResult{IoResult::Kind::kDone, 4}));
  EXPECT_EQ(std::string(buffer, 4), "ping");
  EXPECT_EQ(b.Read(buffer).kind, IoResult::Kind::kAgain);
  a.CloseWrite();
  ASSERT_TRUE(Wait(b.fd(), POLLIN));
  EXPECT_EQ(b.Read(buffer).kind, IoResult::Kind::kEof);
  EXPECT_FALSE(b.IsSilent());
}

TEST(SocketStreamTest, AwaitWaitsForThePeerAndReadNeverDoes) {
  int fds[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
  SocketStream ours{Fd(fds[0])};
  SocketStream peer{Fd(fds[1])};
  char buffer[16];
  // Nobody sends: it gives up by itself.
  EXPECT_EQ(ours.Await(buffer).kind, IoResult::Kind::kAgain);
  EXPECT_EQ(ours.Read(buffer).kind, IoResult::Kind::kAgain);
  EXPECT_TRUE(ours.IsSilent());
  std::thread sender([&] {
    const iovec piece{const_cast<char*>("ping"), 4};
    EXPECT_EQ(peer.Write({&piece, 1}).bytes, 4u);
  });
  IoResult result;
  while (result.kind == IoResult::Kind::kAgain) result = ours.Await(buffer);
  sender.join();
  EXPECT_EQ(result, (IoResult{IoResult::Kind::kDone, 4}));
  // Nor does Write() wait, for a peer that does not read.
  const std::string much(1 << 20, 'x');
  const iovec piece{const_cast<char*>(much.data()), much.size()};
  do {
    result = ours.Write({&piece, 1});
  } while (result.kind == IoResult::Kind::kDone);
  EXPECT_EQ(result.kind, IoResult::Kind::kAgain);
  peer.CloseWrite();
  EXPECT_EQ(ours.Await(buffer).kind, IoResult::Kind::kEof);
}

TEST(SocketTest, TalksOverIpv4) { ExpectTalks(*Address::FromIp("127.0.0.1", 0)); }
TEST(SocketTest, TalksOverIpv6) { ExpectTalks(*Address::FromIp("::1", 0)); }
TEST(SocketTest, TalksOverAnAbstractSocket) {
  ExpectTalks(*Address::FromUnixPath("@meshlib-net-" + std::to_string(getpid())));
}
TEST(SocketTest, TalksOverAUnixSocket) {
  ScratchDirectory directory;
  ExpectTalks(*Address::FromUnixPath(directory.SocketPath()));
}

TEST(SocketTest, TheFileOfADeadListenerIsReplacedAndALiveOneIsNot) {
  ScratchDirectory directory;
  const Address address = *Address::FromUnixPath(directory.SocketPath());
  ASSERT_TRUE(Listen(address).ok());  // and closed again: its file stays
  absl::StatusOr<Fd> second = Listen(address);
  ASSERT_TRUE(second.ok()) << second.status();
  const absl::StatusOr<Fd> third = Listen(address);
  EXPECT_EQ(third.status().code(), absl::StatusCode::kAlreadyExists);
}

TEST(SocketTest, APortInUseIsNamed) {
  absl::StatusOr<Fd> first = Listen(*Address::FromIp("127.0.0.1", 0));
  const Address bound = LocalAddress(first->get()).value();
  const absl::Status status = Listen(bound).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "listen on " + bound.ToString() + ": port " +
                                  std::to_string(bound.port()) + " is already in use");
}

TEST(SocketTest, TwoListenersShareAPortWhenBothAskForIt) {
  const ListenOptions options{.reuse_port = true};
  absl::StatusOr<Fd> first = Listen(*Address::FromIp("127.0.0.1", 0), options);
  EXPECT_TRUE(Listen(LocalAddress(first->get()).value(), options).ok());
}

TEST(SocketTest, ARefusedConnectionNamesAddressAndCause) {
  absl::StatusOr<Fd> listener = Listen(*Address::FromIp("127.0.0.1", 0));
  const Address closed = LocalAddress(listener->get()).value();
  listener->Reset();
  absl::StatusOr<Fd> fd = StartConnect(closed);
  absl::Status status = fd.status();
  if (fd.ok()) {
    ASSERT_TRUE(Wait(fd->get(), POLLOUT));
    status = ConnectResult(fd->get(), closed);
  }
  EXPECT_EQ(status.message(), "connect " + closed.ToString() + ": connection refused");
}

TEST(SocketTest, AcceptWithoutAConnectionIsNothing) {
  absl::StatusOr<Fd> listener = Listen(*Address::FromIp("127.0.0.1", 0));
  const auto accepted = Accept(listener->get());
  ASSERT_TRUE(accepted.ok());
  EXPECT_FALSE(accepted->has_value());
}

}  // namespace
}  // namespace meshlib::net
