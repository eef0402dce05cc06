// SPDX-License-Identifier: Apache-2.0
// Http1Case: one input of the corpus in testdata/ and what is to be made of it.

#ifndef MESHLIB_TESTS_WIRE_HTTP1_CASE_H_
#define MESHLIB_TESTS_WIRE_HTTP1_CASE_H_

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "wire/transcript.h"

namespace meshlib::wire {

// A value.
struct Http1Case {
  enum class Verdict { kAccept, kReject, kIncomplete };
  std::string name;
  Peer peer = Peer::kClient;
  std::string input;
  Verdict verdict = Verdict::kAccept;
  int messages = 1;
  size_t left = 0;
  std::string body;
};

inline std::ostream& operator<<(std::ostream& out, const Http1Case& a) { return out << a.name; }

// Reads a file of testdata/. An unreadable file gives no cases.
std::vector<Http1Case> LoadCases(const std::string& path, Peer peer);

}  // namespace meshlib::wire

#endif  // MESHLIB_TESTS_WIRE_HTTP1_CASE_H_
