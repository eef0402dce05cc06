// SPDX-License-Identifier: Apache-2.0
// Service, EndpointSlice and Endpoints.

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

void DecodeProtocol(const Cursor& at, std::string* out) {
  if (IndexOfName(at, {"TCP", "UDP", "SCTP"}).has_value()) *out = at.value().scalar;
}

// RFC 6335 service name, as Kubernetes wants it: up to 15 of a-z, 0-9 and -, with a letter.
bool IsPortName(std::string_view name) {
  const bool allowed = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
  const bool letter = std::any_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c));
  });
  return allowed && letter && name.size() <= 15 && name.front() != '-' && name.back() != '-';
}

void DecodeTargetPort(const Cursor& at, TargetPort* out) {
  uint32_t number = 0;
  if (!at.Expect(YamlValue::Kind::kScalar)) return;
  if (!at.value().quoted && absl::SimpleAtoi(at.value().scalar, &number)) {
    DecodePort(at, &out->emplace<uint32_t>());
    return;
  }
  const std::string& name = out->emplace<std::string>(at.value().scalar);
  if (!IsPortName(name)) {
    at.Error(absl::StrCat("\"", name, "\" is neither a port from 1 to 65535 nor the name of one"));
  }
}

void DecodeServicePort(const Cursor& at, ServicePort* out) {
  out->position = at.position();
  Fields fields(at);
  fields.Read("name", &out->name);
  fields.Read("protocol", &out->protocol, DecodeProtocol);
  fields.Read("appProtocol", &out->app_protocol);
  fields.Require("port", &out->port, DecodePort);
  out->target_port = out->port;
  fields.Read("targetPort", &out->target_port, DecodeTargetPort);
  fields.Ignore({"nodePort"});
}

void DecodeServiceType(const Cursor& at, Service::Type* out) {
  DecodeEnum<Service::Type>(at,
                            {{"ClusterIP", Service::Type::kClusterIp},
                             {"NodePort", Service::Type::kNodePort},
                             {"LoadBalancer", Service::Type::kLoadBalancer},
                             {"ExternalName", Service::Type::kExternalName}},
                            out);
}

void DecodeClusterIp(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (!out->empty() && *out != "None" && !IsIpAddress(*out)) {
    at.Error(absl::StrCat("\"", *out, "\" is neither an IP address nor \"None\""));
  }
}

void CheckPorts(const Fields& spec, const Service& service) {
  std::set<std::string> names;
  std::set<std::pair<uint32_t, std::string>> numbers;
  for (const ServicePort& port : service.ports) {
    if (port.name.empty() && service.ports.size() > 1) {
      spec.Error("ports", absl::StrCat("port ", port.port, " needs a name, as there are several"));
    } else if (!names.insert(port.name).second) {
      spec.Error("ports", absl::StrCat("the name \"", port.name, "\" is used twice"));
    }
    if (!numbers.insert({port.port, port.protocol}).second) {
      spec.Error("ports", absl::StrCat("port ", port.port, "/", port.protocol, " is there twice"));
    }
  }
  const bool needs_ports = service.type != Service::Type::kExternalName && !service.headless();
  if (needs_ports && service.ports.empty()) spec.Missing("ports");
}

void DecodeServiceSpec(const Cursor& at, Service* out) {
  Fields fields(at);
  fields.Read("type", &out->type, DecodeServiceType);
  fields.Read("ports", &out->ports, ListOf(DecodeServicePort));
  fields.Read("selector", &out->selector, DecodeLabels);
  fields.Read("publishNotReadyAddresses", &out->publish_not_ready_addresses);
  std::string cluster_ip;
  fields.Read("clusterIP", &cluster_ip, DecodeClusterIp);
  fields.Read("clusterIPs", &out->cluster_ips, ListOf(DecodeClusterIp));
  if (out->cluster_ips.empty() && !cluster_ip.empty()) out->cluster_ips = {cluster_ip};
  fields.Read("externalName", &out->external_name, DecodeHost);
  if (out->type == Service::Type::kExternalName && out->external_name.empty()) {
    fields.Missing("externalName");
  }
  fields.Ignore({"allocateLoadBalancerNodePorts", "externalIPs", "externalTrafficPolicy",
                 "healthCheckNodePort", "internalTrafficPolicy", "ipFamilies", "ipFamilyPolicy",
                 "loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges",
                 "sessionAffinity", "sessionAffinityConfig", "trafficDistribution"});
  CheckPorts(fields, *out);
}

