// SPDX-License-Identifier: Apache-2.0
// EnginePair: a client and a server back to back.

#ifndef MESHLIB_TESTS_TLS_ENGINE_PAIR_H_
#define MESHLIB_TESTS_TLS_ENGINE_PAIR_H_

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "fake/test_ca.h"
#include "tls/context.h"
#include "tls/engine.h"

namespace meshlib::tls {

inline constexpr size_t kWhole = std::numeric_limits<size_t>::max();

// End the process when there is no such context.
std::shared_ptr<const ClientContext> MakeClient(ClientSettings settings);
std::shared_ptr<const ServerContext> MakeServer(ServerSettings settings);

class EnginePair final {
 public:
  EnginePair(std::shared_ptr<const ClientContext> client_context,
             std::shared_ptr<const ServerContext> server_context)
      : client(std::move(client_context)), server(std::move(server_context)) {}

  // Moves bytes in pieces of `piece` until nothing moves any more. True: both sides are done, and
  // no alert has come behind it.
  bool Shake(size_t piece = kWhole);
  // What the other side reads of `text`.
  std::string ToServer(std::string_view text, size_t piece = kWhole);
  std::string ToClient(std::string_view text, size_t piece = kWhole);
  // Both errors, for a test that fails.
  std::string Errors() const;

  Engine client;
  Engine server;
};

// Gives the output of `from` to `to` in pieces. True: there was some.
bool Carry(Engine& from, Engine& to, size_t piece = kWhole);
// All plaintext that there is.
std::string ReadAll(Engine& engine);

}  // namespace meshlib::tls

#endif  // MESHLIB_TESTS_TLS_ENGINE_PAIR_H_
