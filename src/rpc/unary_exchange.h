// SPDX-License-Identifier: Apache-2.0
// UnaryExchange: one call of a generic service that has one message each way.

#ifndef MESHLIB_RPC_UNARY_EXCHANGE_H_
#define MESHLIB_RPC_UNARY_EXCHANGE_H_

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "rpc/grpc_message.h"

namespace meshlib::rpc {

// Deletes itself when gRPC is done with it. gRPC's threads only.
class UnaryExchange final : public grpc::ServerGenericBidiReactor {
 public:
  // Bytes of the request to bytes of the response; called once, must not wait.
  using Handler = absl::AnyInvocable<absl::StatusOr<std::string>(const std::string&)>;

  static UnaryExchange* Start(Handler handler) {
    auto* exchange = new UnaryExchange(std::move(handler));
    exchange->StartRead(&exchange->request_);
    return exchange;
  }

  void OnReadDone(bool ok) override {
    absl::StatusOr<std::string> answer = absl::InvalidArgumentError("rpc: there is no request");
    if (ok) answer = ToBytes(request_);
    if (ok && answer.ok()) answer = handler_(*answer);
    if (!answer.ok()) return Finish(ToGrpcStatus(answer.status()));
    response_ = ToByteBuffer(*answer);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  explicit UnaryExchange(Handler handler) : handler_(std::move(handler)) {}
  ~UnaryExchange() override = default;

  Handler handler_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

}  // namespace meshlib::rpc

#endif  // MESHLIB_RPC_UNARY_EXCHANGE_H_
