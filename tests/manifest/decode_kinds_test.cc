// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "load_text.h"

namespace meshlib::manifest {
namespace {

Manifest ManifestOf(const std::string& text) {
  LoadResult result = LoadText(text, "f");
  EXPECT_TRUE(result.ok()) << ToText(result.problems);
  return std::move(result.manifest);
}

std::string Kube(const std::string& kind, const std::string& rest, const std::string& api = "v1") {
  return "{apiVersion: " + api + ", kind: " + kind + ", metadata: {name: test}, " + rest + "}";
}

TEST(DecodeKindsTest, ReadsServices) {
  const Service service = ManifestOf(Kube("Service", R"(spec: {selector: {app: a}, clusterIP: None,
      publishNotReadyAddresses: true, ports: [
        {name: http, port: 80, targetPort: web, appProtocol: kubernetes.io/h2c},
        {name: other, port: 81, targetPort: 8081, protocol: UDP}, {name: same, port: 82}]})"))
                              .services.at(0);
  EXPECT_TRUE(service.headless());
  EXPECT_TRUE(service.publish_not_ready_addresses);
  EXPECT_EQ(service.selector.at("app"), "a");
  EXPECT_EQ(service.ports.at(0).target_port, TargetPort("web"));
  EXPECT_EQ(service.ports.at(0).app_protocol, "kubernetes.io/h2c");
  EXPECT_EQ(service.ports.at(1).target_port, TargetPort(8081u));
  EXPECT_EQ(service.ports.at(1).protocol, "UDP");
  EXPECT_EQ(service.ports.at(2).target_port, TargetPort(82u));
}

TEST(DecodeKindsTest, ReadsExternalNames) {
  const Service service =
      ManifestOf(Kube("Service", "spec: {type: ExternalName, externalName: db.example.com}"))
          .services.at(0);
  EXPECT_EQ(service.type, Service::Type::kExternalName);
  EXPECT_EQ(service.external_name, "db.example.com");
}

TEST(DecodeKindsTest, ReadsMetadata) {
  const Manifest manifest = ManifestOf(R"(
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {istio-injection: enabled, app.kubernetes.io/part-of: shop}
  annotations: {note: "any text: 1"}
  creationTimestamp: "2024-05-01T10:00:00Z"
)");
  const ObjectMeta& meta = manifest.namespaces.at(0).meta;
  EXPECT_EQ(meta.ToString(), "shop");
  EXPECT_EQ(meta.labels.size(), 2u);
  EXPECT_EQ(meta.annotations.at("note"), "any text: 1");
  EXPECT_EQ(meta.created, absl::FromUnixSeconds(1714557600));
  EXPECT_EQ(meta.place.ToString(), "f:2:1");
}

TEST(DecodeKindsTest, TheOldestComesFirst) {
  ObjectMeta early{.name = "b", .created = absl::FromUnixSeconds(1), .place = {}};
  ObjectMeta late{.name = "a", .created = absl::FromUnixSeconds(2), .place = {}};
  ObjectMeta undated{.name = "z", .created = {}, .place = {}};
  EXPECT_TRUE(IsOlder(early, late));
  EXPECT_FALSE(IsOlder(late, early));
  EXPECT_TRUE(IsOlder(undated, early));
  late.created = early.created;
  EXPECT_TRUE(IsOlder(late, early));
}

TEST(DecodeKindsTest, ReadsTemplatesOfPods) {
  const std::string pods =
      "metadata: {labels: {app: a, version: v1}, annotations: {x: y}}, spec: {serviceAccountName: "
      "sa,"
      " containers: [{name: main, image: i, ports: [{containerPort: 9080, name: http}]}]}";
  for (const char* kind : {"Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"}) {
    const Workload workload =
        ManifestOf(
            Kube(kind,
                 "spec: {replicas: 2, selector: {matchLabels: {app: a}}, template: {" + pods + "}}",
                 "apps/v1"))
            .workloads.at(0);
    EXPECT_EQ(workload.replicas, 2u);
    EXPECT_EQ(workload.pod_labels.at("version"), "v1");
    EXPECT_EQ(workload.service_account, "sa");
    EXPECT_EQ(workload.containers.at(0).ports.at(0).container_port, 9080u);
  }
  EXPECT_EQ(ManifestOf(Kube("CronJob",
                            "spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {" +
                                pods + "}}}}",
                            "batch/v1"))
                .workloads.at(0)
                .kind,
            Workload::Kind::kCronJob);
}

TEST(DecodeKindsTest, ReadsPodsWithTheirAddress) {
  const Workload pod = ManifestOf(R"(
apiVersion: v1
kind: Pod
metadata: {name: p, labels: {app: a}}
spec: {nodeName: n, containers: [{name: c}]}
status: {phase: Running, podIP: 10.0.0.1, podIPs: [{ip: 10.0.0.1}, {ip: "fd00::1"}],
         conditions: [{type: Ready, status: "False"}]}
)")
                           .workloads.at(0);
  EXPECT_EQ(pod.pod_ips, (std::vector<std::string>{"10.0.0.1", "fd00::1"}));
  EXPECT_FALSE(pod.ready);
  EXPECT_EQ(pod.pod_labels.at("app"), "a");
  EXPECT_EQ(pod.service_account, "default");
}

TEST(DecodeKindsTest, NotesThatIstioProxyIsReplaced) {
  for (const char* list : {"containers: [{name: c}, {name: istio-proxy, image: x}]",
                           "containers: [{name: c}], initContainers: [{name: istio-proxy}]"}) {
    const LoadResult result = LoadText(Kube("Pod", std::string("spec: {") + list + "}"), "f");
    EXPECT_TRUE(result.ok());
    EXPECT_TRUE(Contains(ToText(result.problems), "note: Pod default/test spec"));
    EXPECT_TRUE(Contains(ToText(result.problems), "meshlib replaces it"));
    EXPECT_TRUE(result.manifest.workloads.at(0).had_istio_proxy);
    EXPECT_EQ(result.manifest.workloads.at(0).containers.size(), 1u);
  }
}

TEST(DecodeKindsTest, ReadsEndpointSlicesAndEndpoints) {
  const EndpointSlice slice = ManifestOf(R"(
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata: {name: a-1, labels: {kubernetes.io/service-name: a}}
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.0.0.1], conditions: {ready: true}, zone: z, nodeName: n, targetRef: {kind: Pod, name: p}}
- {addresses: [10.0.0.2], conditions: {ready: false, terminating: true}}
)")
                                  .endpoint_slices.at(0);
  EXPECT_EQ(slice.service_name, "a");
  EXPECT_EQ(slice.endpoints.at(0).pod_name, "p");
  EXPECT_FALSE(slice.endpoints.at(1).ready);
  EXPECT_TRUE(slice.endpoints.at(1).terminating);

