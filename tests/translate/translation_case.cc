// SPDX-License-Identifier: Apache-2.0
#include "translate/translation_case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "manifest/load.h"
#include "translate/node_view.h"
#include "translate/server_listeners.h"
#include "translate/text_format.h"

namespace meshlib::translate {
namespace {

constexpr char kMark[] = "#? ";

std::map<std::string, std::string> ReadLabels(const std::string& text) {
  std::map<std::string, std::string> labels;
  for (const auto part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> label = absl::StrSplit(part, absl::MaxSplits('=', 1));
    labels.insert(label);
  }
  return labels;
}

registry::Workload ReadWorkload(const std::vector<std::string>& words) {
  registry::Workload workload;
  workload.name = words.at(1);
  workload.name_space = words.at(2);
  workload.address = words.at(3);
  for (const auto part : absl::StrSplit(words.at(4), ',')) {
    int port = 0;
    if (absl::SimpleAtoi(part, &port)) workload.ports.push_back(static_cast<uint16_t>(port));
  }
  if (words.size() > 5) workload.labels = ReadLabels(words[5]);
  return workload;
}

ads_server::Node ReadNode(const std::vector<std::string>& words) {
  ads_server::Node node;
  node.type = words.at(1) == "router" ? "router" : "sidecar";
  node.generator = words.at(1) == "grpc" ? "grpc" : "";
  node.meshlib = node.generator.empty();
  node.name_space = words.at(2);
  node.dns_domain = absl::StrCat(node.name_space, ".svc.cluster.local");
  if (words.size() > 3) node.labels = ReadLabels(words[3]);
  if (words.size() > 4) node.ips = absl::StrSplit(words[4], ',');
  return node;
}

template <typename Message>
std::string Text(const std::optional<Message>& message) {
  return message ? ToText(*message) : "(absent)\n";
}

class Answers final {
 public:
  explicit Answers(const std::string& input)
      : case_(ReadCase(input)), loaded_(manifest::LoadText(input, "input.yaml")) {
    model_ = std::make_shared<const MeshModel>(
        std::make_shared<const manifest::Manifest>(loaded_.manifest));
    endpoints_ = std::make_unique<EndpointIndex>(model_->manifest(), case_.registered);
  }

  std::string All() {
    if (!loaded_.ok()) return manifest::ToText(loaded_.problems);
    std::string text;
    for (const Question& question : case_.questions) {
      absl::StrAppend(&text, "== ", question.kind, question.name.empty() ? "" : " ", question.name,
                      "\n", One(question));
    }
    return text;
  }

 private:
  std::string One(const Question& question) {
    NodeView view(model_, ClassOf(question.node, model_->asked_of_clients()));
    const std::string& name = question.name;
    if (question.kind == "listener" && IsServerListener(name)) {
      return Text(FindServerListener(*model_, question.node, view.node_class().shape, name));
    }
    if (question.kind == "listener") return Text(view.Listener(name));
    if (question.kind == "route") return Text(view.RouteConfig(name));
    if (question.kind == "cluster") return Text(view.Cluster(name));
    if (question.kind == "endpoints") return Text(view.Endpoints(name, *endpoints_));
    if (question.kind == "all") {
      const auto names = name == "cluster" ? view.ClusterNames() : view.ListenerNames();
      return absl::StrCat(absl::StrJoin(names, "\n"), "\n");
    }
    std::string text;
    for (const TranslateProblem& problem : model_->report()) {
      absl::StrAppend(&text, problem.ToString(), "\n");
    }
    return text;
  }

  const TranslationCase case_;
  const manifest::LoadResult loaded_;
  std::shared_ptr<const MeshModel> model_;
  std::unique_ptr<EndpointIndex> endpoints_;
};

}  // namespace

TranslationCase ReadCase(const std::string& input) {
  TranslationCase result;
  ads_server::Node node = ReadNode({"node", "sidecar", "default"});
  const std::vector<std::string> lines = absl::StrSplit(input, '\n');
  for (const std::string& line : lines) {
    if (line.compare(0, sizeof(kMark) - 1, kMark) != 0) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line.substr(sizeof(kMark) - 1), ' ', absl::SkipEmpty());
    if (words.at(0) == "registered") {
      result.registered.push_back(ReadWorkload(words));
    } else if (words.at(0) == "node") {
      node = ReadNode(words);
    } else {
      result.questions.push_back(
          {.kind = words.at(0), .name = words.size() > 1 ? words[1] : "", .node = node});
    }
  }
  return result;
}

std::string Answer(const std::string& input) { return Answers(input).All(); }

std::string ReadFile(const std::string& path) {
  const std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string CasePath(const std::string& name) {
  return std::string(MESHLIB_TEST_DATA) + "/cases/" + name;
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(CasePath(""))) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace meshlib::translate
