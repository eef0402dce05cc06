// SPDX-License-Identifier: Apache-2.0
#include "client/buffered_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/call_loop.h"
#include "client/outgoing_call.h"

namespace meshlib::client {
namespace {

// Reserved on the word of the peer alone.
constexpr uint64_t kTrustedLength = 1024 * 1024;

uint64_t LengthOf(const Headers& headers) {
  uint64_t length = 0;
  if (const std::optional<std::string_view> text = headers.Get("content-length")) {
    std::from_chars(text->data(), text->data() + text->size(), length);
  }
  return std::min(length, kTrustedLength);
}

}  // namespace

void BufferedAnswer::Begin(HttpExchange& exchange, size_t max_body, HttpClient::Done done) {
  exchange_ = &exchange;
  max_body_ = max_body;
  done_ = std::move(done);
}

void BufferedAnswer::OnHead(const HttpResponse& response) {
  exchange_->response.body.reserve(static_cast<size_t>(LengthOf(response.headers)));
}

void BufferedAnswer::OnBody(std::string_view bytes) {
  std::string& body = exchange_->response.body;
  if (bytes.size() <= max_body_ - body.size()) {
    body.append(bytes);
    return;
  }
  call_.Fail(CallFailure::Of(CallErrorReason::kBodyTooLarge,
                             absl::StrCat("client: the answer's body is larger than "
                                          "max_buffered_body (",
                                          max_body_, ")")));
}

void BufferedAnswer::OnEnd(const Headers& /*trailers*/) { Finish(absl::OkStatus()); }

void BufferedAnswer::OnFailed(const absl::Status& status) { Finish(status); }

void BufferedAnswer::Finish(absl::Status status) {
  HttpExchange& exchange = *std::exchange(exchange_, nullptr);
  exchange.status = std::move(status);
  HttpClient::Done done = std::exchange(done_, nullptr);
  const net::ActivityScope activity(call_.loop().loop(),
                                    {"the callback of a Call to", call_.authority()});
  done(exchange);
}

}  // namespace meshlib::client
