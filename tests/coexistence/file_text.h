// SPDX-License-Identifier: Apache-2.0
// The text of a file.

#ifndef MESHLIB_TESTS_COEXISTENCE_FILE_TEXT_H_
#define MESHLIB_TESTS_COEXISTENCE_FILE_TEXT_H_

#include <fstream>
#include <iterator>
#include <string>

namespace meshlib::coexistence {

// Empty when there is no such file.
inline std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace meshlib::coexistence

#endif  // MESHLIB_TESTS_COEXISTENCE_FILE_TEXT_H_
