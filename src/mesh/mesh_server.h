// SPDX-License-Identifier: Apache-2.0
// MeshServer: the user's handle of a server, and MeshServers: all servers of a Mesh.

#ifndef MESHLIB_MESH_MESH_SERVER_H_
#define MESHLIB_MESH_MESH_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "mesh/control_thread.h"
#include "mesh/inbound_port.h"
#include "meshlib/http_server.h"
#include "server/server.h"

namespace meshlib::mesh {

// A server with its membership. It outlives neither its Mesh's threads (Stop() ends it) nor, as an
// object, the user's handle. Thread-safe.
class ServerSlot final {
 public:
  ServerSlot(ControlThread& control, std::unique_ptr<server::Server> server);
  // As Stop().
  ~ServerSlot();

  const std::string& address() const { return address_; }
  uint16_t port() const { return port_; }
  server::Server& server() { return *server_; }

  // Makes the port one of the mesh. `make` is called on the control thread.
  void Join(const std::function<std::unique_ptr<InboundPort>()>& make);
  // Nobody new is sent here by the control plane.
  void Deregister();
  void Drain(absl::Duration deadline);
  // Closes everything; the Server is gone afterwards. Must not be called on a loop.
  void Stop();

 private:
  ControlThread& control_;
  const std::string address_;
  const uint16_t port_;
  std::unique_ptr<InboundPort> inbound_;  // on the control thread
  base::Mutex mutex_;                     // held by whoever uses server_ off the control thread
  std::unique_ptr<server::Server> server_;
};

// Thread-safe.
class MeshServers final {
 public:
  // The user's handle for `slot`.
  std::unique_ptr<HttpServer> Add(std::shared_ptr<ServerSlot> slot);
  void DeregisterAll();
  // All at once, within `deadline`.
  void DrainAll(absl::Duration deadline);
  void StopAll();

 private:
  std::vector<std::shared_ptr<ServerSlot>> Alive();

  base::Mutex mutex_;
  std::vector<std::weak_ptr<ServerSlot>> slots_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_MESH_SERVER_H_
