// SPDX-License-Identifier: Apache-2.0
#include "client/call_stream.h"

namespace meshlib::client {

CallStream::CallStream(CallLoop& loop, const HttpRequest& request, const CallOptions& options,
                       StreamHandler& handler, absl::Duration waited)
    : handler_(handler), call_(&loop.NewCall()) {
  StreamHandler& self = *this;
  call_->Start({.request = request,
                .options = options,
                .response = response_,
                .handler = self,
                .streaming = true,
                .waited = waited});
}

CallStream::~CallStream() {
  if (call_ != nullptr) call_->Cancel();
}

bool CallStream::Write(std::string_view bytes) { return call_ == nullptr || call_->Write(bytes); }

void CallStream::Finish(const Headers& trailers) {
  if (call_ != nullptr) call_->FinishBody(trailers);
}

void CallStream::PauseReading() {
  if (call_ != nullptr) call_->PauseReading();
}

void CallStream::ResumeReading() {
  if (call_ != nullptr) call_->ResumeReading();
}

void CallStream::OnHead(const HttpResponse& response) { handler_.OnHead(response); }
void CallStream::OnBody(std::string_view bytes) { handler_.OnBody(bytes); }
void CallStream::OnWritable() { handler_.OnWritable(); }

void CallStream::OnEnd(const Headers& trailers) {
  call_ = nullptr;
  handler_.OnEnd(trailers);
}

void CallStream::OnFailed(const absl::Status& status) {
  call_ = nullptr;
  handler_.OnFailed(status);
}

}  // namespace meshlib::client
