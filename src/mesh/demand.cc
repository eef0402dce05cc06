// SPDX-License-Identifier: Apache-2.0
#include "mesh/demand.h"

#include <utility>

namespace meshlib::mesh {

Demand::Demand(base::EventLoop& loop, std::function<void(const std::string&)> require,
               std::function<void(const std::string&, uint16_t)> require_host,
               std::function<void()> require_url_tls, const std::atomic<bool>& has_answered)
    : loop_(loop),
      require_(std::move(require)),
      require_host_(std::move(require_host)),
      require_url_tls_(std::move(require_url_tls)),
      has_answered_(has_answered) {}

void Demand::Require(std::string_view listener_name) {
  std::string name(listener_name);
  if (IsNew("listener " + name)) loop_.Post([this, name = std::move(name)] { require_(name); });
}

void Demand::RequireHost(std::string_view host, uint16_t port) {
  std::string name(host);
  if (!IsNew("host " + name + ":" + std::to_string(port))) return;
  loop_.Post([this, name = std::move(name), port] { require_host_(name, port); });
}

void Demand::RequireUrlTls() {
  if (IsNew("TLS of URLs")) loop_.Post([this] { require_url_tls_(); });
}

bool Demand::IsNew(std::string name) {
  base::MutexLock lock(mutex_);
  return asked_.insert(std::move(name)).second;
}

}  // namespace meshlib::mesh
