// SPDX-License-Identifier: Apache-2.0
#include "manifest/near_name.h"

#include <gtest/gtest.h>

#include <string>

namespace meshlib::manifest {
namespace {

struct Row {
  const char* written;
  const char* nearest;  // "": none
};

class NearestNameTest : public ::testing::TestWithParam<Row> {};

TEST_P(NearestNameTest, IsWhatWasMeant) {
  constexpr std::string_view kNames[] = {"weight",  "destination",      "timeout",
                                         "retries", "retryOn",          "perTryTimeout",
                                         "uri",     "portLevelSettings"};
  EXPECT_EQ(std::string(NearestName(GetParam().written, kNames).value_or("")), GetParam().nearest);
}

INSTANTIATE_TEST_SUITE_P(Names, NearestNameTest,
                         ::testing::ValuesIn<Row>({
                             {"weigth", "weight"},
                             {"Weight", "weight"},
                             {"destinations", "destination"},
                             {"tiemout", "timeout"},
                             {"timeOut", "timeout"},
                             {"retrys", "retries"},
                             {"retry_on", "retryOn"},
                             {"port_level_settings", "portLevelSettings"},
                             {"url", "uri"},
                             {"x", ""},
                             {"", ""},
                             {"completelyDifferent", ""},
                         }));

TEST(NearestNameTest, LongNamesAreNearNothing) {
  constexpr std::string_view kNames[] = {"weight"};
  EXPECT_FALSE(NearestName(std::string(100'000, 'w'), kNames).has_value());
}

}  // namespace
}  // namespace meshlib::manifest
