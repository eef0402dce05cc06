// SPDX-License-Identifier: Apache-2.0
// The certificates of ServeOptions::tls.

#ifndef MESHLIB_SERVER_OWN_CERTIFICATES_H_
#define MESHLIB_SERVER_OWN_CERTIFICATES_H_

#include <functional>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "meshlib/http_server.h"
#include "server/inbound_policy.h"

namespace meshlib::server {

// Reads them once; an error names the file and the cause. Asked at a handshake and at most once a
// second, the source reads files that have changed again; when what it finds does not do, it says
// so to `log` and goes on with what it has. REQUIRES: `clock` outlives the source.
using CertificateLog = std::function<void(std::string_view)>;
absl::StatusOr<ServerContextSource> OwnCertificates(const ServerTls& tls, const base::Clock& clock,
                                                    CertificateLog log);

}  // namespace meshlib::server

#endif  // MESHLIB_SERVER_OWN_CERTIFICATES_H_
