// SPDX-License-Identifier: Apache-2.0
// MeshEcho: an https server of meshlib and its client, by the public API.

#ifndef MESHLIB_TESTS_COEXISTENCE_MESH_ECHO_H_
#define MESHLIB_TESTS_COEXISTENCE_MESH_ECHO_H_

#include <meshlib/mesh.h>

#include <memory>
#include <string>

namespace meshlib::coexistence {

// Thread-safe.
class MeshEcho final {
 public:
  // `directory` has what prepare.sh makes.
  explicit MeshEcho(const std::string& directory);
  // What the server has sent back over TLS, or the error in words.
  std::string Echo(const std::string& text);

 private:
  std::string error_;
  std::unique_ptr<Mesh> mesh_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace meshlib::coexistence

#endif  // MESHLIB_TESTS_COEXISTENCE_MESH_ECHO_H_
