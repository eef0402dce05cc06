// SPDX-License-Identifier: Apache-2.0
// Attempt: one trip of a Call to one endpoint.

#ifndef MESHLIB_CLIENT_ATTEMPT_H_
#define MESHLIB_CLIENT_ATTEMPT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "client/request_body.h"
#include "connection/endpoint_pool.h"
#include "meshlib/call_error.h"
#include "meshlib/http.h"
#include "policy/admission.h"
#include "resource/cluster.h"
#include "route/request_rewrite.h"

namespace meshlib::client {

// Gets a connection, sends the request, and hands the answer over. Recycled from Attempt to
// Attempt; at most one is under way. Loop-bound: use only on the loop of the pools.
class Attempt final : private connection::ConnectionWaiter, private connection::ExchangeEvents {
 public:
  // Who made it. Grammar as of ExchangeEvents. None is called within Start().
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnAttemptHead() = 0;
    virtual void OnAttemptBody(std::string_view bytes) = 0;
    virtual void OnAttemptEnd() = 0;
    virtual void OnAttemptFailed(CallErrorReason reason, const absl::Status& cause) = 0;
    // Everything written so far has gone.
    virtual void OnAttemptWritable() = 0;
  };

  explicit Attempt(Owner& owner) : owner_(owner) {}

  // A value.
  struct Request {
    const route::OutgoingHead* head;
    RequestBody* body;
    HttpResponse* response;
  };

  // What is wrong at once comes back as an error, with the reason in `*reason`; OK: the events
  // follow. `cluster`, endpoint and cluster of `pool`, and everything in `request` must stay valid
  // until the last of them or Cancel().
  absl::Status Start(connection::EndpointPool& pool, const resource::Cluster& cluster,
                     const connection::PoolSettings& settings, const connection::ConnectTo& to,
                     const Request& request, CallErrorReason* reason);
  // No further event. Closes the connection when an exchange is under way.
  void Cancel();

  // More of the body is there.
  void OnBodyGrown();
  void PauseReading();
  void ResumeReading();

  bool is_active() const { return active_; }
  // Whether a connection took the last one, so that the peer may have seen it.
  bool was_sent() const { return was_sent_; }
  // Bytes that wait for the peer to take them.
  uint64_t unsent() const;

 private:
  void OnConnection(connection::Http1Connection& connection) override;
  void OnConnectionFailed(const absl::Status& cause) override;
  void OnHead() override;
  void OnBody(std::string_view bytes) override;
  void OnEnd() override;
  void OnBroken(CallErrorReason reason, const absl::Status& cause) override;
  void OnWritable() override;

  absl::Status Send(connection::Http1Connection& connection, CallErrorReason* reason);
  wire::BodyFraming Framing() const;
  absl::Status Pump();
  void Settle();

  Owner& owner_;
  bool active_ = false;
  bool was_sent_ = false;
  bool finished_ = false;  // the whole request was given to the connection
  bool chunked_ = false;
  bool paused_ = false;
  uint64_t sent_ = 0;      // offset in the body
  uint64_t promised_ = 0;  // content-length of a body that is not complete yet
  bool has_promise_ = false;
  Request request_{};
  connection::EndpointPool* pool_ = nullptr;
  const resource::Cluster* cluster_ = nullptr;
  connection::Http1Connection* connection_ = nullptr;
  policy::CountToken cluster_request_;
  policy::CountToken endpoint_request_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_ATTEMPT_H_
