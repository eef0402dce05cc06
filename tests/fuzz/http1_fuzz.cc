// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1: what is read does not depend on how it is split, and what was read can be written and
// read again as the same.
//
// The first byte of an input chooses who sent it, the second one where it is split.

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_target.h"
#include "wire/encoder.h"
#include "wire/http1_case.h"
#include "wire/request_decoder.h"
#include "wire/transcript.h"

namespace {

using meshlib::HttpRequest;
using meshlib::fuzz::Require;
using meshlib::wire::Decode;
using meshlib::wire::Http1Event;
using meshlib::wire::Peer;

constexpr Peer kPeers[] = {Peer::kClient, Peer::kServer, Peer::kServerToHead,
                           Peer::kServerToConnect};

std::vector<std::string_view> Split(std::string_view bytes, uint8_t how) {
  std::mt19937 random(how);
  std::vector<std::string_view> pieces;
  while (!bytes.empty()) {
    const size_t size = std::min<size_t>(bytes.size(), how == 0 ? 1 : random() % 40 + 1);
    pieces.push_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return pieces;
}

bool ReadHead(std::string_view bytes, HttpRequest* request) {
  meshlib::wire::RequestDecoder decoder;
  decoder.Begin(request);
  return decoder.Next(&bytes) == Http1Event::kHead;
}

// The fields that the encoder leaves to its caller.
std::string Fields(const HttpRequest& request) {
  std::string fields;
  for (const meshlib::Headers::Field field : request.headers) {
    if (field.name == "content-length" || field.name == "upgrade" ||
        field.name == "http2-settings") {
      continue;
    }
    fields.append(field.name).append(":").append(field.value).append("\n");
  }
  return fields;
}

void CheckRoundTrip(std::string_view bytes) {
  HttpRequest first;
  if (!ReadHead(bytes, &first)) return;
  std::string written;
  const absl::Status status =
      meshlib::wire::AppendRequestHead({first.method, first.url, first.authority}, first.headers,
                                       {}, meshlib::wire::ConnectionField::kNone, &written);
  Require(status.ok(), "what was read can be written");
  HttpRequest second;
  Require(ReadHead(written, &second), "what was written can be read");
  Require(first.method == second.method && first.url == second.url &&
              first.authority == second.authority && Fields(first) == Fields(second),
          "what was written is read as the same");
}

}  // namespace

namespace meshlib::fuzz {

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  for (const wire::Http1Case& a :
       wire::LoadCases(MESHLIB_HTTP1_CASES "/requests.cases", Peer::kClient)) {
    seeds.push_back(std::string(1, '\0') + static_cast<char>(seeds.size()) + a.input);
  }
  for (const wire::Http1Case& a :
       wire::LoadCases(MESHLIB_HTTP1_CASES "/responses.cases", Peer::kServer)) {
    const auto peer = static_cast<char>(std::find(std::begin(kPeers), std::end(kPeers), a.peer) -
                                        std::begin(kPeers));
    seeds.push_back(std::string(1, peer) + static_cast<char>(seeds.size()) + a.input);
  }
  return seeds;
}

std::vector<std::string> Dictionary() {
  return {"\r\n",
          "\n",
          "\r",
          " ",
          ":",
          "0\r\n\r\n",
          "Host: a\r\n",
          ";a=\"b\"",
          "\t",
          "Content-Length: 5\r\n",
          "%41",
          "Connection: close\r\n",
          "Transfer-Encoding: chunked\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "\x80",
          "http://a",
          "GET / HTTP/1.1\r\n",
          "Upgrade: x\r\nConnection: upgrade\r\n"};
}

}  // namespace meshlib::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Peer peer = kPeers[data[0] % std::size(kPeers)];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const meshlib::wire::Transcript whole = Decode(peer, {bytes});
  Require(whole == Decode(peer, Split(bytes, data[1])), "a split changes nothing");
  Require(whole == Decode(peer, Split(bytes, 0)), "byte by byte changes nothing");
  if (peer == Peer::kClient) CheckRoundTrip(bytes);
  return 0;
}
