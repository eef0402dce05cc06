// SPDX-License-Identifier: Apache-2.0
#include "wire/transcript.h"

#include "meshlib/http.h"
#include "wire/request_decoder.h"
#include "wire/response_decoder.h"

namespace meshlib::wire {
namespace {

void Print(const Headers& headers, std::string* out) {
  for (const Headers::Field field : headers) {
    out->append(field.name).append(": ").append(field.value).append("\n");
  }
}

// RequestDecoder as Decode() wants to see it.
class Requests final {
 public:
  explicit Requests(Peer) { decoder_.Begin(&request_); }
  RequestDecoder& decoder() { return decoder_; }
  void PrintHead(std::string* out) const {
    *out += request_.method + " " + request_.url + " " + request_.authority + " " +
            std::to_string(decoder_.minor_version()) + "\n";
    Print(request_.headers, out);
  }
  // Whether another message may follow.
  bool Next() {
    const bool more =
        decoder_.keep_alive() && !decoder_.wants_upgrade() && request_.method != "CONNECT";
    if (more) decoder_.Begin(&request_);
    return more;
  }

 private:
  HttpRequest request_;
  RequestDecoder decoder_;
};

class Responses final {
 public:
  explicit Responses(Peer peer) : peer_(peer) { Begin(); }
  ResponseDecoder& decoder() { return decoder_; }
  void PrintHead(std::string* out) const {
    *out +=
        std::to_string(response_.status) + " " + std::to_string(decoder_.minor_version()) + "\n";
    Print(response_.headers, out);
  }
  bool Next() {
    const bool more = decoder_.keep_alive() && peer_ == Peer::kServer;
    if (more) Begin();
    return more;
  }

 private:
  void Begin() {
    decoder_.Begin(&response_, peer_ == Peer::kServerToHead      ? ResponseTo::kHead
                               : peer_ == Peer::kServerToConnect ? ResponseTo::kConnect
                                                                 : ResponseTo::kUpgrade);
  }
  const Peer peer_;
  HttpResponse response_;
  ResponseDecoder decoder_;
};

template <typename Messages>
class Reader final {
 public:
  explicit Reader(Peer peer) : messages_(peer) {}

  Transcript Read(const std::vector<std::string_view>& pieces) {
    for (const std::string_view piece : pieces) {
      input_ = piece;
      if (!ended_) Drain();
      transcript_.left += input_.size();
    }
    if (!ended_) {
      // Nothing may be left to say but the end of a body that the end of input frames.
      const bool idle = messages_.decoder().idle();
      OnEvent(idle ? Http1Event::kNeedMore : messages_.decoder().OnEof());
      transcript_.failed_at_eof = transcript_.failed;
    }
    return transcript_;
  }

 private:
  void Drain() {
    while (!ended_ && OnEvent(messages_.decoder().Next(&input_))) {
    }
  }

  // Whether there may be more to do without more input.
  bool OnEvent(Http1Event event) {
    switch (event) {
      case Http1Event::kNeedMore:
        return false;
      case Http1Event::kInterim:
        messages_.PrintHead(&transcript_.heads);
        ++transcript_.messages;
        return true;
      case Http1Event::kHead:
        messages_.PrintHead(&transcript_.heads);
        return true;
      case Http1Event::kBody:
        transcript_.body += messages_.decoder().body();
        return true;
      case Http1Event::kEnd:
        Print(messages_.decoder().trailers(), &transcript_.heads);
        ++transcript_.messages;
        ended_ = !messages_.Next();
        return true;
      case Http1Event::kError:
        transcript_.failed = ended_ = true;
        transcript_.error = std::to_string(messages_.decoder().error().status) + " " +
                            messages_.decoder().error().reason;
        input_ = {};
        return false;
    }
    return false;
  }

  Messages messages_;
  std::string_view input_;
  Transcript transcript_;
  bool ended_ = false;
};

}  // namespace

Transcript Decode(Peer peer, const std::vector<std::string_view>& pieces) {
  Transcript transcript = peer == Peer::kClient ? Reader<Requests>(peer).Read(pieces)
                                                : Reader<Responses>(peer).Read(pieces);
  // How much an error leaves unread depends on the split.
  if (transcript.failed) transcript.left = 0;
  return transcript;
}

}  // namespace meshlib::wire
