// SPDX-License-Identifier: Apache-2.0
// StreamExchange: a Call whose handler takes and gives bodies in pieces, on the loop.

#ifndef MESHLIB_SERVER_STREAM_EXCHANGE_H_
#define MESHLIB_SERVER_STREAM_EXCHANGE_H_

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "meshlib/http_server.h"
#include "server/exchange.h"

namespace meshlib::server {

class Connection;

// Loop-bound: as its Connection.
class StreamExchange final : public Exchange, public ServerStream {
 public:
  // REQUIRES: `acceptor` outlives it.
  StreamExchange(Connection& connection, const StreamAcceptor& acceptor);

  HttpRequest& request() override { return request_; }
  void OnHead() override;
  void OnBody(std::string_view bytes) override;
  void OnEnd(const Headers& trailers) override;
  void OnWritable() override;
  bool WaitsUntilSent() const override { return true; }
  void OnSent() override;
  bool OnClosed(const absl::Status& status) override;

  void SendHead(const HttpResponse& head) override;
  bool Write(std::string_view bytes) override;
  void Finish(const Headers& trailers) override;
  void Reset() override;
  void PauseReading() override;
  void ResumeReading() override;

 private:
  // Calls the handler, and ends the Call if it throws.
  void Guard(absl::FunctionRef<void()> call);
  void End(const absl::Status& status);

  Connection& connection_;
  const StreamAcceptor& acceptor_;
  HttpRequest request_;
  std::unique_ptr<ServerStreamHandler> handler_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_STREAM_EXCHANGE_H_
