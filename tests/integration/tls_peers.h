// SPDX-License-Identifier: Apache-2.0
// Servers that speak TLS, of other makes than ours, and the certificates that they need.

#ifndef MESHLIB_INTEGRATION_TLS_PEERS_H_
#define MESHLIB_INTEGRATION_TLS_PEERS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fake/test_ca.h"
#include "integration/yaml_mesh.h"

namespace meshlib::integration {

// Certificates and keys as files in a directory of their own. Thread-compatible.
class Certificates final {
 public:
  // Writes NAME-chain.pem and NAME-key.pem.
  void Write(const std::string& name, const fake::TestIdentity& identity) const;
  // Writes NAME.pem.
  void WriteRoots(const std::string& name, const std::string& pem) const;
  std::string Chain(const std::string& name) const { return Path(name + "-chain.pem"); }
  std::string Key(const std::string& name) const { return Path(name + "-key.pem"); }
  std::string Roots(const std::string& name) const { return Path(name + ".pem"); }
  std::string Path(const std::string& file) const { return directory_.path() + "/" + file; }
  const YamlDirectory& directory() const { return directory_; }

 private:
  YamlDirectory directory_;
};

// A port of 127.0.0.1 that was free a moment ago.
uint16_t FreePort();

// A program that is ended with the object. Thread-compatible.
class Program final {
 public:
  // Returns once something accepts connections at `port`; a test failure after 10 s.
  Program(const std::vector<std::string>& command, uint16_t port);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  uint16_t port() const { return port_; }

 private:
  pid_t pid_ = 0;
  const uint16_t port_;
};

// Answers "PROTOCOL SNI CLIENT": "TLSv1.3 db.example SUCCESS" (NONE: no client certificate).
// `server`: whose certificate it shows. `client_roots`: of the certificate that clients must have;
// empty: none is asked for.
struct NginxOptions {
  std::string server = "server";
  std::string protocols = "TLSv1.2 TLSv1.3";
  std::string client_roots;
};
Program StartNginx(const Certificates& certificates, const NginxOptions& options = {});

// `openssl s_server -www`, whose page names protocol and cipher.
Program StartOpenssl(const Certificates& certificates, const std::vector<std::string>& more = {});

}  // namespace meshlib::integration

#endif  // MESHLIB_INTEGRATION_TLS_PEERS_H_
