// SPDX-License-Identifier: Apache-2.0
#include "wire/http1_case.h"

#include <fstream>
#include <sstream>
#include <string_view>

#include "wire/grammar.h"

namespace meshlib::wire {
namespace {

// Takes what one escape stands for from the front of `text`, which starts behind the backslash.
char TakeEscape(std::string_view* text) {
  const char kind = text->front();
  text->remove_prefix(1);
  if (kind == 'r') return '\r';
  if (kind == 'n') return '\n';
  if (kind == 't') return '\t';
  if (kind != 'x') return kind;
  const int byte = HexDigit((*text)[0]) * 16 + HexDigit((*text)[1]);
  text->remove_prefix(2);
  return static_cast<char>(byte);
}

// Up to the end, or to the brace that closes a repetition.
std::string Expand(std::string_view* text) {
  std::string expanded;
  while (!text->empty()) {
    const char c = text->front();
    text->remove_prefix(1);
    if (c == '}') return expanded;
    if (c == '\\') {
      expanded.push_back(TakeEscape(text));
    } else if (c == '{') {
      const size_t space = text->find(' ');
      const int times = std::stoi(std::string(text->substr(0, space)));
      text->remove_prefix(space + 1);
      const std::string repeated = Expand(text);
      for (int i = 0; i < times; ++i) expanded += repeated;
    } else {
      expanded.push_back(c);
    }
  }
  return expanded;
}

std::string Expanded(std::string_view text) { return Expand(&text); }

Http1Case TitleOf(const std::string& line, Peer peer) {
  Http1Case title;
  title.peer = peer;
  const size_t end = line.find("] ");
  title.name = line.substr(1, end - 1);
  const size_t body = line.find(" body=");
  if (body != std::string::npos) title.body = Expanded(line.substr(body + 6));
  std::istringstream words(line.substr(end + 2, body == std::string::npos ? body : body - end - 2));
  for (std::string word; words >> word;) {
    if (word == "reject") title.verdict = Http1Case::Verdict::kReject;
    if (word == "incomplete") title.verdict = Http1Case::Verdict::kIncomplete;
    if (word == "to=HEAD") title.peer = Peer::kServerToHead;
    if (word == "to=CONNECT") title.peer = Peer::kServerToConnect;
    if (word.starts_with("messages=")) title.messages = std::stoi(word.substr(9));
    if (word.starts_with("left=")) title.left = std::stoul(word.substr(5));
  }
  return title;
}

}  // namespace

std::vector<Http1Case> LoadCases(const std::string& path, Peer peer) {
  std::vector<Http1Case> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("[")) {
      cases.push_back(TitleOf(line, peer));
    } else if (line.starts_with("  ")) {
      cases.back().input += Expanded(line.substr(2));
    }
  }
  return cases;
}

}  // namespace meshlib::wire
