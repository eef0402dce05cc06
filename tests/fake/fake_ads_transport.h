// SPDX-License-Identifier: Apache-2.0
// FakeAdsTransport: a control plane that is the test itself.

#ifndef MESHLIB_FAKE_FAKE_ADS_TRANSPORT_H_
#define MESHLIB_FAKE_FAKE_ADS_TRANSPORT_H_

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "xds/ads_transport.h"

namespace meshlib::fake {

// Streams are numbered from 1 in order of opening; one at a time may be open. What the client sends
// waits in sent() until it is taken. Messages that nobody took fail the test. Thread-compatible.
class FakeAdsTransport final : public xds::AdsTransport {
 public:
  ~FakeAdsTransport() override {
    EXPECT_EQ(open_, nullptr) << "a stream was leaked";
    EXPECT_TRUE(sent_.empty()) << sent_.size() << " messages of the client were not looked at";
  }

  std::unique_ptr<xds::AdsStream> Open(xds::AdsMethod /*method*/,
                                       xds::AdsStreamHandler& handler) override {
    EXPECT_EQ(open_, nullptr) << "two streams at a time";
    ++opened_;
    sent_.clear();
    handler_ = &handler;
    auto stream = std::make_unique<Stream>(*this);
    open_ = stream.get();
    return stream;
  }
  std::string ToString() const override { return "fake://control-plane"; }

  bool is_open() const { return open_ != nullptr; }
  int opened() const { return opened_; }
  std::deque<std::string>& sent() { return sent_; }

  // What the server does. REQUIRES: is_open().
  void Connect() { handler_->OnConnected(); }
  void Deliver(std::string bytes) { handler_->OnMessage(std::move(bytes)); }
  void Close(const absl::Status& status) { handler_->OnClosed(status); }

 private:
  class Stream final : public xds::AdsStream {
   public:
    explicit Stream(FakeAdsTransport& transport) : transport_(transport) {}
    ~Stream() override { transport_.open_ = nullptr; }
    void Send(std::string bytes) override { transport_.sent_.push_back(std::move(bytes)); }

   private:
    FakeAdsTransport& transport_;
  };

  xds::AdsStreamHandler* handler_ = nullptr;
  Stream* open_ = nullptr;
  int opened_ = 0;
  std::deque<std::string> sent_;
};

}  // namespace meshlib::fake

#endif  // MESHLIB_FAKE_FAKE_ADS_TRANSPORT_H_
