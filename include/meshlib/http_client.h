// SPDX-License-Identifier: Apache-2.0
// HttpClient: outgoing HTTP Calls through the mesh.

#ifndef MESHLIB_HTTP_CLIENT_H_
#define MESHLIB_HTTP_CLIENT_H_

#include <coroutine>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "meshlib/export.h"
#include "meshlib/http.h"

namespace meshlib {

// A value.
struct CallOptions {
  // The longest the Call may take, all Attempts included. Default: MeshOptions::default_deadline.
  // InfiniteDuration(): only the route's own time-out.
  std::optional<absl::Duration> deadline{};
  // The request that this Call is made on behalf of: the headers named by
  // MeshOptions::propagate_headers are copied from it. Must outlive the start of the Call.
  const HttpRequest* parent = nullptr;
  Headers headers{};  // added to the request; for Get() and Post()
  // Routes by this Listener of the configuration instead of the one of the URL's host: a gateway
  // forwards what it received on "0.0.0.0_8080". The authority still chooses the virtual host.
  std::string listener{};
};

// What happened to a Call, for logs and tests. A value.
struct CallInfo {
  std::string cluster;   // the last Attempt's
  std::string endpoint;  // "127.0.0.1:9080"
  std::string route;
  int attempts = 0;
};

// One callback Call with the buffers that it fills. Owned by the caller, who may use it again for
// the next Call: a recycled HttpExchange makes Calls without heap allocation.
struct HttpExchange {
  HttpRequest request;
  CallOptions options;
  // Filled when the Call ends: `response` is valid when `status` is OK.
  absl::Status status;
  HttpResponse response;
  CallInfo info;
};

// Receives a streaming Call's answer, on the Call's loop. Grammar:
//   normal:    OnHead OnBody* OnEnd
//   failed:    (OnHead OnBody*)? OnFailed
//   any time before the end: OnWritable
// Nothing follows OnEnd or OnFailed. A handler must not block.
class MESHLIB_EXPORT StreamHandler {
 public:
  virtual ~StreamHandler() = default;
  // `response.body` is empty. Valid until OnEnd or OnFailed returns.
  virtual void OnHead(const HttpResponse& response) = 0;
  // `bytes` are valid until the function returns.
  virtual void OnBody(std::string_view bytes) = 0;
  virtual void OnEnd(const Headers& trailers) = 0;
  virtual void OnFailed(const absl::Status& status) = 0;
  // HttpStream::Write() returned false before, and takes more now.
  virtual void OnWritable() {}
};

// The sending half of a streaming Call. Use it on the Call's loop only, that is from within the
// functions of the StreamHandler or of a server handler on the same loop. Destroying it before the
// end cancels the Call; no function of the StreamHandler is called after that.
class MESHLIB_EXPORT HttpStream {
 public:
  virtual ~HttpStream() = default;
  // Sends more of the body. False: the buffer is full (back-pressure), wait for OnWritable; the
  // bytes are taken all the same.
  virtual bool Write(std::string_view bytes) = 0;
  // Ends the body.
  virtual void Finish(const Headers& trailers = {}) = 0;
  // No OnBody while paused; the peer is held back.
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;
};

// A blocking streaming Call: Read() and Write() block until they have progressed, the deadline
// included. Keeps its connection to itself. Thread-compatible. Destroying it cancels the rest.
class MESHLIB_EXPORT BlockingStream {
 public:
  virtual ~BlockingStream() = default;
  virtual absl::Status Write(std::string_view bytes) = 0;
  virtual absl::Status Finish() = 0;
  // Waits for the response head. Valid as long as the stream.
  virtual absl::StatusOr<const HttpResponse*> ReadHead() = 0;
  // At least one byte, or 0 at the end of the body.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
};

// Makes Calls. A request is replayed by the retries that the route configures, as long as its body
// is small enough to be kept (1 MiB for streams; always for buffered Calls).
//
//   absl::StatusOr<HttpResponse> reviews = mesh->http().Get("http://reviews:9080/reviews/0");
//
// A response of any status is a response; a Status is a Call that got none: see CallErrorOf().
// Thread-safe.
class MESHLIB_EXPORT HttpClient {
 public:
  virtual ~HttpClient() = default;

  // Blocking forms. FAILED_PRECONDITION on a loop thread of this Mesh.
  absl::StatusOr<HttpResponse> Get(std::string_view url, const CallOptions& options = {});
  absl::StatusOr<HttpResponse> Post(std::string_view url, std::string_view content_type,
                                    std::string_view body, const CallOptions& options = {});
  absl::StatusOr<HttpResponse> Call(HttpRequest request, const CallOptions& options = {});
  // Runs the Call on the calling thread and fills `exchange`; returns exchange.status.
  virtual absl::Status Call(HttpExchange& exchange) = 0;

  // Callback form. `exchange` must stay valid until `done`, which is called exactly once, on the
  // Call's loop, never inside Start(). Started on a loop, the Call stays on it.
  using Done = absl::AnyInvocable<void(HttpExchange&)>;
  virtual void Start(HttpExchange& exchange, Done done) = 0;

  // Coroutine form: `absl::Status status = co_await client.Await(exchange);` resumes on the Call's
  // loop.
  class Awaiter;
  Awaiter Await(HttpExchange& exchange);

  // Streaming forms. `request.body` is sent first. `handler` must stay valid until OnEnd, OnFailed
  // or the destruction of the HttpStream. Open() must be called on a loop of this Mesh (a server's
  // handler on the loop is on one). OpenBlocking() must not.
  virtual std::unique_ptr<HttpStream> Open(const HttpRequest& request, const CallOptions& options,
                                           StreamHandler& handler) = 0;
  virtual absl::StatusOr<std::unique_ptr<BlockingStream>> OpenBlocking(
      const HttpRequest& request, const CallOptions& options) = 0;

 protected:
  // What Get() and Post() do; `content_type` is not sent when empty. The default makes an
  // HttpExchange for it; a client with recycled ones does better.
  virtual absl::StatusOr<HttpResponse> CallOwned(std::string_view method, std::string_view url,
                                                 std::string_view content_type,
                                                 std::string_view body, const CallOptions& options);
};

class HttpClient::Awaiter final {
 public:
  Awaiter(HttpClient& client, HttpExchange& exchange) : client_(client), exchange_(exchange) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    client_.Start(exchange_, [waiting](HttpExchange&) { waiting.resume(); });
  }
  absl::Status await_resume() { return exchange_.status; }

 private:
  HttpClient& client_;
  HttpExchange& exchange_;
};

inline HttpClient::Awaiter HttpClient::Await(HttpExchange& exchange) {
  return Awaiter(*this, exchange);
}

}  // namespace meshlib

#endif  // MESHLIB_HTTP_CLIENT_H_
