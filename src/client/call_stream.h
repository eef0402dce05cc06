// SPDX-License-Identifier: Apache-2.0
// CallStream: the HttpStream of a streaming Call.

#ifndef MESHLIB_CLIENT_CALL_STREAM_H_
#define MESHLIB_CLIENT_CALL_STREAM_H_

#include <string_view>

#include "absl/time/time.h"
#include "client/call_loop.h"
#include "meshlib/http_client.h"

namespace meshlib::client {

// Hands the Call's events on to the user's handler. Either end may go first.
// Loop-bound: use only on the loop of the CallLoop.
class CallStream final : public HttpStream, private StreamHandler {
 public:
  // As HttpClient::Open(); `waited` as in OutgoingCall::Order.
  CallStream(CallLoop& loop, const HttpRequest& request, const CallOptions& options,
             StreamHandler& handler, absl::Duration waited = absl::ZeroDuration());
  // Cancels what is under way.
  ~CallStream() override;

  bool Write(std::string_view bytes) override;
  void Finish(const Headers& trailers) override;
  void PauseReading() override;
  void ResumeReading() override;

 private:
  void OnHead(const HttpResponse& response) override;
  void OnBody(std::string_view bytes) override;
  void OnEnd(const Headers& trailers) override;
  void OnFailed(const absl::Status& status) override;
  void OnWritable() override;

  StreamHandler& handler_;
  HttpResponse response_;
  OutgoingCall* call_;  // null: ended
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_CALL_STREAM_H_
