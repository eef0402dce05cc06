// SPDX-License-Identifier: Apache-2.0
#include "mesh/mesh_server.h"

#include <thread>
#include <utility>

namespace meshlib::mesh {
namespace {

class MeshServer final : public HttpServer {
 public:
  explicit MeshServer(std::shared_ptr<ServerSlot> slot) : slot_(std::move(slot)) {}
  ~MeshServer() override { slot_->Stop(); }

  std::string address() const override { return slot_->address(); }
  uint16_t port() const override { return slot_->port(); }
  void Drain(absl::Duration deadline) override {
    slot_->Deregister();
    slot_->Drain(deadline);
  }

 private:
  const std::shared_ptr<ServerSlot> slot_;
};

}  // namespace

ServerSlot::ServerSlot(ControlThread& control, std::unique_ptr<server::Server> server)
    : control_(control),
      address_(server->address()),
      port_(server->port()),
      server_(std::move(server)) {}

ServerSlot::~ServerSlot() { Stop(); }

void ServerSlot::Join(const std::function<std::unique_ptr<InboundPort>()>& make) {
  control_.RunSync([&] { inbound_ = make(); });
}

void ServerSlot::Deregister() {
  base::MutexLock lock(mutex_);
  if (server_ == nullptr) return;  // stopped: the control thread may be gone
  control_.RunSync([&] { inbound_.reset(); });
}

void ServerSlot::Drain(absl::Duration deadline) {
  base::MutexLock lock(mutex_);
  if (server_ != nullptr) server_->Drain(deadline);
}

void ServerSlot::Stop() {
  Deregister();
  base::MutexLock lock(mutex_);
  server_.reset();
}

std::unique_ptr<HttpServer> MeshServers::Add(std::shared_ptr<ServerSlot> slot) {
  {
    base::MutexLock lock(mutex_);
    std::erase_if(slots_, [](const auto& old) { return old.expired(); });
    slots_.push_back(slot);
  }
  return std::make_unique<MeshServer>(std::move(slot));
}

void MeshServers::DeregisterAll() {
  for (const auto& slot : Alive()) slot->Deregister();
}

void MeshServers::DrainAll(absl::Duration deadline) {
  std::vector<std::thread> drains;
  for (const auto& slot : Alive()) {
    drains.emplace_back([slot, deadline] { slot->Drain(deadline); });
  }
  for (std::thread& drain : drains) drain.join();
}

void MeshServers::StopAll() {
  for (const auto& slot : Alive()) slot->Stop();
}

std::vector<std::shared_ptr<ServerSlot>> MeshServers::Alive() {
  std::vector<std::shared_ptr<ServerSlot>> alive;
  base::MutexLock lock(mutex_);
  for (const auto& slot : slots_) {
    if (auto kept = slot.lock()) alive.push_back(std::move(kept));
  }
  return alive;
}

}  // namespace meshlib::mesh
