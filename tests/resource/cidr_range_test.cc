// SPDX-License-Identifier: Apache-2.0
#include "resource/cidr_range.h"

#include <gtest/gtest.h>

namespace meshlib::resource {
namespace {

TEST(CidrRangeTest, IsReadFromText) {
  for (const char* text : {"10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32", "2001:db8::/32", "::/0"}) {
    const auto range = CidrRange::FromString(text);
    ASSERT_TRUE(range) << text;
    EXPECT_EQ(range->ToString(), text);
  }
  EXPECT_EQ(CidrRange::FromString("1.2.3.4")->ToString(), "1.2.3.4/32");
  EXPECT_EQ(CidrRange::FromString("::1")->ToString(), "::1/128");
}

TEST(CidrRangeTest, OtherTextsAreNone) {
  for (const char* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1",
                           "10.0.0.0/8/8", "10.0.0/8", "::/129", "fe80::1%eth0/64", "a/8"}) {
    EXPECT_FALSE(CidrRange::FromString(text)) << text;
  }
}

TEST(CidrRangeTest, ContainsWhatBeginsWithItsBits) {
  const struct {
    const char* range;
    const char* address;
    bool contains;
  } rows[] = {
      {"10.0.0.0/8", "10.255.1.2", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.0.0.0/9", "10.127.0.1", true},
      {"10.0.0.0/9", "10.128.0.1", false},
      {"10.9.9.9/8", "10.1.1.1", true},
      {"1.2.3.4/32", "1.2.3.4", true},
      {"1.2.3.4/32", "1.2.3.5", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "::1", true},
      {"::/0", "1.2.3.4", false},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"10.0.0.0/8", "::ffff:10.0.0.1", true},
      {"::/0", "::ffff:10.0.0.1", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(CidrRange::FromString(row.range)->Contains(*Address::FromIp(row.address, 80)),
              row.contains)
        << row.range << " " << row.address;
  }
  EXPECT_FALSE(CidrRange::FromString("0.0.0.0/0")->Contains(*Address::FromUnixPath("/a")));
  EXPECT_FALSE(CidrRange::FromString("0.0.0.0/0")->Contains(Address()));
}

}  // namespace
}  // namespace meshlib::resource
