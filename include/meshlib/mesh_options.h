// SPDX-License-Identifier: Apache-2.0
// MeshOptions: who this workload is and where its configuration comes from.

#ifndef MESHLIB_MESH_OPTIONS_H_
#define MESHLIB_MESH_OPTIONS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "meshlib/export.h"

namespace meshlib {

enum class OutboundTrafficPolicy { kAllowAny, kRegistryOnly };
enum class LogSeverity { kInfo, kWarning, kError };

// Called on any thread, must not block. Empty: warnings and errors go to stderr.
using LogSink = absl::AnyInvocable<void(LogSeverity, std::string_view) const>;

// A value (but for the log sink, which is moved).
struct MESHLIB_EXPORT MeshOptions {
  // "yaml:DIR": an embedded control plane in this process reads the Istio YAML in DIR.
  // "grpcs://HOST:PORT": ADS over TLS, as Istio's istiod serves it.
  // "grpc://HOST:PORT", "unix:PATH": plaintext ADS. Empty is an error.
  std::string control_plane;

  // Where the workload's certificate comes from: "files:DIR" (cert-chain.pem, key.pem and
  // root-cert.pem, or tls.crt, tls.key and ca.crt, watched), the certificate authority at
  // "grpcs://HOST:PORT" or "unix:PATH", or "none". Empty: the control plane is the authority,
  // unless it is a plaintext one.
  std::string identity;
  // PEM: who may have signed the certificate of a grpcs:// server; "SYSTEM": system_roots.
  std::string root_file = "/var/run/secrets/istio/root-cert.pem";
  // What proves to a grpcs:// server who this workload is; "none": nothing does. Read again for
  // every connection. Outside of Kubernetes nobody but its owner may be able to read it.
  std::string token_file = "/var/run/secrets/tokens/istio-token";
  // What the certificate of a grpcs:// server must be for; empty: its HOST.
  std::string control_plane_server_name;
  // Of the workload's SPIFFE ID, and with "yaml:" of the whole mesh. Empty: with "yaml:" that of
  // the MeshConfig in DIR, where there is one, and else cluster.local.
  std::string trust_domain;
  // What is asked of an authority, which decides. Certificates are renewed at half of it.
  absl::Duration certificate_lifetime = absl::Hours(24);
  // yaml: only. The authority's root, made (mode 0600) where it is not there, for processes that
  // are to accept each other's certificates. Empty: in memory, for this Mesh alone.
  std::string ca_key_file;

  std::string pod_name;  // default: the host's name
  std::string pod_namespace = "default";
  std::string service_account = "default";
  std::string instance_ip;                    // default: 127.0.0.1
  std::map<std::string, std::string> labels;  // {"app", "reviews"}, {"version", "v1"}
  std::string cluster_domain = "cluster.local";
  // "sidecar" or "router" (an ingress gateway). The node type of the xDS node id.
  std::string node_type = "sidecar";
  std::map<std::string, std::string> metadata;  // further node metadata
  // Asks for the incremental variant of xDS, by which only what changed is sent. For control planes
  // that serve it.
  bool xds_delta = false;

  absl::Duration default_deadline = absl::Seconds(15);
  size_t max_buffered_body = 64 * 1024 * 1024;
  // Copied from CallOptions::parent to an outgoing Call where it does not set them itself.
  std::vector<std::string> propagate_headers = {
      "x-request-id", "traceparent",  "tracestate", "baggage",  "x-b3-traceid",     "x-b3-spanid",
      "b3",           "x-b3-sampled", "x-b3-flags", "end-user", "x-b3-parentspanid"};
  OutboundTrafficPolicy outbound_traffic_policy = OutboundTrafficPolicy::kAllowAny;
  // How long a Call to a host that the control plane has not spoken of waits for it before the host
  // counts as outside the mesh (kAllowAny, and not under the cluster domain). Begins again, of
  // 100 ms at least, as long as the control plane has never answered.
  absl::Duration unknown_host_wait = absl::Seconds(1);
  // PEM file of the CAs that are trusted where nothing else is said: for https:// URLs, and where a
  // DestinationRule names no caCertificates. Default: that of the machine.
  std::string system_roots;
  // Connections secured by TLS are used, and served, for no longer, so that a root that was
  // withdrawn is not relied on for ever. See ServeOptions::max_tls_connection_age.
  absl::Duration max_tls_connection_age = absl::Hours(1);
  int loop_threads = 0;  // 0: one per core, at most 4
  int max_blocking_loops = 64;
  int max_worker_threads = 256;
  absl::Duration drain_propagation_delay = absl::Seconds(1);
  // Kinds that decide security and that "yaml:" may ignore, e.g. {"PeerAuthentication"}.
  std::vector<std::string> allow_unenforced;
  LogSink log_sink;

  // MESHLIB_CONTROL_PLANE unset means grpcs://istiod.istio-system.svc:15012 where the files of
  // `root_file` and `token_file` are, that is in a pod that Istio's templates know.
  //
  // Reads MESHLIB_CONTROL_PLANE, MESHLIB_IDENTITY, MESHLIB_ROOT_FILE, MESHLIB_TOKEN_FILE,
  // MESHLIB_SERVER_NAME, MESHLIB_CERTIFICATE_LIFETIME ("24h"), MESHLIB_CA_KEY, MESHLIB_LABELS,
  // MESHLIB_XDS_DELTA ("true", "false"), TRUST_DOMAIN, POD_NAME, POD_NAMESPACE, SERVICE_ACCOUNT,
  // INSTANCE_IP, SSL_CERT_FILE, ISTIO_META_* and /etc/istio/pod/labels. INVALID_ARGUMENT names the
  // variable.
  static absl::StatusOr<MeshOptions> FromEnvironment();
};

}  // namespace meshlib

#endif  // MESHLIB_MESH_OPTIONS_H_
