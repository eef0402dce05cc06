// SPDX-License-Identifier: Apache-2.0
#include "gateway_call.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "meshlib/call_error.h"

namespace meshctl {
namespace {

// RFC 9110 section 7.6.1.
constexpr std::array<std::string_view, 7> kHopByHop = {
    "connection", "keep-alive",        "proxy-connection", "te",
    "trailer",    "transfer-encoding", "upgrade"};

bool IsForwarded(std::string_view name) {
  return std::find(kHopByHop.begin(), kHopByHop.end(), name) == kHopByHop.end();
}

std::string_view HostOf(std::string_view peer_address) {
  std::string_view host = peer_address.substr(0, peer_address.rfind(':'));
  if (host.size() >= 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  return host;
}

// The Call itself does what else the Listener wants of an edge.
meshlib::HttpRequest Forwarded(const meshlib::HttpRequest& request) {
  meshlib::HttpRequest forwarded;
  forwarded.method = request.method;
  forwarded.url = request.url;
  forwarded.authority = request.authority;
  for (const meshlib::Headers::Field field : request.headers) {
    if (IsForwarded(field.name)) forwarded.headers.Add(field.name, field.value);
  }
  std::string storage;
  const auto before = request.headers.GetJoined("x-forwarded-for", &storage);
  std::string clients = before ? std::string(*before) + "," : "";
  clients += HostOf(request.peer_address);
  forwarded.headers.Set("x-forwarded-for", clients);
  return forwarded;
}

// A response head without what belongs to one connection only.
meshlib::HttpResponse ForwardedHead(const meshlib::HttpResponse& response) {
  meshlib::HttpResponse forwarded;
  forwarded.status = response.status;
  for (const meshlib::Headers::Field field : response.headers) {
    if (IsForwarded(field.name)) forwarded.headers.Add(field.name, field.value);
  }
  return forwarded;
}

// What a sidecar would answer for a Call that failed. The reason is in a header, for people.
meshlib::HttpResponse LocalReply(const absl::Status& status) {
  const auto error = meshlib::CallErrorOf(status);
  const bool no_route = error && error->reason == meshlib::CallErrorReason::kNoRoute;
  meshlib::HttpResponse reply =
      no_route ? meshlib::HttpResponse::Text(404, "")
               : meshlib::HttpResponse::Text(error ? error->http_status : 503,
                                             std::string(status.message()) + "\n");
  if (error) reply.headers.Add("x-meshlib-flag", error->flag());
  return reply;
}

// The two directions are two handlers, because their callbacks have the same names.
class GatewayCall final : public meshlib::ServerStreamHandler {
 public:
  explicit GatewayCall(meshlib::ServerStream& server) : server_(&server), answer_(*this) {}

  void Start(meshlib::HttpClient& client, const GatewayPort& port,
             const meshlib::HttpRequest& request) {
    meshlib::CallOptions options;
    options.listener = port.listener;
    options.deadline = absl::InfiniteDuration();
    client_ = client.Open(Forwarded(request), options, answer_);
  }

  void OnBody(std::string_view bytes) override {
    if (client_ != nullptr && !client_->Write(bytes)) server_->PauseReading();
  }
  void OnEnd(const meshlib::Headers& trailers) override {
    if (client_ != nullptr) client_->Finish(trailers);
  }
  void OnWritable() override {
    if (client_ != nullptr) client_->ResumeReading();
  }
  void OnClosed(const absl::Status&) override {
    server_ = nullptr;
    client_.reset();
  }

 private:
  // The answer, from the client side. `server_` is null once the peer is gone.
  class Answer final : public meshlib::StreamHandler {
   public:
    explicit Answer(GatewayCall& call) : call_(call) {}

    void OnHead(const meshlib::HttpResponse& response) override {
      head_sent_ = true;
      if (call_.server_ != nullptr) call_.server_->SendHead(ForwardedHead(response));
    }
    void OnBody(std::string_view bytes) override {
      if (call_.server_ != nullptr && !call_.server_->Write(bytes)) call_.client_->PauseReading();
    }
    void OnEnd(const meshlib::Headers& trailers) override {
      if (call_.server_ != nullptr) call_.server_->Finish(trailers);
    }
    void OnFailed(const absl::Status& status) override {
      if (call_.server_ == nullptr) return;
      if (head_sent_) return call_.server_->Reset();
      const meshlib::HttpResponse reply = LocalReply(status);
      call_.server_->ResumeReading();
      call_.server_->SendHead(reply);
      call_.server_->Write(reply.body);
      call_.server_->Finish();
    }
    void OnWritable() override {
      if (call_.server_ != nullptr) call_.server_->ResumeReading();
    }

   private:
    GatewayCall& call_;
    bool head_sent_ = false;
  };

  meshlib::ServerStream* server_;
  Answer answer_;
  std::unique_ptr<meshlib::HttpStream> client_;  // last: its destruction stops `answer_`
};

}  // namespace

std::unique_ptr<meshlib::ServerStreamHandler> StartGatewayCall(meshlib::HttpClient& client,
                                                               const GatewayPort& port,
                                                               const meshlib::HttpRequest& request,
                                                               meshlib::ServerStream& stream) {
  auto call = std::make_unique<GatewayCall>(stream);
  call->Start(client, port, request);
  return call;
}

}  // namespace meshctl
