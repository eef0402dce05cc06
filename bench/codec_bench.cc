// SPDX-License-Identifier: Apache-2.0
// Heads of the HTTP/1.1 codec, as they pass between services: decoded and encoded.

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "wire/encoder.h"
#include "wire/request_decoder.h"
#include "wire/response_decoder.h"

namespace {

using meshlib::HttpRequest;
using meshlib::HttpResponse;
using meshlib::wire::Http1Event;

// 380 bytes, Host and 8 fields.
constexpr std::string_view kRequest =
    "GET /productpage/api/v1/products/0/reviews?x=1 HTTP/1.1\r\n"
    "Host: reviews.default.svc.cluster.local:9080\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate\r\n"
    "X-Request-Id: 6f2c1b1e-5b1c-4c39-9b1f-2f8a6a5d1c11\r\n"
    "End-User: jason\r\n"
    "X-Forwarded-Proto: http\r\n"
    "Cookie: session=eyJ1c2VyIjoiamFz\r\n"
    "Cache-Control: no-cache\r\n\r\n";

// 10 fields.
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "content-type: application/json\r\n"
    "content-length: 1024\r\n"
    "date: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
    "server: reviews\r\n"
    "x-envoy-upstream-service-time: 3\r\n"
    "x-request-id: 6f2c1b1e-5b1c-4c39-9b1f-2f8a6a5d1c11\r\n"
    "cache-control: no-cache\r\n"
    "vary: accept-encoding\r\n"
    "x-version: v1\r\n"
    "x-pod: reviews-v1-0\r\n\r\n";

void DecodeRequest(benchmark::State& state) {
  HttpRequest request;
  meshlib::wire::RequestDecoder decoder;
  for (auto _ : state) {
    decoder.Begin(&request);
    std::string_view input = kRequest;
    const bool head = decoder.Next(&input) == Http1Event::kHead;
    if (!head || decoder.Next(&input) != Http1Event::kEnd) state.SkipWithError("refused");
  }
}

void DecodeResponse(benchmark::State& state) {
  HttpResponse response;
  meshlib::wire::ResponseDecoder decoder;
  for (auto _ : state) {
    decoder.Begin(&response, meshlib::wire::ResponseTo::kOther);
    std::string_view input = kResponse;
    if (decoder.Next(&input) != Http1Event::kHead) state.SkipWithError("refused");
  }
}

void EncodeRequest(benchmark::State& state) {
  HttpRequest request;
  meshlib::wire::RequestDecoder decoder;
  decoder.Begin(&request);
  std::string_view input = kRequest;
  if (decoder.Next(&input) != Http1Event::kHead) state.SkipWithError("refused");
  std::string out;
  for (auto _ : state) {
    out.clear();
    const absl::Status status = meshlib::wire::AppendRequestHead(
        {request.method, request.url, request.authority}, request.headers, {},
        meshlib::wire::ConnectionField::kNone, &out);
    if (!status.ok()) state.SkipWithError("refused");
  }
}

BENCHMARK(DecodeRequest)->Name("http1_decode_request_head_ns");
BENCHMARK(DecodeResponse)->Name("http1_decode_response_head_ns");
BENCHMARK(EncodeRequest)->Name("http1_encode_request_head_ns");

}  // namespace
