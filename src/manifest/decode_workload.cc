// SPDX-License-Identifier: Apache-2.0
// Pods and what has a template for them.

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifest/decode_object.h"
#include "manifest/field_rules.h"

namespace meshlib::manifest {
namespace {

bool IsIstioProxy(const Container& container) {
  return container.name == "istio-proxy" || absl::StrContains(container.image, "istio/proxyv2");
}

void DecodeContainerPort(const Cursor& at, ContainerPort* out) {
  Fields fields(at);
  fields.Read("name", &out->name);
  fields.Read("protocol", &out->protocol);
  fields.Require("containerPort", &out->container_port, DecodePort);
  fields.Ignore({"hostIP", "hostPort"});
}

void DecodeContainer(const Cursor& at, Container* out) {
  Fields fields(at);
  fields.Require("name", &out->name, DecodeDnsLabel);
  fields.Read("image", &out->image);
  fields.Read("ports", &out->ports, ListOf(DecodeContainerPort));
  fields.Ignore({"args",
                 "command",
                 "env",
                 "envFrom",
                 "imagePullPolicy",
                 "lifecycle",
                 "livenessProbe",
                 "readinessProbe",
                 "resizePolicy",
                 "resources",
                 "restartPolicy",
                 "restartPolicyRules",
                 "securityContext",
                 "startupProbe",
                 "stdin",
                 "stdinOnce",
                 "terminationMessagePath",
                 "terminationMessagePolicy",
                 "tty",
                 "volumeDevices",
                 "volumeMounts",
                 "workingDir"});
}

// Adds the containers that meshlib does not replace.
void DecodeContainers(const Cursor& at, Workload* out) {
  DecodeList(at, &out->containers, [](const Cursor& item, Container* container) {
    DecodeContainer(item, container);
    if (IsIstioProxy(*container)) {
      item.Note(
          absl::StrCat("container \"", container->name, "\" is not run: meshlib replaces it"));
    }
  });
  const size_t removed = std::erase_if(out->containers, IsIstioProxy);
  out->had_istio_proxy = out->had_istio_proxy || removed > 0;
}

void DecodePodSpec(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Require("containers", out, DecodeContainers);
  // A native sidecar is an init container.
  Workload init;
  fields.Read("initContainers", &init, DecodeContainers);
  out->had_istio_proxy = out->had_istio_proxy || init.had_istio_proxy;
  fields.Read("serviceAccount", &out->service_account);
  fields.Read("serviceAccountName", &out->service_account);
  fields.Read("nodeName", &out->node_name);
  fields.Ignore({"activeDeadlineSeconds",
                 "affinity",
                 "automountServiceAccountToken",
                 "dnsConfig",
                 "dnsPolicy",
                 "enableServiceLinks",
                 "ephemeralContainers",
                 "hostAliases",
                 "hostIPC",
                 "hostNetwork",
                 "hostPID",
                 "hostUsers",
                 "hostname",
                 "hostnameOverride",
                 "imagePullSecrets",
                 "nodeSelector",
                 "os",
                 "overhead",
                 "preemptionPolicy",
                 "priority",
                 "priorityClassName",
                 "readinessGates",
                 "resourceClaims",
                 "resources",
                 "restartPolicy",
                 "runtimeClassName",
                 "schedulerName",
                 "schedulingGates",
                 "securityContext",
                 "setHostnameAsFQDN",
                 "shareProcessNamespace",
                 "subdomain",
                 "terminationGracePeriodSeconds",
                 "tolerations",
                 "topologySpreadConstraints",
                 "volumes"});
}

void DecodeTemplateMeta(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Read("labels", &out->pod_labels, DecodeLabels);
  fields.Read("annotations", &out->pod_annotations);
  fields.Ignore({"creationTimestamp", "finalizers", "generateName", "name", "namespace"});
}

void DecodeTemplate(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Read("metadata", out, DecodeTemplateMeta);
  fields.Require("spec", out, DecodePodSpec);
}

void DecodeSelector(const Cursor& at, Labels* out) {
  Fields fields(at);
  fields.Read("matchLabels", out, DecodeLabels);
  fields.Ignore({"matchExpressions"});
}

void CheckSelector(const Fields& spec, const Labels& selector, const Labels& labels) {
  for (const auto& [key, value] : selector) {
    const auto it = labels.find(key);
    if (it != labels.end() && it->second == value) continue;
    spec.Error("selector", absl::StrCat("selects ", key, "=", value,
                                        ", which the labels of its own template do not have"));
  }
}

void DecodeControllerSpec(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Read("replicas", &out->replicas, DecodeInt32);
  fields.Require("template", out, DecodeTemplate);
  if (out->kind == Workload::Kind::kReplicationController) {
    fields.Ignore({"selector", "minReadySeconds"});
    return;
  }
  Labels selector;
  fields.Read("selector", &selector, DecodeSelector);
  CheckSelector(fields, selector, out->pod_labels);
  fields.Ignore({"activeDeadlineSeconds",
                 "backoffLimit",
                 "backoffLimitPerIndex",
                 "completionMode",
                 "completions",
                 "managedBy",
                 "manualSelector",
                 "maxFailedIndexes",
                 "minReadySeconds",
                 "ordinals",
                 "parallelism",
                 "paused",
                 "persistentVolumeClaimRetentionPolicy",
                 "podFailurePolicy",
                 "podManagementPolicy",
                 "podReplacementPolicy",
                 "progressDeadlineSeconds",
                 "revisionHistoryLimit",
                 "serviceName",
                 "strategy",
                 "successPolicy",
                 "suspend",
                 "ttlSecondsAfterFinished",
                 "updateStrategy",
                 "volumeClaimTemplates"});
}

void DecodeJobTemplate(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Require("spec", out, DecodeControllerSpec);
  fields.Ignore({"metadata"});
}

void DecodeCronJobSpec(const Cursor& at, Workload* out) {
  Fields fields(at);
  fields.Require("jobTemplate", out, DecodeJobTemplate);
  fields.Ignore({"concurrencyPolicy", "failedJobsHistoryLimit", "schedule",
                 "startingDeadlineSeconds", "successfulJobsHistoryLimit", "suspend", "timeZone"});
}

void DecodePodIp(const Cursor& at, std::string* out) {
  Fields fields(at);
  fields.Require("ip", out);
}

// The status of a condition of type Ready.
void DecodeCondition(const Cursor& at, bool* ready) {
  Fields fields(at);
  std::string type;
  std::string status;
  fields.Read("type", &type);
  fields.Read("status", &status);
  fields.Ignore({"lastProbeTime", "lastTransitionTime", "message", "observedGeneration", "reason"});
  if (type == "Ready") *ready = status == "True";
}

void DecodePodStatus(const Cursor& at, Workload* out) {
  Fields fields(at);
  std::string ip;
  std::string phase;
  fields.Read("podIP", &ip);
  fields.Read("podIPs", &out->pod_ips, ListOf(DecodePodIp));
  if (out->pod_ips.empty() && !ip.empty()) out->pod_ips = {ip};
  for (const std::string& address : out->pod_ips) {
    if (!IsIpAddress(address))
      fields.Error("podIP", absl::StrCat("\"", address, "\" is no IP address"));
  }
  fields.Read("conditions", &out->ready, [](const Cursor& list, bool* ready) {
    if (!list.Expect(YamlValue::Kind::kSequence)) return;
    for (size_t i = 0; i < list.value().items.size(); ++i) {
      DecodeCondition(list.Item(i, *list.value().items[i]), ready);
    }
  });
  if (fields.Read("phase", &phase)) out->ready = out->ready && phase == "Running";
  fields.Ignore({"containerStatuses", "ephemeralContainerStatuses", "hostIP", "hostIPs",
                 "initContainerStatuses", "message", "nominatedNodeName", "observedGeneration",
                 "qosClass", "reason", "resize", "resourceClaimStatuses", "startTime"});
}

}  // namespace

void DecodeWorkload(Fields& fields, Workload* out) {
  switch (out->kind) {
    case Workload::Kind::kPod:
      out->pod_labels = out->meta.labels;
      out->pod_annotations = out->meta.annotations;
      fields.Require("spec", out, DecodePodSpec);
      fields.Read("status", out, DecodePodStatus);
      return;
    case Workload::Kind::kCronJob:
      fields.Require("spec", out, DecodeCronJobSpec);
      break;
    default:
      fields.Require("spec", out, DecodeControllerSpec);
  }
  fields.Ignore({"status"});
}

}  // namespace meshlib::manifest
