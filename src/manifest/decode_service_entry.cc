// SPDX-License-Identifier: Apache-2.0
// ServiceEntry and WorkloadEntry.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

constexpr size_t kMaxUnixPath = 107;
constexpr char kUnixPrefix[] = "unix://";

using Resolution = ServiceEntry::Resolution;
using Location = ServiceEntry::Location;

bool IsUnixAddress(const std::string& address) { return absl::StartsWith(address, kUnixPrefix); }

void DecodeWorkloadAddress(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (IsUnixAddress(*out)) {
    const size_t length = out->size() - (sizeof kUnixPrefix - 1);
    if (length == 0 || length > kMaxUnixPath) {
      at.Error(
          absl::StrCat("the path of a socket has 1 to ", kMaxUnixPath, " letters, not ", length));
    }
  } else if (!IsIpAddress(*out) && !IsDnsName(*out)) {
    at.Error(absl::StrCat("\"", out->substr(0, 80), "\" is neither an IP address nor a DNS name"));
  }
}

void DecodeWorkloadSpec(const Cursor& at, WorkloadSpec* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("address", &out->address, DecodeWorkloadAddress);
  fields.Read("ports", &out->ports, MapOf(DecodePort));
  fields.Read("labels", &out->labels, DecodeLabels);
  fields.Read("network", &out->network);
  fields.Read("locality", &out->locality);
  fields.Read("weight", &out->weight);
  fields.Read("serviceAccount", &out->service_account);
  if (out->address.empty() && out->network.empty()) fields.Missing("address");
  if (IsUnixAddress(out->address) && !out->ports.empty()) {
    fields.Error("ports", "an endpoint behind a unix socket has no ports");
  }
}

// Istio's protocols, in upper case.
void DecodeProtocol(const Cursor& at, std::string* out) {
  Decode(at, out);
  *out = absl::AsciiStrToUpper(*out);
  for (const char* known : {"HTTP", "HTTPS", "GRPC", "GRPC-WEB", "HTTP2", "MONGO", "TCP", "TLS",
                            "UDP", "REDIS", "MYSQL", "HBONE"}) {
    if (*out == known) return;
  }
  at.Error(absl::StrCat("\"", out->substr(0, 80),
                        "\" is not one of HTTP, HTTPS, GRPC, GRPC-WEB, "
                        "HTTP2, MONGO, REDIS, MYSQL, TCP, TLS"));
}

void DecodeEntryPort(const Cursor& at, ServiceEntryPort* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Require("number", &out->number, DecodePort);
  fields.Require("name", &out->name, DecodeDnsLabel);
  fields.Read("protocol", &out->protocol, DecodeProtocol);
  fields.Read("targetPort", &out->target_port, DecodePort);
}

void DecodeLocation(const Cursor& at, Location* out) {
  DecodeEnum<Location>(
      at, {{"MESH_EXTERNAL", Location::kMeshExternal}, {"MESH_INTERNAL", Location::kMeshInternal}},
      out);
}

void DecodeResolution(const Cursor& at, Resolution* out) {
  DecodeEnum<Resolution>(at,
                         {{"NONE", Resolution::kNone},
                          {"STATIC", Resolution::kStatic},
                          {"DNS", Resolution::kDns},
                          {"DNS_ROUND_ROBIN", Resolution::kDnsRoundRobin},
                          {"DYNAMIC_DNS", Resolution::kDynamicDns}},
                         out);
}

void DecodeWorkloadSelector(const Cursor& at, Labels* out) {
  Fields fields(at);
  fields.Read("labels", out, DecodeLabels);
  if (out->empty()) at.Warn("without labels it selects every workload of the namespace");
}

void DecodeEntryHost(const Cursor& at, std::string* out) {
  DecodeHost(at, out);
  if (*out == "*") at.Error("\"*\" is not a host of a ServiceEntry");
}

void CheckPorts(const Fields& fields, const ServiceEntry& entry) {
  std::set<std::string_view> names;
  std::set<uint32_t> numbers;
  for (const ServiceEntryPort& port : entry.ports) {
    if (!names.insert(port.name).second) {
      fields.Error("ports", absl::StrCat("the name \"", port.name, "\" is used twice"));
    }
    if (!numbers.insert(port.number).second) {
      fields.Error("ports", absl::StrCat("port ", port.number, " is there twice"));
    }
    const bool needs_one_host = port.protocol.empty() || port.protocol == "TCP" ||
                                port.protocol == "MONGO" || port.protocol == "REDIS" ||
                                port.protocol == "MYSQL";
    if (needs_one_host && entry.hosts.size() > 1 && entry.resolution != Resolution::kNone) {
      fields.Error("hosts", absl::StrCat("several hosts cannot be told apart on port ", port.number,
                                         ", which carries neither HTTP nor TLS"));
    }
  }
  for (const WorkloadSpec& endpoint : entry.endpoints) {
    for (const auto& [name, number] : endpoint.ports) {
      if (names.count(name) > 0) continue;
      fields.Error("endpoints", absl::StrCat("port \"", name, "\" of ", endpoint.address,
                                             " is not among the ports of the ServiceEntry"));
    }
  }
}

