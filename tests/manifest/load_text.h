// SPDX-License-Identifier: Apache-2.0
// LoadText() of one object whose spec is given, and what its problems say.

#ifndef MESHLIB_TESTS_MANIFEST_LOAD_TEXT_H_
#define MESHLIB_TESTS_MANIFEST_LOAD_TEXT_H_

#include <string>

#include "manifest/load.h"

namespace meshlib::manifest {

// The text of an object "test" of a kind of Istio, with `spec` in flow style or indented by two.
inline std::string IstioObject(const std::string& kind, const std::string& spec) {
  return "apiVersion: networking.istio.io/v1\nkind: " + kind +
         "\nmetadata: {name: test}\nspec:" + (spec.front() == '{' ? " " : "\n") + spec + "\n";
}

inline std::string ProblemsOf(const std::string& text) {
  return ToText(LoadText(text, "f").problems);
}

// A VirtualService with one route that has `fields` beside its destination.
inline std::string RouteWith(const std::string& fields) {
  return IstioObject(
      "VirtualService",
      "{hosts: [reviews], http: [{route: [{destination: {host: reviews}}], " + fields + "}]}");
}

inline bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace meshlib::manifest

#endif  // MESHLIB_TESTS_MANIFEST_LOAD_TEXT_H_
