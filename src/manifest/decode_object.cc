// SPDX-License-Identifier: Apache-2.0
#include "manifest/decode_object.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/string_view.h"
#include "manifest/field_rules.h"
#include "manifest/near_name.h"

namespace meshlib::manifest {
namespace {

using base::AbslView;

constexpr size_t kMaxProblems = 1000;  // of one list

struct TypeName {
  std::string api_version;  // as written
  std::string group;        // empty: Kubernetes' core
  std::string version;
  std::string kind;
};

// Decodes into a Manifest that holds nothing else; the fields are those of the whole object.
using DecodeKind = void (*)(Fields& fields, const TypeName& type, ObjectMeta meta, Manifest& into);

struct Kind {
  std::string_view name;
  std::string_view group;
  DecodeKind decode;
  bool namespaced = true;
};

template <auto Objects, auto DecodeFields>
void DecodeInto(Fields& fields, const TypeName&, ObjectMeta meta, Manifest& into) {
  auto& object = (into.*Objects).emplace_back();
  object.meta = std::move(meta);
  DecodeFields(fields, &object);
}

template <Workload::Kind kKind>
void DecodeWorkloadInto(Fields& fields, const TypeName&, ObjectMeta meta, Manifest& into) {
  Workload& workload = into.workloads.emplace_back();
  workload.kind = kKind;
  workload.meta = std::move(meta);
  DecodeWorkload(fields, &workload);
}

void DecodeEndpointsInto(Fields& fields, const TypeName&, ObjectMeta meta, Manifest& into) {
  DecodeEndpoints(fields, meta, &into.endpoint_slices);
}

void DecodeNamespaceInto(Fields& fields, const TypeName&, ObjectMeta meta, Manifest& into) {
  into.namespaces.push_back({std::move(meta)});
  fields.Ignore({"spec", "status"});
}

template <auto Objects>
void DecodeNamed(Fields& fields, const TypeName& type, ObjectMeta meta, Manifest& into) {
  (into.*Objects).push_back({type.kind, std::move(meta)});
  fields.Ignore({"spec", "status"});
}

constexpr std::string_view kNetworking = "networking.istio.io";
constexpr std::string_view kSecurity = kSecurityGroup;

constexpr Kind kKinds[] = {
    {"Namespace", "", DecodeNamespaceInto, false},
    {"Service", "", DecodeInto<&Manifest::services, DecodeService>},
    {"Endpoints", "", DecodeEndpointsInto},
    {"ConfigMap", "", DecodeInto<&Manifest::mesh_configs, DecodeMeshConfig>},
    {"EndpointSlice", "discovery.k8s.io",
     DecodeInto<&Manifest::endpoint_slices, DecodeEndpointSlice>},
    {"Pod", "", DecodeWorkloadInto<Workload::Kind::kPod>},
    {"ReplicationController", "", DecodeWorkloadInto<Workload::Kind::kReplicationController>},
    {"Deployment", "apps", DecodeWorkloadInto<Workload::Kind::kDeployment>},
    {"ReplicaSet", "apps", DecodeWorkloadInto<Workload::Kind::kReplicaSet>},
    {"StatefulSet", "apps", DecodeWorkloadInto<Workload::Kind::kStatefulSet>},
    {"DaemonSet", "apps", DecodeWorkloadInto<Workload::Kind::kDaemonSet>},
    {"Job", "batch", DecodeWorkloadInto<Workload::Kind::kJob>},
    {"CronJob", "batch", DecodeWorkloadInto<Workload::Kind::kCronJob>},
    {"ServiceEntry", kNetworking, DecodeInto<&Manifest::service_entries, DecodeServiceEntry>},
    {"WorkloadEntry", kNetworking, DecodeInto<&Manifest::workload_entries, DecodeWorkloadEntry>},
    {"VirtualService", kNetworking, DecodeInto<&Manifest::virtual_services, DecodeVirtualService>},
    {"DestinationRule", kNetworking,
     DecodeInto<&Manifest::destination_rules, DecodeDestinationRule>},
    {"Gateway", kNetworking, DecodeInto<&Manifest::gateways, DecodeGateway>},
    {"Sidecar", kNetworking, DecodeInto<&Manifest::sidecars, DecodeSidecar>},
    {"PeerAuthentication", kSecurity,
     DecodeInto<&Manifest::peer_authentications, DecodePeerAuthentication>},
    {"AuthorizationPolicy", kSecurity,
     DecodeInto<&Manifest::authorization_policies, DecodeAuthorizationPolicy>},
    {"RequestAuthentication", kSecurity, DecodeNamed<&Manifest::unenforced>},
};

bool IsIstio(std::string_view group) { return absl::EndsWith(AbslView(group), "istio.io"); }

// Istio's groups, and Ingress, NetworkPolicy and the Gateway API: leaving them out matters.
bool DecidesTraffic(std::string_view group) {
  return IsIstio(group) || absl::EndsWith(AbslView(group), "networking.k8s.io");
}

void DecodeTime(const Cursor& at, std::optional<absl::Time>* out) {
  std::string error;
  absl::Time time;
  if (!at.Expect(YamlValue::Kind::kScalar)) return;
  if (absl::ParseTime(absl::RFC3339_full, at.value().scalar, &time, &error)) {
    *out = time;
  } else {
    at.Error(absl::StrCat("\"", at.value().scalar.substr(0, 40), "\" is not a time of RFC 3339"));
  }
}

void DecodeMeta(const Cursor& at, ObjectMeta* out) {
  Fields fields(at);
  fields.Require("name", &out->name, DecodeObjectName);
  fields.Read("namespace", &out->name_space, DecodeDnsLabel);
  fields.Read("labels", &out->labels, DecodeLabels);
  fields.Read("annotations", &out->annotations);
  const auto decode_time = [&](const Cursor& value, absl::Time*) {
    DecodeTime(value, &out->created);
  };
  absl::Time unused;
  fields.Read("creationTimestamp", &unused, decode_time);
  fields.Ignore({"deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generateName",
                 "generation", "managedFields", "ownerReferences", "resourceVersion", "selfLink",
                 "uid"});
}

// The text of a field of a mapping, or "".
std::string TextAt(const YamlValue& map, std::string_view key) {
  const YamlValue* value = map.Find(key);
  return value == nullptr ? std::string() : value->scalar;
}

TypeName TypeOf(const YamlValue& object) {
  TypeName type{.api_version = TextAt(object, "apiVersion"),
                .group = {},
                .version = {},
                .kind = TextAt(object, "kind")};
  const size_t slash = type.api_version.find('/');
  if (slash != std::string::npos) type.group = type.api_version.substr(0, slash);
  type.version = type.api_version.substr(slash == std::string::npos ? 0 : slash + 1);
  return type;
}

const Kind* FindKind(const TypeName& type) {
  for (const Kind& kind : kKinds) {
    if (kind.name == type.kind && kind.group == type.group) return &kind;
  }
  return nullptr;
}

// Once for each kind of a file.
void ReportUnknownKind(const YamlValue& object, const TypeName& type, DecodeContext& context) {
  std::vector<std::string_view> names;
  for (const Kind& kind : kKinds) names.push_back(kind.name);
  const std::optional<std::string_view> meant = NearestName(type.kind, names);
  Problem problem{.severity = Severity::kNote,
                  .place = {context.file, object.position},
                  .object = {},
                  .field = {},
                  .text = {}};
  problem.text = absl::StrCat("kind ", type.kind.substr(0, 80), " (",
                              type.api_version.substr(0, 80), ") is not read");
  const bool slip = meant.has_value() && *meant != type.kind;
  if (slip) absl::StrAppend(&problem.text, "; did you mean ", AbslView(*meant), "?");
  if (slip || DecidesTraffic(type.group)) problem.severity = Severity::kWarning;
  const bool listed = std::any_of(context.problems->begin(), context.problems->end(),
                                  [&](const Problem& p) { return p.text == problem.text; });
  if (!listed) context.problems->push_back(std::move(problem));
}

// Of all ConfigMaps, one is read.
bool IsOtherConfigMap(const YamlValue& object, const TypeName& type) {
  if (type.kind != "ConfigMap") return false;
  const YamlValue* meta = object.Find("metadata");
  return meta == nullptr || TextAt(*meta, "name") != kMeshConfigName ||
         TextAt(*meta, "namespace") != kMeshConfigNamespace;
}

bool IsKnownVersion(const TypeName& type) {
  if (!IsIstio(type.group)) return true;
  return type.version == "v1alpha3" || type.version == "v1beta1" || type.version == "v1";
}

// Moves the objects of `from` behind those of `to`.
void Append(Manifest from, Manifest& to) {
  const auto move = [](auto& source, auto& target) {
    std::move(source.begin(), source.end(), std::back_inserter(target));
  };
  move(from.namespaces, to.namespaces);
  move(from.services, to.services);
  move(from.endpoint_slices, to.endpoint_slices);
  move(from.workloads, to.workloads);
  move(from.service_entries, to.service_entries);
  move(from.workload_entries, to.workload_entries);
  move(from.virtual_services, to.virtual_services);
  move(from.destination_rules, to.destination_rules);
  move(from.gateways, to.gateways);
  move(from.sidecars, to.sidecars);
  move(from.authorization_policies, to.authorization_policies);
  move(from.peer_authentications, to.peer_authentications);
  move(from.mesh_configs, to.mesh_configs);
  move(from.unenforced, to.unenforced);
}

void DecodeObject(const YamlValue& object, const Kind& kind, const TypeName& type,
                  const LoadOptions& options, DecodeContext& context, LoadResult& result) {
  const Cursor at(context, object);
  ObjectMeta meta;
  meta.place = {context.file, object.position};
  meta.order = result.manifest.size();
  if (!kind.namespaced) meta.name_space.clear();
  Manifest decoded;
  {
    Fields fields(at);
    fields.Ignore({"apiVersion", "kind"});
    fields.Require("metadata", &meta, DecodeMeta);
    if (!IsKnownVersion(type)) {
      fields.Error("apiVersion", absl::StrCat("version ", type.version.substr(0, 40), " of ",
                                              type.kind, " is not one of v1alpha3, v1beta1, v1"));
    }
    kind.decode(fields, type, std::move(meta), decoded);
  }
  if (context.errors == 0 || options.keep_broken) Append(std::move(decoded), result.manifest);
}

bool IsList(const TypeName& type) {
  return type.kind == "List" || (absl::EndsWith(type.kind, "List") && type.kind.size() > 4);
}

std::string LabelOf(const YamlValue& object, const TypeName& type, bool namespaced) {
  const YamlValue* meta = object.Find("metadata");
  const bool is_map = meta != nullptr && meta->kind == YamlValue::Kind::kMap;
  const std::string name = is_map ? TextAt(*meta, "name").substr(0, 80) : "";
  std::string name_space = is_map ? TextAt(*meta, "namespace").substr(0, 80) : "";
  if (!namespaced) return absl::StrCat(type.kind, " ", name);
  if (name_space.empty()) name_space = "default";
  return absl::StrCat(type.kind, " ", name_space, "/", name);
}

}  // namespace

void DecodeObjects(const YamlValue& document, const std::string& file, const LoadOptions& options,
                   LoadResult& result) {
  DecodeContext context{.file = file,
                        .object = {},
                        .unknown_field = options.unknown_field,
                        .problems = &result.problems};
  const Cursor at(context, document);
  if (!at.Expect(YamlValue::Kind::kMap)) return;
  const TypeName type = TypeOf(document);
  if (type.kind.empty() || type.api_version.empty()) {
    return at.Error("an object has a kind and an apiVersion");
  }
  const YamlValue* items = document.Find("items");
  if (IsList(type) && items != nullptr) {
    for (const YamlPtr& item : items->items) {
      if (result.problems.size() > kMaxProblems) return at.Error("too many problems in the list");
      DecodeObjects(*item, file, options, result);
    }
    return;
  }
  const Kind* kind = FindKind(type);
  if (kind == nullptr || IsOtherConfigMap(document, type)) {
    return ReportUnknownKind(document, type, context);
  }
  context.object = LabelOf(document, type, kind->namespaced);
  // What is left out of a policy could open what it closes.
  if (kind->group == kSecurity) context.unknown_field = Severity::kError;
  DecodeObject(document, *kind, type, options, context, result);
}

}  // namespace meshlib::manifest
