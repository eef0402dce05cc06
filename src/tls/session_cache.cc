#include "tls/session_cache.h"

#include <utility>

namespace meshlib::tls {
namespace {

constexpr size_t kSessions = 16;

}  // namespace

void SessionCache::Put(bssl::UniquePtr<SSL_SESSION> session) {
  bssl::UniquePtr<SSL_SESSION> dropped;  // freed without the lock
  const base::MutexLock lock(mutex_);
  if (sessions_.size() >= kSessions) {
    dropped = std::move(sessions_.front());
    sessions_.pop_front();
  }
  sessions_.push_back(std::move(session));
}

bssl::UniquePtr<SSL_SESSION> SessionCache::Take() {
  const base::MutexLock lock(mutex_);
  if (sessions_.empty()) return nullptr;
  if (SSL_SESSION_should_be_single_use(sessions_.back().get()) != 1) {
    return bssl::UpRef(sessions_.back());
  }
  bssl::UniquePtr<SSL_SESSION> session = std::move(sessions_.back());
  sessions_.pop_back();
  return session;
}

}  // namespace meshlib::tls
