// SPDX-License-Identifier: Apache-2.0
#include "meshlib/mesh_options.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "absl/strings/numbers.h"
#include "mesh/labels.h"

namespace meshlib {
namespace {

constexpr const char* kLabelsFile = "/etc/istio/pod/labels";
constexpr const char* kIstiod = "grpcs://istiod.istio-system.svc:15012";
constexpr std::string_view kMetadataPrefix = "ISTIO_META_";

std::optional<std::string> Env(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

void Read(const char* name, std::string* value) {
  if (auto found = Env(name)) *value = *std::move(found);
}

absl::Status Annotate(std::string_view place, const absl::Status& status) {
  return absl::InvalidArgumentError(std::string(place) + ": " + std::string(status.message()));
}

absl::Status ReadLabels(std::map<std::string, std::string>* labels) {
  if (std::ifstream file(kLabelsFile); file) {
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = mesh::ParseDownwardLabels(text.str());
    if (!parsed.ok()) return Annotate(kLabelsFile, parsed.status());
    *labels = *std::move(parsed);
  }
  if (const auto text = Env("MESHLIB_LABELS")) {
    auto parsed = mesh::ParseLabelList(*text);
    if (!parsed.ok()) return Annotate("MESHLIB_LABELS", parsed.status());
    for (auto& [name, value] : *parsed) (*labels)[name] = std::move(value);
  }
  return absl::OkStatus();
}

void ReadMetadata(std::map<std::string, std::string>* metadata) {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const size_t equals = text.find('=');
    if (!text.starts_with(kMetadataPrefix) || equals == std::string_view::npos) continue;
    (*metadata)[std::string(text.substr(kMetadataPrefix.size(), equals - kMetadataPrefix.size()))] =
        std::string(text.substr(equals + 1));
  }
}

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

absl::Status ReadXdsDelta(MeshOptions* options) {
  const std::string text = Env("MESHLIB_XDS_DELTA").value_or("false");
  if (absl::SimpleAtob(text, &options->xds_delta)) return absl::OkStatus();
  return absl::InvalidArgumentError("MESHLIB_XDS_DELTA: \"" + text +
                                    "\" is neither true nor false");
}

// REQUIRES: the files of `options` were read.
absl::Status ReadControlPlane(MeshOptions* options) {
  Read("MESHLIB_CONTROL_PLANE", &options->control_plane);
  if (!options->control_plane.empty()) return absl::OkStatus();
  if (Exists(options->token_file) && Exists(options->root_file)) {
    options->control_plane = kIstiod;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "MESHLIB_CONTROL_PLANE is not set, and this is no pod of Istio (" + options->token_file +
      " and " + options->root_file +
      " are not both there); set it to yaml:DIR (Istio YAML read by this process), "
      "grpcs://HOST:PORT, grpc://HOST:PORT or unix:PATH (an xDS server, for example `meshctl serve "
      "DIR`)");
}

absl::Status ReadIdentity(MeshOptions* options) {
  Read("MESHLIB_IDENTITY", &options->identity);
  Read("MESHLIB_ROOT_FILE", &options->root_file);
  Read("MESHLIB_TOKEN_FILE", &options->token_file);
  Read("MESHLIB_SERVER_NAME", &options->control_plane_server_name);
  Read("MESHLIB_CA_KEY", &options->ca_key_file);
  Read("TRUST_DOMAIN", &options->trust_domain);
  const auto lifetime = Env("MESHLIB_CERTIFICATE_LIFETIME");
  if (!lifetime.has_value()) return absl::OkStatus();
  if (absl::ParseDuration(*lifetime, &options->certificate_lifetime) &&
      options->certificate_lifetime >= absl::Seconds(1)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("MESHLIB_CERTIFICATE_LIFETIME: \"" + *lifetime +
                                    "\" is not a duration of at least 1s, like 24h");
}

}  // namespace

absl::StatusOr<MeshOptions> MeshOptions::FromEnvironment() {
  MeshOptions options;
  if (absl::Status status = ReadIdentity(&options); !status.ok()) return status;
  if (absl::Status status = ReadControlPlane(&options); !status.ok()) return status;
  if (absl::Status status = ReadXdsDelta(&options); !status.ok()) return status;
  options.pod_name = HostName();
  Read("POD_NAME", &options.pod_name);
  Read("POD_NAMESPACE", &options.pod_namespace);
  Read("SERVICE_ACCOUNT", &options.service_account);
  Read("INSTANCE_IP", &options.instance_ip);
  Read("SSL_CERT_FILE", &options.system_roots);
  if (absl::Status status = ReadLabels(&options.labels); !status.ok()) return status;
  ReadMetadata(&options.metadata);
  return options;
}

}  // namespace meshlib
