// SPDX-License-Identifier: Apache-2.0
// What of a Manifest is not translated, and said so.

#ifndef MESHLIB_TRANSLATE_UNSUPPORTED_H_
#define MESHLIB_TRANSLATE_UNSUPPORTED_H_

#include "manifest/manifest.h"
#include "translate/service_index.h"
#include "translate/translate_report.h"

namespace meshlib::translate {

TranslateReport FindUnsupported(const manifest::Manifest& manifest, const ServiceIndex& services);

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_UNSUPPORTED_H_
