// SPDX-License-Identifier: Apache-2.0
#include "tls/engine.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/string_view.h"
#include "tls/context_core.h"
#include "tls/engine_state.h"
#include "tls/handshake_error.h"

namespace meshlib::tls {
namespace {

constexpr size_t kRecord = 16384;
constexpr size_t kRecordOverhead = 64;

std::string_view FirstBytes(const EngineState& state) {
  return {state.first.data(), state.first_size};
}

Engine::Step Fail(const absl::Status& cause, EngineState* state) {
  ERR_clear_error();
  if (state->error.ok()) {
    state->error =
        absl::Status(cause.code(), absl::StrCat(state->core.subject, ": ", cause.message()));
  }
  return Engine::Step::kError;
}

// What a call of BoringSSL that did not succeed means. (Each clears the error queue as it begins.)
Engine::Step Explain(int result, EngineState* state) {
  switch (SSL_get_error(state->ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Engine::Step::kAgain;
    case SSL_ERROR_ZERO_RETURN:
      if (state->established) return Engine::Step::kEnd;
      return Fail(absl::UnavailableError("the peer said goodbye during the handshake"), state);
    case SSL_ERROR_SYSCALL:
      return Fail(
          absl::UnavailableError(state->established ? "the connection ended without close_notify"
                                                    : "the connection ended during the handshake"),
          state);
    default:
      break;
  }
  if (!state->refusal.ok()) return Fail(state->refusal, state);
  return Fail(TakeProtocolError(FirstBytes(*state)), state);
}

// Reading and writing would go on with the handshake, and not look at a resumed peer.
bool IsUsable(EngineState* state) {
  MESHLIB_DCHECK(state->established || !state->error.ok());
  if (!state->established) Fail(absl::InternalError("used before the handshake has ended"), state);
  return state->error.ok();
}

// After bytes were read: asking BoringSSL would only say that it needs more.
bool HasTakenAll(const EngineState& state) {
  return state.input.bytes().empty() && !state.ended && SSL_pending(state.ssl.get()) == 0;
}

void Resume(ContextCore& core, SSL* ssl) {
  const bssl::UniquePtr<SSL_SESSION> session = core.sessions.Take(core.now());
  if (session != nullptr) SSL_set_session(ssl, session.get());
}

}  // namespace

struct Engine::Parts {
  Parts(std::shared_ptr<const void> context, ContextCore& core)
      : owner(std::move(context)), state(core) {}

  const std::shared_ptr<const void> owner;  // of the core
  EngineState state;
};

Engine::Engine(std::shared_ptr<const ClientContext> context)
    : parts_(std::make_unique<Parts>(context, context->parts().core)) {
  EngineState& state = parts_->state;
  if (!state.Begin()) {
    Fail(absl::ResourceExhaustedError("no memory"), &state);
    return;
  }
  SSL_set_connect_state(state.ssl.get());
  const std::string& sni = context->settings().sni;
  if (!sni.empty() && SSL_set_tlsext_host_name(state.ssl.get(), sni.c_str()) != 1) {
    Fail(absl::InvalidArgumentError("the SNI cannot be sent"), &state);
    return;
  }
  Resume(state.core, state.ssl.get());
}

Engine::Engine(std::shared_ptr<const ServerContext> context)
    : parts_(std::make_unique<Parts>(context, context->parts().core)) {
  EngineState& state = parts_->state;
  if (!state.Begin()) {
    Fail(absl::ResourceExhaustedError("no memory"), &state);
    return;
  }
  SSL_set_accept_state(state.ssl.get());
}

Engine::~Engine() = default;

void Engine::Receive(std::span<const char> ciphertext) {
  EngineState& state = parts_->state;
  if (state.first_size < state.first.size() && !state.established) {
    const size_t size = std::min(ciphertext.size(), state.first.size() - state.first_size);
    std::memcpy(state.first.data() + state.first_size, ciphertext.data(), size);
    state.first_size += size;
  }
  if (state.error.ok()) state.input.Append({ciphertext.data(), ciphertext.size()});
  state.drained = false;
}

void Engine::ReceiveEnd() {
  parts_->state.ended = true;
  parts_->state.drained = false;
}

Engine::Step Engine::Handshake() {
  EngineState& state = parts_->state;
  if (!state.error.ok()) return Step::kError;
  if (state.established) return Step::kDone;
  const int result = SSL_do_handshake(state.ssl.get());
  if (result != 1) return Explain(result, &state);
  uint8_t alert = 0;
  const bool resumed = SSL_session_reused(state.ssl.get()) == 1;
  const bool has_peer = SSL_get0_peer_certificates(state.ssl.get()) != nullptr;
  if (resumed && has_peer && !state.CheckPeer(&alert)) {
    SSL_send_fatal_alert(state.ssl.get(), alert);
    return Fail(state.refusal, &state);
  }
  state.established = true;
  return Step::kDone;
}

Engine::Result Engine::Read(std::span<char> plaintext) {
  EngineState& state = parts_->state;
  if (!IsUsable(&state)) return {Step::kError, 0};
  if (state.drained) return {Step::kAgain, 0};
  size_t filled = 0;
  while (filled < plaintext.size() && !state.drained) {
    const size_t room = std::min<size_t>(plaintext.size() - filled, INT_MAX);
    const int result = SSL_read(state.ssl.get(), plaintext.data() + filled, static_cast<int>(room));
    if (result > 0) {
      filled += static_cast<size_t>(result);
      state.drained = HasTakenAll(state);
      continue;
    }
    // What was read goes first; the same answer comes again.
    if (filled > 0) break;
    return {Explain(result, &state), 0};
  }
  return {Step::kDone, filled};
}

Engine::Result Engine::Write(std::string_view plaintext) {
  EngineState& state = parts_->state;
  if (!IsUsable(&state)) return {Step::kError, 0};
  if (plaintext.empty()) return {Step::kDone, 0};
  state.output.Reserve(plaintext.size() + (plaintext.size() / kRecord + 1) * kRecordOverhead);
  size_t written = 0;
  while (written < plaintext.size()) {
    const size_t size = std::min<size_t>(plaintext.size() - written, INT_MAX);
    const int result =
        SSL_write(state.ssl.get(), plaintext.data() + written, static_cast<int>(size));
    if (result <= 0) {
      if (Explain(result, &state) != Step::kError) {
        Fail(absl::UnavailableError("nothing can be written any more"), &state);
      }
      return {Step::kError, written};
    }
    written += static_cast<size_t>(result);
  }
  return {Step::kDone, written};
}

void Engine::Close() {
  EngineState& state = parts_->state;
  if (!state.error.ok() || !state.established) return;
  SSL_shutdown(state.ssl.get());
  ERR_clear_error();
}

std::string_view Engine::output() const { return parts_->state.output.bytes(); }

void Engine::Sent(size_t bytes) { parts_->state.output.Drop(bytes); }

const absl::Status& Engine::error() const { return parts_->state.error; }

std::string_view Engine::alpn() const {
  const uint8_t* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(parts_->state.ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string_view Engine::version() const { return SSL_get_version(parts_->state.ssl.get()); }

std::string_view Engine::server_name() const {
  const char* name = SSL_get_servername(parts_->state.ssl.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string_view() : name;
}

bool Engine::resumed() const { return SSL_session_reused(parts_->state.ssl.get()) == 1; }

const std::shared_ptr<const PeerCertificate>& Engine::peer() const { return parts_->state.peer; }

}  // namespace meshlib::tls
