// SPDX-License-Identifier: Apache-2.0
// HttpServer: incoming HTTP Calls.

#ifndef MESHLIB_HTTP_SERVER_H_
#define MESHLIB_HTTP_SERVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "meshlib/export.h"
#include "meshlib/http.h"

namespace meshlib {

enum class Unconfigured { kRefuse, kServePlaintext };

// PEM text in a file, or the text itself.
struct PemFile {
  std::string path;
};
struct PemText {
  std::string text;
};
using Pem = std::variant<PemFile, PemText>;

// How a server outside the mesh's configuration serves https: TLS 1.2 and 1.3, HTTP/1.1. Files are
// looked at again, at most once a second, when clients connect: a new certificate with its key is
// used as soon as both are there. A value.
struct ServerTls {
  Pem certificate_chain;  // the server's own first, then intermediate ones
  Pem private_key;        // unencrypted
  // The roots of clients' certificates, which are asked for then; see HttpRequest::peer.
  std::optional<Pem> client_roots{};
  // Refuses clients without a certificate. Needs client_roots.
  bool require_client_certificate = false;
};

// A value.
struct ServeOptions {
  uint16_t port = 0;        // 0: any free port, only with mesh = false
  std::string address{};    // default: the workload's own address (MeshOptions), else all
  std::string unix_path{};  // instead of address and port
  // Whether the port is a mesh inbound port, configured by the control plane. Health and metrics
  // ports are not.
  bool mesh = true;
  // A mesh port accepts nothing until its inbound configuration arrives. After 15 s without it,
  // stay closed (and say so), or serve plaintext.
  Unconfigured unconfigured = Unconfigured::kRefuse;
  size_t max_header_bytes = 60 * 1024;  // 431 beyond
  size_t max_header_fields = 100;       // 431 beyond
  size_t max_body = 64 * 1024 * 1024;   // buffered handlers; 413 beyond
  absl::Duration idle_timeout = absl::Minutes(5);
  absl::Duration header_timeout = absl::Seconds(15);
  absl::Duration body_timeout = absl::Seconds(60);  // between two reads of a body
  size_t max_connections = 65536;
  // Plaintext without. Only with mesh = false: a port of the mesh has what its policies say.
  std::optional<ServerTls> tls{};
  // From the acceptance of a connection to the end of its TLS handshake.
  absl::Duration handshake_timeout = absl::Seconds(15);
  // Connections secured by TLS live no longer than this, or a tenth less, so that not all end at
  // once: an answer after that says "connection: close", one without a Call is closed, and a Call
  // that is under way goes on. Default: MeshOptions::max_tls_connection_age.
  std::optional<absl::Duration> max_tls_connection_age{};
};

// Answers a request on a worker thread; it may block.
using HttpHandler = absl::AnyInvocable<HttpResponse(const HttpRequest&) const>;

// One incoming Call on its loop, for handlers that do not block. Recycled from Call to Call: a loop
// handler that reuses its buffers makes no heap allocation. Use it on its loop only.
class MESHLIB_EXPORT ServerCall {
 public:
  virtual ~ServerCall() = default;
  virtual const HttpRequest& request() const = 0;
  // To be filled before Finish().
  virtual HttpResponse& response() = 0;
  // Sends response(). Exactly once, now or later, on this loop; the ServerCall is gone afterwards.
  virtual void Finish() = 0;
  // Runs `task` on this Call's loop; from any thread, as long as Finish() has not been called.
  virtual void Post(absl::AnyInvocable<void()> task) = 0;
};

// Answers a request on its loop; must not block. It calls Finish(), or keeps `call` to do so later.
using LoopHandler = absl::AnyInvocable<void(ServerCall& call) const>;

// The answering half of a streaming incoming Call. Use it on its loop only.
class MESHLIB_EXPORT ServerStream {
 public:
  virtual ~ServerStream() = default;
  // Head, body and trailers, in this order; SendHead once. False from Write: wait for OnWritable.
  virtual void SendHead(const HttpResponse& head) = 0;
  virtual bool Write(std::string_view bytes) = 0;
  virtual void Finish(const Headers& trailers = {}) = 0;
  // Gives up: the connection is closed.
  virtual void Reset() = 0;
  virtual void PauseReading() = 0;
  virtual void ResumeReading() = 0;
};

// Receives a streaming incoming Call, on its loop. Grammar: OnBody* OnEnd OnWritable* OnClosed,
// where OnClosed may come at any time and is always the last.
class MESHLIB_EXPORT ServerStreamHandler {
 public:
  virtual ~ServerStreamHandler() = default;
  virtual void OnBody(std::string_view bytes) = 0;
  virtual void OnEnd(const Headers& trailers) = 0;
  virtual void OnWritable() {}
  // The answer has been sent (OK), or the peer went away. The ServerStream is gone.
  virtual void OnClosed(const absl::Status& status) = 0;
};

// Accepts a streaming Call by its head (`request.body` is empty; valid until OnClosed returns).
// The handler is owned by the server until OnClosed has returned.
using StreamAcceptor = absl::AnyInvocable<std::unique_ptr<ServerStreamHandler>(
    const HttpRequest& request, ServerStream& stream) const>;

// A running server. Destroying it drains with a deadline of zero. Thread-safe.
class MESHLIB_EXPORT HttpServer {
 public:
  virtual ~HttpServer() = default;
  // The bound address, "127.0.0.1:9080".
  virtual std::string address() const = 0;
  virtual uint16_t port() const = 0;
  // Stops accepting, answers what is under way with "connection: close", and returns when the last
  // handler has finished or the deadline has passed; what is left is cut off then.
  virtual void Drain(absl::Duration deadline) = 0;
};

}  // namespace meshlib

#endif  // MESHLIB_HTTP_SERVER_H_
