// SPDX-License-Identifier: Apache-2.0
// RunService: what the main() of every Bookinfo service does.

#ifndef BOOKINFO_SERVICE_H_
#define BOOKINFO_SERVICE_H_

#include <meshlib/mesh.h>

#include <cstdint>
#include <functional>
#include <string>

namespace bookinfo {

struct ServiceOptions {
  uint16_t port = 9080;
  std::string version = "v1";
};

// Makes the handler of a service that is a member of `mesh`.
using MakeHandler =
    std::function<meshlib::HttpHandler(meshlib::Mesh& mesh, ServiceOptions options)>;

// Reads the command line, joins the mesh that the environment names, serves until SIGTERM or
// SIGINT, and leaves without failing a request. Returns the exit status.
int RunService(const std::string& description, int argc, char** argv, const MakeHandler& make);

}  // namespace bookinfo

#endif  // BOOKINFO_SERVICE_H_
