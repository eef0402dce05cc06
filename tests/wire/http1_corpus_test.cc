// SPDX-License-Identifier: Apache-2.0
// Every case of testdata/, whole, byte by byte, and at every split.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "wire/http1_case.h"
#include "wire/transcript.h"

namespace meshlib::wire {
namespace {

using Verdict = Http1Case::Verdict;

std::vector<Http1Case> Corpus() {
  std::vector<Http1Case> cases = LoadCases(MESHLIB_TEST_DATA "/requests.cases", Peer::kClient);
  for (Http1Case& a : LoadCases(MESHLIB_TEST_DATA "/responses.cases", Peer::kServer)) {
    cases.push_back(std::move(a));
  }
  return cases;
}

Verdict VerdictOf(const Transcript& transcript) {
  if (transcript.failed_at_eof) return Verdict::kIncomplete;
  return transcript.failed ? Verdict::kReject : Verdict::kAccept;
}

// Where to split: everywhere, but for the few huge inputs, where every split costs too much.
std::vector<size_t> Splits(const std::string& input) {
  std::vector<size_t> splits;
  const size_t step = input.size() > 4096 ? 997 : 1;
  for (size_t at = 1; at < input.size(); at += at < 400 ? 1 : step) splits.push_back(at);
  return splits;
}

std::vector<std::string_view> Bytes(const std::string& input) {
  std::vector<std::string_view> pieces;
  for (size_t i = 0; i < input.size(); ++i) pieces.push_back(std::string_view(input).substr(i, 1));
  return pieces;
}

TEST(Http1CorpusTest, HoldsEveryCase) { EXPECT_EQ(Corpus().size(), 347u); }

TEST(Http1CorpusTest, EveryInputGetsItsVerdict) {
  for (const Http1Case& a : Corpus()) {
    SCOPED_TRACE(a.name + ": " + a.input.substr(0, 200));
    const Transcript whole = Decode(a.peer, {a.input});
    if (a.verdict == Verdict::kReject) {
      EXPECT_TRUE(whole.failed);
      continue;
    }
    EXPECT_EQ(VerdictOf(whole), a.verdict) << whole.error;
    if (a.verdict == Verdict::kIncomplete) continue;
    EXPECT_EQ(whole.messages, a.messages);
    EXPECT_EQ(whole.body, a.body);
    EXPECT_EQ(whole.left, a.left);
  }
}

// The one request whose malformed part is a valid beginning, "GARB".
TEST(Http1CorpusTest, RejectsBeforeTheEndOfTheInput) {
  for (const Http1Case& a : Corpus()) {
    if (a.verdict != Verdict::kReject || a.name == "cl-extra") continue;
    EXPECT_FALSE(Decode(a.peer, {a.input}).failed_at_eof) << a.name;
  }
}

TEST(Http1CorpusTest, ByteByByteIsReadAsWhole) {
  for (const Http1Case& a : Corpus()) {
    EXPECT_EQ(Decode(a.peer, Bytes(a.input)), Decode(a.peer, {a.input})) << a.name;
  }
}

TEST(Http1CorpusTest, EverySplitIsReadAsWhole) {
  for (const Http1Case& a : Corpus()) {
    const Transcript whole = Decode(a.peer, {a.input});
    const std::string_view input = a.input;
    for (const size_t at : Splits(a.input)) {
      ASSERT_EQ(Decode(a.peer, {input.substr(0, at), input.substr(at)}), whole)
          << a.name << " split at " << at;
    }
  }
}

}  // namespace
}  // namespace meshlib::wire
