// SPDX-License-Identifier: Apache-2.0
// GrpcEcho: a gRPC server and its client over SslCredentials, without generated code.

#ifndef MESHLIB_TESTS_COEXISTENCE_GRPC_ECHO_H_
#define MESHLIB_TESTS_COEXISTENCE_GRPC_ECHO_H_

#include <memory>
#include <string>

namespace meshlib::coexistence {

// Thread-safe.
class GrpcEcho final {
 public:
  // `directory` has what prepare.sh makes.
  explicit GrpcEcho(const std::string& directory);
  ~GrpcEcho();
  // What the server has sent back over TLS, or the error in words.
  std::string Echo(const std::string& text);

 private:
  struct Parts;
  const std::unique_ptr<Parts> parts_;
};

}  // namespace meshlib::coexistence

#endif  // MESHLIB_TESTS_COEXISTENCE_GRPC_ECHO_H_
