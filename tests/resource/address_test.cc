// SPDX-License-Identifier: Apache-2.0
#include "resource/address.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::resource {
namespace {

TEST(AddressTest, PrintsWhatItReads) {
  for (const char* text : {"1.2.3.4:80", "[::1]:9080", "unix:/run/a.sock", "0.0.0.0:0"}) {
    const auto address = Address::FromString(text);
    ASSERT_TRUE(address.has_value()) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(AddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "1.2.3.4", "1.2.3:80", "::1:80", "[1.2.3.4]:80", "1.2.3.4:65536",
                           "1.2.3.4:-1", "host:80", "unix:", "[fe80::1%eth0]:80", "1.2.3.4:"}) {
    EXPECT_EQ(Address::FromString(text), std::nullopt) << text;
  }
}

TEST(AddressTest, RefusesSocketPathsThatDoNotFit) {
  EXPECT_TRUE(Address::FromUnixPath(std::string(107, 'a')).has_value());
  EXPECT_FALSE(Address::FromUnixPath(std::string(108, 'a')).has_value());
  EXPECT_FALSE(Address::FromUnixPath(std::string("a\0b", 3)).has_value());
}

TEST(AddressTest, KnowsTheUnspecifiedAddresses) {
  EXPECT_TRUE(Address::FromIp("0.0.0.0", 1)->is_unspecified());
  EXPECT_TRUE(Address::FromIp("::", 1)->is_unspecified());
  EXPECT_FALSE(Address::FromIp("127.0.0.1", 1)->is_unspecified());
}

TEST(AddressTest, IsSmall) { EXPECT_LE(sizeof(Address), 40u); }

}  // namespace
}  // namespace meshlib::resource
