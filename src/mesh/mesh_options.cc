#include "meshlib/mesh_options.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>

#include "mesh/labels.h"

namespace meshlib {
namespace {

constexpr const char* kLabelsFile = "/etc/istio/pod/labels";
constexpr const char* kTokenFile = "/var/run/secrets/tokens/istio-token";
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

absl::Status ReadControlPlane(std::string* control_plane) {
  Read("MESHLIB_CONTROL_PLANE", control_plane);
  if (!control_plane->empty()) return absl::OkStatus();
  const std::string hint =
      "set it to yaml:DIR (Istio YAML read by this process), grpc://HOST:PORT or unix:PATH (an xDS "
      "server, for example `meshctl serve DIR`)";
  if (access(kTokenFile, F_OK) == 0) {
    return absl::UnimplementedError(
        "MESHLIB_CONTROL_PLANE is not set; joining the cluster's istiod over TLS "
        "(grpcs://istiod.istio-system.svc:15012) is not supported yet; " +
        hint);
  }
  return absl::InvalidArgumentError("MESHLIB_CONTROL_PLANE is not set; " + hint);
}

}  // namespace

absl::StatusOr<MeshOptions> MeshOptions::FromEnvironment() {
  MeshOptions options;
  if (absl::Status status = ReadControlPlane(&options.control_plane); !status.ok()) return status;
  options.pod_name = HostName();
  Read("POD_NAME", &options.pod_name);
  Read("POD_NAMESPACE", &options.pod_namespace);
  Read("SERVICE_ACCOUNT", &options.service_account);
  Read("INSTANCE_IP", &options.instance_ip);
  if (absl::Status status = ReadLabels(&options.labels); !status.ok()) return status;
  ReadMetadata(&options.metadata);
  return options;
}

}  // namespace meshlib