void CheckDnsEntry(const Fields& fields, const ServiceEntry& entry) {
  if (entry.resolution == Resolution::kDnsRoundRobin && entry.endpoints.size() > 1) {
    fields.Error("endpoints", "DNS_ROUND_ROBIN has one endpoint at most");
  }
  for (const std::string& host : entry.hosts) {
    if (entry.endpoints.empty() && host.front() == '*') {
      fields.Error("hosts",
                   absl::StrCat("\"", host, "\" cannot be resolved by DNS: it needs endpoints"));
    }
  }
  for (const WorkloadSpec& endpoint : entry.endpoints) {
    if (IsUnixAddress(endpoint.address)) {
      fields.Error("endpoints", "a unix socket needs resolution STATIC");
    }
  }
}

void CheckStaticEntry(const Fields& fields, const ServiceEntry& entry) {
  for (const WorkloadSpec& endpoint : entry.endpoints) {
    const std::string& address = endpoint.address;
    if (address.empty() || IsIpAddress(address) || IsUnixAddress(address)) continue;
    fields.Error("endpoints", absl::StrCat("\"", address,
                                           "\" is no IP address, which resolution "
                                           "STATIC asks for"));
  }
}

void CheckResolution(const Fields& fields, const ServiceEntry& entry) {
  const bool subnet = std::any_of(entry.addresses.begin(), entry.addresses.end(),
                                  [](const std::string& a) { return absl::StrContains(a, "/"); });
  switch (entry.resolution) {
    case Resolution::kNone:
      if (!entry.endpoints.empty()) fields.Error("endpoints", "resolution NONE has no endpoints");
      return;
    case Resolution::kStatic:
      return CheckStaticEntry(fields, entry);
    case Resolution::kDynamicDns:
      if (!entry.endpoints.empty() || !entry.addresses.empty()) {
        fields.Error("resolution", "DYNAMIC_DNS has neither endpoints nor addresses");
      }
      for (const std::string& host : entry.hosts) {
        if (host.front() == '*') continue;
        fields.Error("hosts", absl::StrCat("DYNAMIC_DNS needs wildcards, not \"", host, "\""));
      }
      break;
    default:
      CheckDnsEntry(fields, entry);
  }
  if (subnet) fields.Error("addresses", "prefixes need resolution NONE or STATIC");
}

void DecodeServiceEntrySpec(const Cursor& at, ServiceEntry* out) {
  Fields fields(at);
  fields.Require("hosts", &out->hosts, [](const Cursor& list, auto* hosts) {
    DecodeList(list, hosts, DecodeEntryHost);
    if (hosts->empty()) list.Error("a ServiceEntry has at least one host");
    std::erase(*hosts, std::string());  // reported already
  });
  fields.Read("addresses", &out->addresses, ListOf(DecodeIpSubnet));
  fields.Read("ports", &out->ports, ListOf(DecodeEntryPort));
  fields.Read("location", &out->location, DecodeLocation);
  fields.Read("resolution", &out->resolution, DecodeResolution);
  fields.Read("endpoints", &out->endpoints, ListOf(DecodeWorkloadSpec));
  fields.Read("workloadSelector", &out->workload_selector, DecodeWorkloadSelector);
  fields.Read("exportTo", &out->export_to, [&](const Cursor& list, auto* values) {
    DecodeExportTo(list, values, out->meta.name_space, "~");
  });
  fields.Read("subjectAltNames", &out->subject_alt_names);
  if (out->workload_selector.has_value() && !out->endpoints.empty()) {
    fields.Error("endpoints", "there are either endpoints or a workloadSelector");
  }
  CheckPorts(fields, *out);
  CheckResolution(fields, *out);
}

}  // namespace

void DecodeServiceEntry(Fields& fields, ServiceEntry* out) {
  fields.Require("spec", out, DecodeServiceEntrySpec);
  fields.Ignore({"status"});
}

void DecodeWorkloadEntry(Fields& fields, WorkloadEntry* out) {
  fields.Require("spec", &out->spec, DecodeWorkloadSpec);
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
