// SPDX-License-Identifier: Apache-2.0
// How an object of each kind is decoded. One file for each: decode_<kind>.cc.

#ifndef MESHLIB_MANIFEST_DECODE_OBJECT_H_
#define MESHLIB_MANIFEST_DECODE_OBJECT_H_

#include <string_view>

#include "manifest/fields.h"
#include "manifest/load.h"
#include "manifest/manifest.h"
#include "manifest/yaml_text.h"

namespace meshlib::manifest {

// The API group of what says who may do what.
inline constexpr std::string_view kSecurityGroup = "security.istio.io";

// Decodes a document: an object, or a List of them. Adds what has no error to `result.manifest` and
// what is wrong to `result.problems`.
void DecodeObjects(const YamlValue& document, const std::string& file, const LoadOptions& options,
                   LoadResult& result);

// Each decodes the fields beside apiVersion, kind and metadata; `out->meta` is there already.
void DecodeService(Fields& fields, Service* out);
void DecodeEndpointSlice(Fields& fields, EndpointSlice* out);
void DecodeEndpoints(Fields& fields, const ObjectMeta& meta, std::vector<EndpointSlice>* out);
void DecodeWorkload(Fields& fields, Workload* out);  // `out->kind` is there already
void DecodeServiceEntry(Fields& fields, ServiceEntry* out);
void DecodeWorkloadEntry(Fields& fields, WorkloadEntry* out);
void DecodeVirtualService(Fields& fields, VirtualService* out);
void DecodeDestinationRule(Fields& fields, DestinationRule* out);
void DecodeGateway(Fields& fields, Gateway* out);
void DecodeAuthorizationPolicy(Fields& fields, AuthorizationPolicy* out);
void DecodePeerAuthentication(Fields& fields, PeerAuthentication* out);
void DecodeSidecar(Fields& fields, Sidecar* out);
void DecodeMeshConfig(Fields& fields, MeshConfig* out);  // of its ConfigMap

// Parts that several kinds have.
void Decode(const Cursor& at, HttpRoute* out);
void Decode(const Cursor& at, Destination* out);
void Decode(const Cursor& at, StringMatch* out);
void Decode(const Cursor& at, HeaderPolicy* out);
void Decode(const Cursor& at, HttpFault* out);
void Decode(const Cursor& at, HttpRetry* out);
void Decode(const Cursor& at, HttpRedirect* out);
void Decode(const Cursor& at, HttpDirectResponse* out);
void Decode(const Cursor& at, HttpRewrite* out);
void Decode(const Cursor& at, CorsPolicy* out);
void Decode(const Cursor& at, LoadBalancer* out);
void Decode(const Cursor& at, ConnectionPool* out);
void Decode(const Cursor& at, OutlierDetection* out);
void Decode(const Cursor& at, ClientTls* out);
void Decode(const Cursor& at, TrafficPolicy* out);
// Weights of a route's destinations: Istio's rules for their sum.
void CheckWeights(const Cursor& at, const std::vector<uint32_t>& weights);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_DECODE_OBJECT_H_
