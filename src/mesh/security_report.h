// SPDX-License-Identifier: Apache-2.0
// SecurityReport: how connections to the endpoints of a snapshot are secured, and why.

#ifndef MESHLIB_MESH_SECURITY_REPORT_H_
#define MESHLIB_MESH_SECURITY_REPORT_H_

#include "resource/report.h"
#include "snapshot/mesh_snapshot.h"

namespace meshlib::mesh {

// A line for each Cluster and way that its endpoints are called, rejected where Calls fail:
// "2 endpoints (10.0.0.7:80, 10.0.0.8:80): mutual TLS, SNI ...". What the host of a request decides
// is left open.
resource::Report SecurityReport(const snapshot::MeshSnapshot& snapshot);

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_SECURITY_REPORT_H_
