// SPDX-License-Identifier: Apache-2.0
// TranslateReport: what of the manifests could not be carried over.

#ifndef MESHLIB_TRANSLATE_TRANSLATE_REPORT_H_
#define MESHLIB_TRANSLATE_TRANSLATE_REPORT_H_

#include <string>
#include <utility>
#include <vector>

namespace meshlib::translate {

// "mesh/reviews.yaml:12:5: VirtualService default/reviews http[0].delegate: not supported, the
// route is left out". A value.
struct TranslateProblem {
  std::string place;   // "file:line:col"
  std::string object;  // "VirtualService default/reviews"
  std::string field;   // "http[0].delegate", empty: the whole
  std::string message;

  std::string ToString() const;
  friend bool operator==(const TranslateProblem&, const TranslateProblem&) = default;
  friend auto operator<=>(const TranslateProblem&, const TranslateProblem&) = default;
};

// In the order of the places. A value.
using TranslateReport = std::vector<TranslateProblem>;

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_TRANSLATE_REPORT_H_