  const Manifest endpoints = ManifestOf(Kube("Endpoints", R"(subsets: [
      {addresses: [{ip: 10.0.0.1}], notReadyAddresses: [{ip: 10.0.0.2}], ports: [{port: 80}]},
      {addresses: [{ip: "fd00::1"}], ports: [{name: b, port: 81}]}])"));
  ASSERT_EQ(endpoints.endpoint_slices.size(), 2u);
  EXPECT_EQ(endpoints.endpoint_slices[0].service_name, "test");
  EXPECT_FALSE(endpoints.endpoint_slices[0].endpoints.at(1).ready);
  EXPECT_EQ(endpoints.endpoint_slices[1].address_type, "IPv6");
}

TEST(DecodeKindsTest, ReadsServiceEntries) {
  const ServiceEntry entry = ManifestOf(IstioObject("ServiceEntry", R"({hosts: [api.example.com],
      addresses: [10.9.0.0/16], location: MESH_INTERNAL, resolution: STATIC, exportTo: ["."],
      ports: [{number: 443, name: https, protocol: https, targetPort: 8443}],
      endpoints: [{address: 10.0.0.1, ports: {https: 8444}, labels: {v: a}, weight: 5, locality: r/z/s},
                  {address: "unix:///run/api"}]})"))
                                 .service_entries.at(0);
  EXPECT_EQ(entry.ports.at(0).protocol, "HTTPS");
  EXPECT_EQ(entry.ports.at(0).target_port, 8443u);
  EXPECT_EQ(entry.location, ServiceEntry::Location::kMeshInternal);
  EXPECT_EQ(entry.endpoints.at(0).ports.at("https"), 8444u);
  EXPECT_EQ(entry.endpoints.at(0).weight, 5u);
  EXPECT_EQ(entry.endpoints.at(1).address, "unix:///run/api");
}

TEST(DecodeKindsTest, ReadsWorkloadEntriesOfEveryVersion) {
  for (const char* version : {"v1alpha3", "v1beta1", "v1"}) {
    const Manifest manifest = ManifestOf(
        std::string("{apiVersion: networking.istio.io/") + version +
        ", kind: WorkloadEntry, metadata: {name: w, namespace: shop}, spec: {address: 10.0.0.1, "
        "serviceAccount: sa}}");
    EXPECT_EQ(manifest.workload_entries.at(0).meta.ToString(), "shop/w");
    EXPECT_EQ(manifest.workload_entries.at(0).spec.service_account, "sa");
  }
}

