// SPDX-License-Identifier: Apache-2.0
// The rules that Istio and Kubernetes have for names, hosts, ports and the like, as decoders.

#ifndef MESHLIB_MANIFEST_FIELD_RULES_H_
#define MESHLIB_MANIFEST_FIELD_RULES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/cursor.h"
#include "manifest/object_meta.h"

namespace meshlib::manifest {

bool IsDnsLabel(std::string_view text);      // RFC 1123, up to 63 letters, any case
bool IsDnsName(std::string_view text);       // labels, up to 255 letters, not an IPv4 address
bool IsWildcardHost(std::string_view text);  // a DNS name whose first label may be or start with *
bool IsIpAddress(std::string_view text);
bool IsIpSubnet(std::string_view text);  // an address, or one with a prefix length

// Each reads text and reports an error unless it is one.
void DecodeDnsLabel(const Cursor& at, std::string* out);
void DecodeObjectName(const Cursor& at, std::string* out);  // a DNS name in lower case
void DecodeHost(const Cursor& at, std::string* out);        // IsWildcardHost()
void DecodeHostOrIp(const Cursor& at, std::string* out);
void DecodeIpSubnet(const Cursor& at, std::string* out);
void DecodeRegex(const Cursor& at, std::string* out);  // compiles in RE2, up to 1024 letters

void DecodePort(const Cursor& at, uint32_t* out);      // 1 to 65535
void DecodeInt32(const Cursor& at, uint32_t* out);     // 0 to 2147483647
void DecodePercent(const Cursor& at, uint32_t* out);   // 0 to 100
void DecodePercentage(const Cursor& at, double* out);  // {value: 0 to 100}
// As Decode(), and zero, which switches off.
void DecodeDurationOrZero(const Cursor& at, absl::Duration* out);

// Kubernetes' rules for label keys and values.
void DecodeLabels(const Cursor& at, Labels* out);
// {matchLabels: ...}
void DecodeMatchLabels(const Cursor& at, Labels* out);
// Namespaces, ".", "*"; "~" where `none_allowed`.
void DecodeExportTo(const Cursor& at, std::vector<std::string>* out, std::string_view name_space,
                    std::string_view none = "");
// "mesh", "name", "namespace/name".
void DecodeGatewayNames(const Cursor& at, std::vector<std::string>* out);
// Of a header to match: a pseudo-header, "@request.auth.claims..." or an RFC 9110 field name.
bool IsMatchableHeader(std::string_view name);
bool IsFieldName(std::string_view name);

}  // namespace meshlib::manifest

#endif  // MESHLIB_MANIFEST_FIELD_RULES_H_
