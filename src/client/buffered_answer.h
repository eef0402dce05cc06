// SPDX-License-Identifier: Apache-2.0
// BufferedAnswer: collects the answer of a Call into its HttpExchange.

#ifndef MESHLIB_CLIENT_BUFFERED_ANSWER_H_
#define MESHLIB_CLIENT_BUFFERED_ANSWER_H_

#include <cstddef>
#include <string_view>

#include "meshlib/http_client.h"

namespace meshlib::client {

class OutgoingCall;

// Recycled. Loop-bound, as the Call.
class BufferedAnswer final : public StreamHandler {
 public:
  explicit BufferedAnswer(OutgoingCall& call) : call_(call) {}

  // Takes the next answer. `done` is called once, with the filled `exchange`.
  void Begin(HttpExchange& exchange, size_t max_body, HttpClient::Done done);

  void OnHead(const HttpResponse& response) override;
  void OnBody(std::string_view bytes) override;
  void OnEnd(const Headers& trailers) override;
  void OnFailed(const absl::Status& status) override;

 private:
  void Finish(absl::Status status);

  OutgoingCall& call_;
  HttpExchange* exchange_ = nullptr;
  size_t max_body_ = 0;
  HttpClient::Done done_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_BUFFERED_ANSWER_H_
