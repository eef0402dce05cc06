// SPDX-License-Identifier: Apache-2.0
// The decoders of xDS: any bytes may come as a resource.
//
// The first byte of an input chooses the type. Bytes are refused with a reason, or become the same
// value each time they are decoded; a RouteConfig that was accepted can be compiled, and rules of
// who may call can be asked.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/policy.h"
#include "fuzz_target.h"
#include "google/protobuf/stubs/logging.h"
#include "meshlib/envoy/service/discovery/v3/discovery.pb.h"
#include "route/route_table.h"
#include "xds/decode_types.h"

namespace {

using meshlib::fuzz::Require;
namespace resource = meshlib::resource;
namespace xds = meshlib::xds;

template <typename T>
std::shared_ptr<const T> Decode(const xds::ResourceTypeOf<T>& type, std::string_view bytes) {
  resource::Report report;
  const auto decoded = type.untyped.decode(bytes, report);
  if (decoded.ok()) return std::static_pointer_cast<const T>(*decoded);
  Require(!decoded.status().message().empty(), "a refusal has a reason");
  return nullptr;
}

template <typename T>
std::shared_ptr<const T> DecodeTwice(const xds::ResourceTypeOf<T>& type, std::string_view bytes) {
  auto first = Decode(type, bytes);
  const auto second = Decode(type, bytes);
  Require((first == nullptr) == (second == nullptr), "both times the same verdict");
  Require(first == nullptr || *first == *second, "both times the same value");
  return first;
}

// Rules that were accepted can be asked.
void Authorize(const resource::Listener& listener) {
  const meshlib::Headers headers = {{"x-role", "admin"}};
  const meshlib::access::Peer peer{
      .uris = {"spiffe://cluster.local/ns/a/sa/b"}, .dns_names = {}, .subject = ""};
  for (const resource::FilterChain& chain : listener.filter_chains) {
    const auto policy = chain.http ? meshlib::access::Policy::Compile(chain.http->rbac) : nullptr;
    if (policy == nullptr) continue;
    const meshlib::access::Request request{
        .head = {.method = "GET", .path = "/a", .authority = "a", .headers = &headers},
        .peer = &peer};
    Require(policy->Check(request) == policy->Check(request), "both times the same verdict");
  }
}

const std::vector<xds::ResourceType>& Types() {
  static const std::vector<xds::ResourceType> types = {
      xds::ListenerType().untyped, xds::RouteConfigType().untyped, xds::ClusterType().untyped,
      xds::EndpointSetType().untyped};
  return types;
}

void AddSeeds(const std::filesystem::path& recording, std::vector<std::string>& seeds) {
  std::ifstream file(recording, std::ios::binary);
  meshlib::envoy::service::discovery::v3::DiscoveryResponse response;
  Require(response.ParseFromIstream(&file), "recordings can be read");
  for (size_t type = 0; type < Types().size(); ++type) {
    if (Types()[type].type_url != response.type_url()) continue;
    for (const auto& entry : response.resources()) {
      seeds.push_back(static_cast<char>(type) + entry.value());
    }
  }
}

}  // namespace

std::vector<std::string> meshlib::fuzz::Seeds() {
  std::vector<std::string> seeds;
  for (const auto& file : std::filesystem::recursive_directory_iterator(MESHLIB_RECORDINGS)) {
    if (file.path().extension() == ".pb") AddSeeds(file.path(), seeds);
  }
  return seeds;
}

std::vector<std::string> meshlib::fuzz::Dictionary() {
  return {"\x08\xff\xff\xff\xff\x0f",
          std::string("\x0a\x00", 2),
          "\x12\x02\x08\x01",
          "\x08\x80\x80\x80\x80\x08",
          "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
          "(a+)+$"};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Protobuf writes a line for every text that is not UTF-8.
  static const auto silent = google::protobuf::SetLogHandler(nullptr);
  static_cast<void>(silent);
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % Types().size()) {
    case 0:
      if (const auto listener = DecodeTwice(xds::ListenerType(), bytes)) Authorize(*listener);
      break;
    case 1:
      if (auto config = DecodeTwice(xds::RouteConfigType(), bytes)) {
        Require(meshlib::route::RouteTable::Compile(std::move(config)) != nullptr,
                "what was accepted can be compiled");
      }
      break;
    case 2:
      DecodeTwice(xds::ClusterType(), bytes);
      break;
    default:
      DecodeTwice(xds::EndpointSetType(), bytes);
  }
  return 0;
}
