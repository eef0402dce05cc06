// SPDX-License-Identifier: Apache-2.0
// Delegates: VirtualServices whose routes stand in others.

#ifndef MESHLIB_TRANSLATE_DELEGATES_H_
#define MESHLIB_TRANSLATE_DELEGATES_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifest/manifest.h"

namespace meshlib::translate {

// Why a route of a VirtualService stands for less than it says. A value.
struct DelegateProblem {
  size_t route = 0;  // index in `http`
  std::string text;
  manifest::Position position;
};

// A VirtualService with the routes of its delegates in the places of those that delegate. A value.
struct MergedVirtualService {
  manifest::VirtualService object;
  // Where each route of `object` comes from: "http[0] by VirtualService team/stars http[2]".
  std::vector<std::string> fields;
  std::vector<DelegateProblem> problems;
};

// Istio's rules of merging: a route of the delegate counts when each of its matches lies within one
// of the delegating route's, of which it takes what it does not say itself. Immutable; share
// freely.
class Delegates final {
 public:
  // `manifest` must outlive it.
  explicit Delegates(const manifest::Manifest& manifest);

  // Whether a route of it delegates.
  static bool IsRoot(const manifest::VirtualService& object);

  // Names in routes of delegates are those of the delegate's namespace: they come out complete.
  MergedVirtualService Merge(const manifest::VirtualService& root) const;

 private:
  using Name = std::pair<std::string, std::string>;  // namespace, name

  void MergeRoute(const manifest::VirtualService& root, size_t index,
                  MergedVirtualService& out) const;

  std::map<Name, const manifest::VirtualService*> by_name_;
};

}  // namespace meshlib::translate

#endif  // MESHLIB_TRANSLATE_DELEGATES_H_
