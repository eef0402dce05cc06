// SPDX-License-Identifier: Apache-2.0
#include "ads_server/stream_client.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "ads_server/node_decoder.h"

namespace meshlib::ads_server {

StreamClient::StreamClient(const StreamContext& context, StreamSink& sink)
    : sink_(sink), observer_(context.observer), registrations_(context.registry) {}

StreamClient::~StreamClient() {
  if (observer_ != nullptr && node_.has_value()) observer_->OnStreamEnded(*node_);
}

void StreamClient::OnNack(std::string_view type_url, std::string_view version,
                          std::string_view text) const {
  if (observer_ != nullptr) observer_->OnNack(*node_, type_url, version, text);
}

bool StreamClient::Parse(const std::string& bytes, google::protobuf::Message& request) const {
  if (request.ParseFromString(bytes)) return true;
  sink_.Close(absl::InvalidArgumentError(absl::StrCat("ads_server: a message of ", bytes.size(),
                                                      " bytes that is not a ",
                                                      request.GetDescriptor()->name())));
  return false;
}

bool StreamClient::Accept(const std::string& type_url, const envoy::config::core::v3::Node* node) {
  if (type_url.empty()) {
    sink_.Close(absl::InvalidArgumentError("ads_server: a request without a type_url"));
    return false;
  }
  if (node_.has_value()) return true;
  if (node == nullptr) {
    sink_.Close(absl::InvalidArgumentError("ads_server: the first request carries no node"));
    return false;
  }
  node_ = DecodeNode(*node);
  if (observer_ != nullptr) observer_->OnStreamOpened(*node_);
  return true;
}

}  // namespace meshlib::ads_server
