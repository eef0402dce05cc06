// SPDX-License-Identifier: Apache-2.0
// Matching allocates nothing: counted by replacing the global allocator of this program.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "route/cluster_choice.h"
#include "route/route_builder.h"

namespace {
std::atomic<long> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return ::operator new(size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace meshlib::route {
namespace {

TEST(RouteAllocationTest, MatchingAndChoosingAllocateNothing) {
  std::vector<resource::Route> routes;
  for (int n = 0; n < 100; ++n) {
    const std::string path = "/service/with/a/long/path/" + std::to_string(n);
    routes.push_back(Exact("e" + path, path));
    routes.push_back(IgnoringCase(Prefix("p" + path, path + "/P")));
    routes.push_back(Pattern("r" + path, path + "/[a-z]+/x"));
    resource::HeaderMatcher matcher;
    matcher.name = "x-many";
    matcher.match = Exactly("a long value that fits no small string,another one");
    routes.push_back(With(Prefix("h" + path, path + "/h"), matcher));
  }
  routes.push_back(Prefix("rest", "/"));
  auto config = Config({Host("a", {"*.example.com"}, std::move(routes))});
  const auto table = RouteTable::Compile(config);
  const Headers headers = {{"x-many", "a long value that fits no small string"},
                           {"x-many", "another one"}};
  const char* paths[] = {"/service/with/a/long/path/99?query", "/service/with/a/long/path/7/p",
                         "/service/with/a/long/path/7/abc/x", "/service/with/a/long/path/50/h",
                         "/elsewhere"};
  const auto run = [&] {
    for (const char* path : paths) {
      const RequestHead head{"GET", path, "Shop.Example.COM", "http", &headers};
      const RouteMatchResult result = table->Match(head, 0);
      EXPECT_FALSE(ChooseCluster(*result.route, head, 0).name.empty());
    }
  };
  run();  // RE2 builds its automata at the first use
  const long before = allocations;
  run();
  EXPECT_EQ(allocations - before, 0);
}

}  // namespace
}  // namespace meshlib::route