TEST(DecodeKindsTest, ReadsGateways) {
  const Gateway gateway = ManifestOf(IstioObject("Gateway", R"({selector: {istio: ingressgateway},
      servers: [{port: {number: 80, name: http, protocol: http}, hosts: ["*", shop/*.example.com],
                 tls: {httpsRedirect: true}},
                {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["./a.example.com"],
                 tls: {mode: SIMPLE, credentialName: c}}]})"))
                              .gateways.at(0);
  EXPECT_EQ(gateway.servers.at(0).protocol, "HTTP");
  EXPECT_EQ(gateway.servers.at(0).hosts.at(1), "shop/*.example.com");
  EXPECT_TRUE(gateway.servers.at(0).tls->https_redirect);
  EXPECT_EQ(gateway.servers.at(1).tls->mode, ServerTls::Mode::kSimple);
}

TEST(DecodeKindsTest, ReadsSidecars) {
  const LoadResult result = LoadText(
      IstioObject(
          "Sidecar",
          "{workloadSelector: {labels: {app: a}}, outboundTrafficPolicy: {mode: ALLOW_ANY}, "
          "egress: [{hosts: ['./*', 'b/c.d'], port: {number: 80}, bind: 0.0.0.0}]}"),
      "f");
  ASSERT_TRUE(result.ok()) << ToText(result.problems);
  const Sidecar& sidecar = result.manifest.sidecars.at(0);
  EXPECT_EQ(sidecar.workload_selector, (Labels{{"app", "a"}}));
  ASSERT_EQ(sidecar.egress.size(), 1u);
  EXPECT_EQ(sidecar.egress[0].hosts, (std::vector<std::string>{"./*", "b/c.d"}));
  EXPECT_EQ(sidecar.egress[0].port, 80u);
  EXPECT_TRUE(sidecar.has_outbound_traffic_policy);
  EXPECT_FALSE(sidecar.has_ingress);
}

TEST(DecodeKindsTest, ReadsRoutesOfConnections) {
  const VirtualService service =
      ManifestOf(IstioObject("VirtualService", R"({hosts: [a.example.com],
      tls: [{match: [{port: 443, sniHosts: [a.example.com]}],
             route: [{destination: {host: a.example.com}}]}],
      tcp: [{match: [{port: 9000, destinationSubnets: [10.0.0.0/8]}],
             route: [{destination: {host: b}, weight: 1}, {destination: {host: c}, weight: 3}]}]})"))
          .virtual_services.at(0);
  EXPECT_EQ(service.tls.at(0).match.at(0).sni_hosts.at(0), "a.example.com");
  EXPECT_EQ(service.tcp.at(0).route.at(1).weight, 3u);
}

struct BadObject {
  const char* name;
  std::string text;
  const char* error;
};

class BadObjectTest : public ::testing::TestWithParam<BadObject> {};

TEST_P(BadObjectTest, IsAnErrorThatSaysWhy) {
  const LoadResult result = LoadText(GetParam().text, "f");
  EXPECT_FALSE(result.ok());
  EXPECT_TRUE(Contains(ToText(result.problems), GetParam().error)) << ToText(result.problems);
  EXPECT_EQ(result.manifest.size(), 0u);
}

std::string Ports(const std::string& ports) {
  return Kube("Service", "spec: {ports: " + ports + "}");
}

INSTANTIATE_TEST_SUITE_P(
    Objects, BadObjectTest,
    ::testing::ValuesIn<BadObject>({
        {"PortZero", Ports("[{port: 0}]"), "spec.ports[0].port: port 0 is not from 1 to 65535"},
        {"PortHuge", Ports("[{port: 70000}]"), "port 70000 is not from 1 to 65535"},
        {"PortNegative", Ports("[{port: -1}]"), "\"-1\" is not a whole number"},
        {"PortMissing", Ports("[{name: a}]"), "\"port\" is missing"},
        {"NoPorts", Kube("Service", "spec: {selector: {a: b}}"), "\"ports\" is missing"},
        {"UnnamedPorts", Ports("[{port: 1}, {port: 2}]"), "port 1 needs a name"},
        {"PortTwice", Ports("[{name: a, port: 1}, {name: b, port: 1}]"),
         "port 1/TCP is there twice"},
        {"NameTwice", Ports("[{name: a, port: 1}, {name: a, port: 2}]"), "\"a\" is used twice"},
        {"TargetPort", Ports("[{port: 1, targetPort: '80'}]"),
         "is neither a port from 1 to 65535 nor"},
        {"Protocol", Ports("[{port: 1, protocol: tcp}]"), "did you mean \"TCP\"?"},
        {"ClusterIp", Kube("Service", "spec: {clusterIP: none, ports: [{port: 1}]}"),
         "nor \"None\""},
        {"NoSpec", Kube("Service", "x: y"), "\"spec\" is missing"},
        {"SpecText", Kube("Service", "spec: text"), "is a single value where a mapping belongs"},
        {"NoName", "{apiVersion: v1, kind: Namespace, metadata: {}}", "\"name\" is missing"},
        {"NoMetadata", "{apiVersion: v1, kind: Namespace}", "\"metadata\" is missing"},
        {"UpperName", "{apiVersion: v1, kind: Namespace, metadata: {name: Shop}}", "in lower case"},
        {"LabelNumber",
         "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {version: 1}}}",
         "metadata.labels.version: 1 is a number where text belongs: put it in quotes"},
        {"LabelTruth", "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {x: yes}}}",
         "yes is a truth value where text belongs"},
        {"LabelSpace", "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {x: 'a b'}}}",
         "is not a label's value"},
        {"LabelKey", "{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {'x y': a}}}",
         "\"x y\" is not a label's key"},
        {"NoKind", "{apiVersion: v1, metadata: {name: a}}",
         "an object has a kind and an apiVersion"},
        {"Text", "just text", "is a single value where a mapping belongs"},
        {"List", "- a\n- b\n", "is a list where a mapping belongs"},
        {"IstioVersion", "{apiVersion: networking.istio.io/v2, kind: Sidecar, metadata: {name: a}}",
         "version v2 of Sidecar is not one of v1alpha3, v1beta1, v1"},
        {"Selector",
         Kube("Deployment",
              "spec: {selector: {matchLabels: {a: b}}, template: {metadata: "
              "{labels: {a: c}}, spec: {containers: [{name: x}]}}}",
              "apps/v1"),
         "selects a=b, which the labels of its own template do not have"},
        {"EntryStar", IstioObject("ServiceEntry", "{hosts: ['*']}"),
         "not a host of a ServiceEntry"},
        {"EntryNone",
         IstioObject("ServiceEntry", "{hosts: [a.b], endpoints: [{address: 1.2.3.4}]}"),
         "resolution NONE has no endpoints"},
        {"EntryStaticName",
         IstioObject("ServiceEntry",
                     "{hosts: [a.b], resolution: STATIC, endpoints: "
                     "[{address: c.d}]}"),
         "\"c.d\" is no IP address"},
        {"EntryDnsWildcard", IstioObject("ServiceEntry", "{hosts: ['*.b.c'], resolution: DNS}"),
         "cannot be resolved by DNS"},
        {"EntryPort",
         IstioObject("ServiceEntry",
                     "{hosts: [a.b], ports: [{number: 1, name: a, protocol:"
                     " FTP}]}"),
         "\"FTP\" is not one of HTTP"},
        {"EntryEndpointPort",
         IstioObject("ServiceEntry",
                     "{hosts: [a.b], resolution: STATIC, ports: "
                     "[{number: 1, name: a, protocol: HTTP}], endpoints: [{address:"
                     " 1.2.3.4, ports: {b: 1}}]}"),
         "port \"b\" of 1.2.3.4 is not among the ports"},
        {"EntryTcpHosts",
         IstioObject("ServiceEntry",
                     "{hosts: [a.b, c.d], resolution: DNS, ports: "
                     "[{number: 1, name: a, protocol: TCP}]}"),
         "several hosts cannot be told apart on port 1"},
        {"SidecarHost", IstioObject("Sidecar", "{egress: [{hosts: [reviews]}]}"),
         "\"reviews\" is not namespace/host"},
        {"SidecarNoHosts", IstioObject("Sidecar", "{egress: [{port: {number: 80}}]}"),
         "\"hosts\" is missing"},
        {"GatewayEmpty", IstioObject("Gateway", "{servers: []}"), "at least one server"},
        {"GatewayShortHost",
         IstioObject("Gateway",
                     "{servers: [{port: {number: 80, name: a, protocol: "
                     "HTTP}, hosts: [a]}]}"),
         "\"a\" is a short name"},
        {"GatewayNoTls",
         IstioObject("Gateway",
                     "{servers: [{port: {number: 443, name: a, protocol: "
                     "HTTPS}, hosts: ['*']}]}"),
         "\"tls\" is missing"},
    }),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace meshlib::manifest
