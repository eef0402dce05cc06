// SPDX-License-Identifier: Apache-2.0
// Resources as text, with what is packed in them.

#ifndef MESHLIB_TESTS_TRANSLATE_TEXT_FORMAT_H_
#define MESHLIB_TESTS_TRANSLATE_TEXT_FORMAT_H_

#include <string>

#include "google/protobuf/message.h"

namespace meshlib::translate {

// Map entries in the order of their keys; packed messages that we know are written out.
std::string ToText(const google::protobuf::Message& message);

// The first lines that differ, with their numbers; empty when none does.
std::string FirstDifference(const std::string& expected, const std::string& actual);

}  // namespace meshlib::translate

#endif  // MESHLIB_TESTS_TRANSLATE_TEXT_FORMAT_H_
