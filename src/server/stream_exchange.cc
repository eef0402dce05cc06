// SPDX-License-Identifier: Apache-2.0
#include "server/stream_exchange.h"

#include <exception>
#include <utility>

#include "server/connection.h"
#include "server/loop_server.h"

namespace meshlib::server {

StreamExchange::StreamExchange(Connection& connection, const StreamAcceptor& acceptor)
    : connection_(connection), acceptor_(acceptor) {}

void StreamExchange::OnHead() {
  Guard([this] { handler_ = acceptor_(request_, *this); });
  if (handler_ == nullptr) connection_.Refuse(500, "the handler failed");
}

void StreamExchange::OnBody(std::string_view bytes) {
  Guard([&] { handler_->OnBody(bytes); });
}

void StreamExchange::OnEnd(const Headers& trailers) {
  Guard([&] { handler_->OnEnd(trailers); });
}

void StreamExchange::OnWritable() {
  Guard([this] { handler_->OnWritable(); });
}

void StreamExchange::OnSent() { End(absl::OkStatus()); }

bool StreamExchange::OnClosed(const absl::Status& status) {
  End(status);
  return true;
}

void StreamExchange::SendHead(const HttpResponse& head) { connection_.SendHead(head); }

bool StreamExchange::Write(std::string_view bytes) { return connection_.Write(bytes); }

void StreamExchange::Finish(const Headers& trailers) { connection_.Finish(trailers); }

void StreamExchange::Reset() { connection_.Reset(); }

void StreamExchange::PauseReading() { connection_.PauseReading(true); }

void StreamExchange::ResumeReading() { connection_.PauseReading(false); }

void StreamExchange::Guard(absl::FunctionRef<void()> call) {
  Serving& serving = connection_.server().serving();
  const net::ActivityScope activity(connection_.server().loop(),
                                    {"the streaming handler of", serving.address});
  try {
    return call();
  } catch (const std::exception& error) {
    serving.ReportHandler(error.what());
  } catch (...) {
    serving.ReportHandler("an exception that is none of std");
  }
  connection_.Refuse(500, "the handler failed");
}

// The handler goes whatever it does in OnClosed.
void StreamExchange::End(const absl::Status& status) {
  const std::unique_ptr<ServerStreamHandler> handler = std::move(handler_);
  if (handler == nullptr) return;
  Guard([&] { handler->OnClosed(status); });
}

}  // namespace meshlib::server
