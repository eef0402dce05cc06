// SPDX-License-Identifier: Apache-2.0
// Serving: what all the parts of one Server share.

#ifndef MESHLIB_SERVER_SERVING_H_
#define MESHLIB_SERVER_SERVING_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "absl/time/time.h"
#include "access/policy.h"
#include "base/clock.h"
#include "base/observer.h"
#include "meshlib/http_server.h"
#include "meshlib/mesh_options.h"
#include "net/loop_threads.h"
#include "resource/address.h"
#include "server/open_count.h"
#include "server/refusal_log.h"
#include "server/worker_pool.h"

namespace meshlib::server {

using Handler = std::variant<HttpHandler, LoopHandler, StreamAcceptor>;

// Why a client is not served. Each has a RefusalLog.
enum class Refusal : uint8_t {
  kOpening,      // it said nothing in time, or left in its first message
  kPlaintext,    // ... where TLS is due
  kTls,          // ... where plaintext is due
  kChain,        // no filter chain that serves HTTP is for it
  kCertificate,  // we have none to show
  kHandshake,
};
inline constexpr size_t kRefusals = 6;

// What a Server works with. All of it must outlive the Server.
struct ServerDependencies {
  net::LoopThreads& threads;
  WorkerPool& workers;
  base::Clock& clock;
  base::Observer* observer = nullptr;                        // told of each Call; null: nobody
  std::function<void(LogSeverity, std::string_view)> log{};  // empty: nobody
  // How long a request may wait for a worker before it is refused with 503 UO.
  absl::Duration worker_queue_time = absl::Seconds(1);
};

// Thread-safe.
class Serving final {
 public:
  Serving(ServeOptions serve_options, std::string bound_to, Handler call_handler,
          ServerDependencies deps)
      : options(std::move(serve_options)),
        address(std::move(bound_to)),
        handler(std::move(call_handler)),
        dependencies(std::move(deps)) {}

  // Logs the first failure of a handler: a broken one fails at every request.
  void ReportHandler(std::string_view what);
  // Of a connection: logs what RefusalLog says.
  void ReportRefusal(Refusal kind, const resource::Address& peer, std::string_view reason,
                     absl::Time now);
  // Of a Call: the same if it was refused, would have been by shadow rules, or was audited.
  // Policies tell Calls apart.
  void ReportVerdict(const access::Verdict& verdict, const resource::Address& peer, absl::Time now);
  void Log(LogSeverity severity, std::string_view text) const {
    if (dependencies.log) dependencies.log(severity, text);
  }

  const ServeOptions options;
  const std::string address;
  const Handler handler;
  const ServerDependencies dependencies;
  OpenCount connections;
  OpenCount running_handlers;  // on workers

 private:
  std::atomic<bool> handler_reported_{false};
  // "server: ADDRESS DID PEER: REASON"
  struct Event {
    LogSeverity severity;
    std::string_view did;
    const resource::Address& peer;
    std::string_view reason;
  };
  void LogEvent(const Event& event, uint64_t left_out) const;

  std::array<RefusalLog, kRefusals> refusals_;
  RefusalLog denials_;
  RefusalLog shadow_denials_;
  RefusalLog audits_;
};

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_SERVING_H_
