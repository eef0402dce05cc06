// SPDX-License-Identifier: Apache-2.0
// TranslationCase: manifests with questions about them, and the answers that are expected.
//
// The questions are comments of the manifests:
//   #? registered reviews-v1 default 127.0.1.1 9080 app=reviews,version=v1
//   #? node sidecar default app=productpage      sidecar, grpc or router; namespace; labels; IPs
//   #? listener reviews:9080                     also route, cluster, endpoints
//   #? all listener                              for a wildcard subscription; also cluster
//   #? report
// `node` holds for what follows it; without, the node is a sidecar of "default".

#ifndef MESHLIB_TESTS_TRANSLATE_TRANSLATION_CASE_H_
#define MESHLIB_TESTS_TRANSLATE_TRANSLATION_CASE_H_

#include <string>
#include <vector>

#include "ads_server/resource_source.h"
#include "registry/workload.h"

namespace meshlib::translate {

// One line of it: "listener reviews:9080". A value.
struct Question {
  std::string kind;
  std::string name;
  ads_server::Node node;
};

// A value.
struct TranslationCase {
  std::vector<registry::Workload> registered;
  std::vector<Question> questions;
};

TranslationCase ReadCase(const std::string& input);

// The answers, one after the other, each headed by its question; what is wrong with the manifests
// where they cannot be read.
std::string Answer(const std::string& input);

std::string ReadFile(const std::string& path);

// The folders of testdata/cases, sorted, and the path of one.
std::vector<std::string> CaseNames();
std::string CasePath(const std::string& name);

}  // namespace meshlib::translate

#endif  // MESHLIB_TESTS_TRANSLATE_TRANSLATION_CASE_H_
