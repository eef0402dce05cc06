// SPDX-License-Identifier: Apache-2.0
#include "base/published.h"

#include <gtest/gtest.h>

#include <thread>

namespace meshlib::base {
namespace {

// Tells which thread destroyed it.
struct Tracked {
  explicit Tracked(int v, std::thread::id* destroyed_on) : value(v), on(destroyed_on) {}
  ~Tracked() {
    if (on != nullptr) *on = std::this_thread::get_id();
  }
  int value;
  std::thread::id* on;
};

TEST(PublishedTest, AReaderSeesNothingBeforeTheFirstPublishAndThenTheNewest) {
  Published<int> published;
  Published<int>::Reader reader(published);
  EXPECT_EQ(reader.Get(), nullptr);
  published.Publish(std::make_shared<const int>(1));
  published.Publish(std::make_shared<const int>(2));
  ASSERT_NE(reader.Get(), nullptr);
  EXPECT_EQ(*reader.Get(), 2);
}

TEST(PublishedTest, OldValuesAreDestroyedByTheThreadThatDropsThem) {
  Published<Tracked> published;
  std::thread::id destroyed_on;
  published.Publish(std::make_shared<const Tracked>(1, &destroyed_on));
  std::thread loop([&] {
    Published<Tracked>::Reader reader(published);
    EXPECT_EQ(reader.Get()->value, 1);
    published.Publish(std::make_shared<const Tracked>(2, nullptr));
    EXPECT_EQ(reader.Get()->value, 2);
  });
  loop.join();
  EXPECT_EQ(destroyed_on, std::thread::id());
  published.DropRetired();
  EXPECT_EQ(destroyed_on, std::this_thread::get_id());
}

TEST(PublishedTest, ReadersOnOtherThreadsNeverSeeAnOlderValueAgain) {
  Published<int> published;
  published.Publish(std::make_shared<const int>(0));
  std::thread loop([&] {
    Published<int>::Reader reader(published);
    int last = 0;
    while (last < 1000) {
      const int now = *reader.Get();
      ASSERT_GE(now, last);
      last = now;
    }
  });
  for (int i = 1; i <= 1000; ++i) published.Publish(std::make_shared<const int>(i));
  loop.join();
}

}  // namespace
}  // namespace meshlib::base
