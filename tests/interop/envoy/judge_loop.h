// SPDX-License-Identifier: Apache-2.0
// How a judge is asked: a line of JSON, answered by one.

#ifndef MESHLIB_TESTS_INTEROP_ENVOY_JUDGE_LOOP_H_
#define MESHLIB_TESTS_INTEROP_ENVOY_JUDGE_LOOP_H_

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace meshlib {

// {"table": "base64"} goes to judge.Take(), {"request": {...}} to judge.Decide(), until the input
// ends.
template <typename Judge>
void AnswerQuestions(Judge judge) {
  std::string line;
  while (std::getline(std::cin, line)) {
    const nlohmann::json in = nlohmann::json::parse(line);
    const nlohmann::json out = in.contains("table") ? judge.Take(in.at("table").get<std::string>())
                                                    : judge.Decide(in.at("request"));
    std::cout << out.dump() << "\n" << std::flush;
  }
}

}  // namespace meshlib

#endif  // MESHLIB_TESTS_INTEROP_ENVOY_JUDGE_LOOP_H_
