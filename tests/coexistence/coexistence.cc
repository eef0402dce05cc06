// SPDX-License-Identifier: Apache-2.0
// One process in which gRPC speaks TLS with OpenSSL and meshlib with its BoringSSL, at the same
// time. Usage: coexistence DIR, where prepare.sh has been. Exits with 0 when each of them gets
// its echoes and neither took the other's library.
#include <dlfcn.h>

#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include "coexistence/grpc_echo.h"
#include "coexistence/mesh_echo.h"

namespace {

constexpr int kRounds = 20;

// The file that the process's global SSL_CTX_new is from.
std::string LibraryOfOpenSsl() {
  const void* function = dlsym(RTLD_DEFAULT, "SSL_CTX_new");
  Dl_info info{};
  if (function == nullptr || dladdr(function, &info) == 0) return "nowhere";
  return info.dli_fname;
}

bool NamesAreApart() {
  const std::string library = LibraryOfOpenSsl();
  std::cout << "SSL_CTX_new is from " << library << "\n";
  if (dlsym(RTLD_DEFAULT, "meshlib_bssl_SSL_CTX_new") != nullptr) {
    std::cout << "meshlib exports its BoringSSL\n";
    return false;
  }
  return library.find("/libssl.so") != std::string::npos;
}

// Returns how many echoes were none.
template <typename Echoes>
int Failures(Echoes& echoes, std::string_view name) {
  int failures = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = std::string(name) + " " + std::to_string(round);
    const std::string echo = echoes.Echo(text);
    if (echo == text) continue;
    ++failures;
    std::cout << text << ": \"" << echo << "\"\n";
  }
  return failures;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: coexistence DIR\n";
    return 2;
  }
  meshlib::coexistence::GrpcEcho grpc(argv[1]);
  meshlib::coexistence::MeshEcho mesh(argv[1]);
  int grpc_failures = 0;
  std::thread thread([&] { grpc_failures = Failures(grpc, "over OpenSSL"); });
  const int mesh_failures = Failures(mesh, "over BoringSSL");
  thread.join();
  const bool good = NamesAreApart() && grpc_failures == 0 && mesh_failures == 0;
  std::cout << (good ? "both echo\n" : "failed\n");
  return good ? 0 : 1;
}
