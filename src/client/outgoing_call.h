// SPDX-License-Identifier: Apache-2.0
// OutgoingCall: the life of one Call, from its URL to the end of its answer.
//
//   destination -> Listener (wait for it) -> Route -> fault -> Cluster -> Attempts -> answer

#ifndef MESHLIB_CLIENT_OUTGOING_CALL_H_
#define MESHLIB_CLIENT_OUTGOING_CALL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "base/timer.h"
#include "client/attempt.h"
#include "client/buffered_answer.h"
#include "client/call_failure.h"
#include "client/call_route.h"
#include "client/destination.h"
#include "client/request_body.h"
#include "client/snapshot_pins.h"
#include "meshlib/http_client.h"
#include "policy/call_timeouts.h"
#include "policy/fault_injection.h"
#include "policy/retry_state.h"
#include "route/redirect.h"
#include "route/request_rewrite.h"

namespace meshlib::client {

class CallLoop;

// Recycled by its CallLoop from Call to Call: nothing is allocated once its buffers have grown. The
// end of a Call is told last of all: whoever is told may start the next one.
//
// Loop-bound: use only on the loop of the CallLoop.
class OutgoingCall final : private Attempt::Owner {
 public:
  explicit OutgoingCall(CallLoop& loop);
  ~OutgoingCall() override;
  OutgoingCall(const OutgoingCall&) = delete;
  OutgoingCall& operator=(const OutgoingCall&) = delete;

  // `request` and `options` must stay valid until the function returns, the others until the end
  // of the Call; `request.body`, unless streaming, as well.
  struct Order {
    const HttpRequest& request;
    const CallOptions& options;
    HttpResponse& response;  // filled
    StreamHandler& handler;
    CallInfo* info = nullptr;  // filled at the end; null: nobody asks
    bool streaming = false;    // the body goes on by Write() until Finish()
    // How long ago the caller asked: it has waited for the loop. Counts for every time limit.
    absl::Duration waited = absl::ZeroDuration();
  };
  // `handler` is never called within it.
  void Start(const Order& order);
  // Without any further event.
  void Cancel();
  // Ends it with OnFailed.
  void Fail(CallFailure failure);

  // Of streaming Calls. False: wait for OnWritable.
  bool Write(std::string_view bytes);
  void FinishBody(const Headers& trailers);
  void PauseReading();
  void ResumeReading();

  // A new snapshot is out, and this Call is waiting for one.
  void OnSnapshot();

  bool is_active() const { return step_ != Step::kIdle; }
  CallLoop& loop() { return loop_; }
  // Where it goes; may be asked also while its end is told.
  std::string_view authority() const { return head_.authority; }
  BufferedAnswer& buffered_answer() { return buffered_answer_; }

 private:
  enum class Step : uint8_t {
    kIdle,
    kStarting,       // a streaming Call, until its first bytes may be there
    kConfiguration,  // waits for Listener or host
    kFaultDelay,
    kLocalAnswer,  // an answer of our own, to be told soon
    kFailing,      // an error, to be told soon
    kPicking,      // waits for endpoints, or for what they are called with
    kAttempt,
    kBackoff,
  };

  void PrepareHead(const HttpRequest& request, const CallOptions& options);
  void PropagateHeaders(const HttpRequest& parent);
  void FindListener();
  void ChooseRoute();
  void AfterFaultDelay();
  void AnswerLocally(route::LocalAnswer answer);
  void TellLocalAnswer();
  void Forward();
  bool CheckCluster(const resource::Cluster& cluster);
  void DecideRetriesAndTimeouts();
  void Pick();
  const snapshot::ClusterEntry* EndpointsOf(const snapshot::ClusterEntry& cluster);
  void WaitForEndpoints();
  void WaitForCertificate(const absl::Status& why);
  void StartAttempt(const snapshot::ClusterEntry& cluster, const pick::Picked& picked);
  void RewriteForAttempt(const pick::Picked& picked);
  void Backoff(absl::Duration delay);
  void Wait(Step step, absl::Time until);
  void OnWaited();
  void OnDeadline();
  void OnAttemptTimeout();
  void OnIdleTimeout();
  void UpdateDeadline();
  void ArmIdleTimer();
  void FailAttempt(CallErrorReason reason, std::string_view cause);
  void End();
  void Report(const absl::Status& status);
  void Recycle();
  // The route's mutations of the response; commands see the request as it was sent.
  void RewriteResponse(int response_code);
  route::FormatContext Context() const;

  void OnAttemptHead() override;
  void OnAttemptBody(std::string_view bytes) override;
  void OnAttemptEnd() override;
  void OnAttemptFailed(CallErrorReason reason, const absl::Status& cause) override;
  void OnAttemptWritable() override;

  CallLoop& loop_;
  BufferedAnswer buffered_answer_;
  base::Timer wait_timer_;  // the end of step_
  base::Timer deadline_timer_;
  base::Timer attempt_timer_;
  base::Timer idle_timer_;

  Step step_ = Step::kIdle;
  bool starting_ = false;  // within Start()
  bool unknown_is_absent_ = false;
  bool head_told_ = false;
  bool writer_waits_ = false;
  policy::RouterHeaders router_headers_ = policy::RouterHeaders::kHonoured;
  HttpResponse* response_ = nullptr;
  StreamHandler* handler_ = nullptr;
  CallInfo* info_ = nullptr;
  std::string listener_;  // CallOptions::listener
  Destination destination_;
  route::OutgoingHead head_;
  route::RewriteScratch scratch_;
  RequestBody body_;

  absl::Time started_;
  absl::Time callers_deadline_;
  absl::Time attempt_started_;
  absl::Time last_activity_;
  std::optional<absl::Time> request_end_;
  policy::Deadline deadline_;
  policy::CallTimeouts timeouts_;

  CallRoute route_;
  std::optional<policy::FaultInjection> fault_;
  std::optional<policy::RetryState> retries_;
  std::string local_body_;
  // Why there is no certificate yet; empty: none is waited for.
  std::string no_certificate_;

  SnapshotPins::Pin attempt_pin_;
  std::shared_ptr<pick::ClusterState> cluster_state_;
  const resource::Cluster* cluster_ = nullptr;  // of the current Attempt, held by attempt_pin_
  std::vector<const pick::EndpointState*> previous_;
  std::string endpoint_name_;
  std::string called_as_;  // authority of the route, before an endpoint's own name replaces it
  int attempts_ = 0;
  uint64_t response_bytes_ = 0;
  std::string_view flag_;
  Attempt attempt_;

  std::optional<CallFailure> failure_;
};

}  // namespace meshlib::client

#endif  // MESHLIB_CLIENT_OUTGOING_CALL_H_
