// SPDX-License-Identifier: Apache-2.0
// Channels to control planes. For this folder: they are gRPC's.

#ifndef MESHLIB_RPC_CLIENT_CHANNEL_H_
#define MESHLIB_RPC_CLIENT_CHANNEL_H_

#include <grpcpp/channel.h>

#include <condition_variable>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "rpc/control_plane_security.h"

namespace meshlib::rpc {

// A connection of its own, not shared with other channels. Plaintext without `security`. An error
// names the file of the roots.
absl::StatusOr<std::shared_ptr<grpc::Channel>> NewChannel(
    const std::string& address, const std::optional<ControlPlaneSecurity>& security);

// "grpc://HOST:PORT", "grpcs://HOST:PORT" or "unix:/PATH".
std::string ChannelName(const std::string& address, bool secure);

// How many calls gRPC still has. Thread-safe.
class CallCount final {
 public:
  void Add() {
    base::MutexLock lock(mutex_);
    ++count_;
  }
  void Remove() {
    base::MutexLock lock(mutex_);
    if (--count_ == 0) none_.notify_all();
  }
  void WaitForNone() {
    base::MutexLock lock(mutex_);
    while (count_ > 0) none_.wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  std::condition_variable_any none_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Counts for as long as it lives. A value that cannot be copied.
class CountedCall final {
 public:
  explicit CountedCall(std::shared_ptr<CallCount> count) : count_(std::move(count)) {
    count_->Add();
  }
  ~CountedCall() { count_->Remove(); }
  CountedCall(const CountedCall&) = delete;
  CountedCall& operator=(const CountedCall&) = delete;

 private:
  const std::shared_ptr<CallCount> count_;
};

// Makes channels. The first one stays until the end: gRPC 1.51 runs callbacks on threads that it
// starts with the first channel that needs them and joins with the last, and joins even when the
// last channel goes in one of these callbacks, which ends in a use of freed memory. Without calls
// it is idle, that is without a connection. Thread-compatible.
class ClientChannels final {
 public:
  // Calls that were cancelled end at once, so this does not wait for peers.
  ~ClientChannels() { calls_->WaitForNone(); }

  absl::StatusOr<std::shared_ptr<grpc::Channel>> Open(
      const std::string& address, const std::optional<ControlPlaneSecurity>& security);
  const std::shared_ptr<CallCount>& calls() const { return calls_; }

 private:
  std::shared_ptr<grpc::Channel> first_;
  const std::shared_ptr<CallCount> calls_ = std::make_shared<CallCount>();
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_CLIENT_CHANNEL_H_