void DecodeSlicePort(const Cursor& at, SlicePort* out) {
  Fields fields(at);
  fields.Read("name", &out->name);
  fields.Read("protocol", &out->protocol, DecodeProtocol);
  fields.Read("appProtocol", &out->app_protocol);
  fields.Require("port", &out->port, DecodePort);
}

void DecodeTargetRef(const Cursor& at, std::string* pod_name) {
  Fields fields(at);
  std::string kind;
  std::string name;
  fields.Read("kind", &kind);
  fields.Read("name", &name);
  fields.Ignore({"apiVersion", "fieldPath", "namespace", "resourceVersion", "uid"});
  if (kind == "Pod") *pod_name = name;
}

void DecodeConditions(const Cursor& at, SliceEndpoint* out) {
  Fields fields(at);
  fields.Read("ready", &out->ready);
  fields.Read("serving", &out->serving);
  fields.Read("terminating", &out->terminating);
}

void DecodeAddress(const Cursor& at, std::string* out) {
  Decode(at, out);
  if (!IsIpAddress(*out) && !IsDnsName(*out)) {
    at.Error(absl::StrCat("\"", *out, "\" is not an address"));
  }
}

void DecodeSliceEndpoint(const Cursor& at, SliceEndpoint* out) {
  Fields fields(at);
  fields.Require("addresses", &out->addresses, [](const Cursor& list, auto* addresses) {
    DecodeList(list, addresses, DecodeAddress);
    if (addresses->empty()) list.Error("an endpoint has at least one address");
  });
  fields.Read("conditions", out, DecodeConditions);
  fields.Read("hostname", &out->hostname);
  fields.Read("nodeName", &out->node_name);
  fields.Read("zone", &out->zone);
  fields.Read("targetRef", &out->pod_name, DecodeTargetRef);
  fields.Ignore({"deprecatedTopology", "hints"});
}

void DecodeAddressType(const Cursor& at, std::string* out) {
  if (IndexOfName(at, {"IPv4", "IPv6", "FQDN"}).has_value()) *out = at.value().scalar;
}

// One of `addresses` of a subset of Endpoints.
void DecodeSubsetAddress(const Cursor& at, SliceEndpoint* out) {
  Fields fields(at);
  fields.Require("ip", &out->addresses.emplace_back(), DecodeAddress);
  fields.Read("hostname", &out->hostname);
  fields.Read("nodeName", &out->node_name);
  fields.Read("targetRef", &out->pod_name, DecodeTargetRef);
}

void DecodeSubset(const Cursor& at, EndpointSlice* out) {
  Fields fields(at);
  fields.Read("ports", &out->ports, ListOf(DecodeSlicePort));
  fields.Read("addresses", &out->endpoints, ListOf(DecodeSubsetAddress));
  fields.Read("notReadyAddresses", &out->endpoints,
              ListOf([](const Cursor& item, SliceEndpoint* endpoint) {
                endpoint->ready = false;
                DecodeSubsetAddress(item, endpoint);
              }));
}

}  // namespace

void DecodeService(Fields& fields, Service* out) {
  fields.Require("spec", out, DecodeServiceSpec);
  fields.Ignore({"status"});
}

void DecodeEndpointSlice(Fields& fields, EndpointSlice* out) {
  const auto name = out->meta.labels.find("kubernetes.io/service-name");
  if (name == out->meta.labels.end()) {
    fields.Warn("metadata", "no label kubernetes.io/service-name says whose endpoints these are");
  } else {
    out->service_name = name->second;
  }
  fields.Require("addressType", &out->address_type, DecodeAddressType);
  fields.Read("ports", &out->ports, ListOf(DecodeSlicePort));
  fields.Read("endpoints", &out->endpoints, ListOf(DecodeSliceEndpoint));
}

void DecodeEndpoints(Fields& fields, const ObjectMeta& meta, std::vector<EndpointSlice>* out) {
  fields.Read("subsets", out, [&](const Cursor& list, auto* slices) {
    DecodeList(list, slices, [&](const Cursor& item, EndpointSlice* slice) {
      slice->meta = meta;
      slice->service_name = meta.name;
      slice->from_endpoints = true;
      DecodeSubset(item, slice);
      const bool ipv6 = !slice->endpoints.empty() && !slice->endpoints.front().addresses.empty() &&
                        slice->endpoints.front().addresses.front().find(':') != std::string::npos;
      if (ipv6) slice->address_type = "IPv6";
    });
  });
}

}  // namespace meshlib::manifest
