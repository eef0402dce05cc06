// SPDX-License-Identifier: Apache-2.0
// FirstBytes: waits until a connection's first bytes say what it speaks.

#ifndef MESHLIB_TRANSPORT_FIRST_BYTES_H_
#define MESHLIB_TRANSPORT_FIRST_BYTES_H_

#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/timer.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "transport/client_hello.h"

namespace meshlib::transport {

// A connection that has begun to speak. Whoever goes on with it takes `bytes` first.
struct OpenedConnection {
  std::unique_ptr<net::ByteStream> socket;
  std::string bytes;  // what was read
  Opening opening;    // kPlaintext or kTls
};

// A port that serves TLS and plaintext tells them apart by it. It reads, rather than peeks: a part
// of a ClientHello that stays in the socket would make it readable for ever. Destroying it cancels;
// `done` may do so. Loop-bound: use only on the loop passed to the constructor.
class FirstBytes final : private net::FdHandler {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<OpenedConnection>)>;

  explicit FirstBytes(net::Loop& loop);
  ~FirstBytes() override;
  FirstBytes(const FirstBytes&) = delete;
  FirstBytes& operator=(const FirstBytes&) = delete;

  // Calls `done` once, never inside Start(): DEADLINE_EXCEEDED for a client that stays silent,
  // CANCELLED for one that leaves without a byte, otherwise UNAVAILABLE. REQUIRES: started once.
  void Start(std::unique_ptr<net::ByteStream> socket, absl::Duration timeout, Done done);

 private:
  void OnReady(uint32_t readiness) override;
  void OnTimeout();
  // Destroys this, maybe.
  void Finish(absl::StatusOr<OpenedConnection> result);

  net::Loop& loop_;
  std::unique_ptr<net::ByteStream> socket_;
  std::string bytes_;
  absl::Status failure_;  // of Start()
  absl::Duration limit_;
  base::Timer timer_;
  Done done_;
};

}  // namespace meshlib::transport

#endif  // MESHLIB_TRANSPORT_FIRST_BYTES_H_
