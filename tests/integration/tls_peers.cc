// SPDX-License-Identifier: Apache-2.0
#include "integration/tls_peers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/fd.h"

extern char** environ;

namespace meshlib::integration {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool Accepts(uint16_t port) {
  const net::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = Loopback(port);
  return connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

}  // namespace

void Certificates::Write(const std::string& name, const fake::TestIdentity& identity) const {
  directory_.Write(name + "-chain.pem", identity.chain_pem);
  directory_.Write(name + "-key.pem", identity.key_pem);
}

void Certificates::WriteRoots(const std::string& name, const std::string& pem) const {
  directory_.Write(name + ".pem", pem);
}

uint16_t FreePort() {
  const net::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  EXPECT_EQ(bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

Program::Program(const std::vector<std::string>& command, uint16_t port) : port_(port) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  EXPECT_EQ(posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ), 0)
      << command[0];
  posix_spawn_file_actions_destroy(&actions);
  AwaitThat(command[0] + " at port " + std::to_string(port), [&] { return Accepts(port); });
}

Program::~Program() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Program StartNginx(const Certificates& certificates, const NginxOptions& options) {
  const uint16_t port = FreePort();
  const std::string name = "nginx-" + std::to_string(port);
  const std::string at = certificates.Path(name);
  std::string client;
  if (!options.client_roots.empty()) {
    client = "ssl_verify_client on; ssl_client_certificate " +
             certificates.Roots(options.client_roots) + ";";
  }
  std::string temporary;
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
    temporary += std::string(kind) + "_temp_path " + at + "-" + kind + ";\n";
  }
  certificates.directory().Write(
      name + ".conf", "daemon off; master_process off; error_log /dev/null; pid " + at +
                          ".pid;\nevents {}\nhttp {\naccess_log off;\n" + temporary +
                          "server { listen 127.0.0.1:" + std::to_string(port) +
                          " ssl;\nssl_certificate " + certificates.Chain(options.server) +
                          ";\nssl_certificate_key " + certificates.Key(options.server) +
                          ";\nssl_protocols " + options.protocols + ";\n" + client +
                          "\nlocation / { return 200 \"$ssl_protocol $ssl_server_name "
                          "$ssl_client_verify\"; } } }\n");
  return Program({MESHLIB_NGINX, "-c", at + ".conf", "-e", "/dev/null"}, port);
}

Program StartOpenssl(const Certificates& certificates, const std::vector<std::string>& more) {
  const uint16_t port = FreePort();
  std::vector<std::string> command = {MESHLIB_OPENSSL, "s_server",
                                      "-www",          "-quiet",
                                      "-accept",       "127.0.0.1:" + std::to_string(port),
                                      "-cert",         certificates.Chain("server"),
                                      "-cert_chain",   certificates.Chain("server"),
                                      "-key",          certificates.Key("server")};
  command.insert(command.end(), more.begin(), more.end());
  return Program(command, port);
}

}  // namespace meshlib::integration
