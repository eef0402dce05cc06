// SPDX-License-Identifier: Apache-2.0
// PublicReport: the report of resources in the words of the public API.

#ifndef MESHLIB_MESH_PUBLIC_REPORT_H_
#define MESHLIB_MESH_PUBLIC_REPORT_H_

#include "meshlib/report.h"
#include "resource/report.h"

namespace meshlib::mesh {

ConfigurationReport PublicReport(const resource::Report& report);

}  // namespace meshlib::mesh

#endif  // MESHLIB_MESH_PUBLIC_REPORT_H_
