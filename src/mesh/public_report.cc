// SPDX-License-Identifier: Apache-2.0
#include "mesh/public_report.h"

namespace meshlib::mesh {
namespace {

ReportLine::Disposition DispositionOf(resource::Disposition disposition) {
  switch (disposition) {
    case resource::Disposition::kApplied:
      return ReportLine::Disposition::kApplied;
    case resource::Disposition::kApproximated:
      return ReportLine::Disposition::kApproximated;
    case resource::Disposition::kIgnored:
      return ReportLine::Disposition::kIgnored;
    case resource::Disposition::kRejected:
      return ReportLine::Disposition::kRejected;
  }
  return ReportLine::Disposition::kIgnored;
}

}  // namespace

ConfigurationReport PublicReport(const resource::Report& report) {
  ConfigurationReport lines;
  for (const resource::ReportEntry& entry : report) {
    lines.push_back({.disposition = DispositionOf(entry.disposition),
                     .resource_type = entry.resource_type,
                     .resource_name = entry.resource_name,
                     .field = entry.field,
                     .object = entry.origin.object,
                     .message = entry.message,
                     .text = entry.ToString()});
  }
  return lines;
}

}  // namespace meshlib::mesh
