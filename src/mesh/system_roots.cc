// SPDX-License-Identifier: Apache-2.0
#include "mesh/system_roots.h"

#include <filesystem>
#include <system_error>

namespace meshlib::mesh {
namespace {

constexpr const char* kPlaces[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",  // the BSDs, macOS
};

}  // namespace

std::string FindSystemRoots() {
  for (const char* place : kPlaces) {
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return place;
  }
  return "";
}

}  // namespace meshlib::mesh
