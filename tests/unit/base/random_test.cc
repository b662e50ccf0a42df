#include "gyre/base/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>

namespace gyre::base {
namespace {

TEST(Random, SameSeedSameSequence) {
  Random a(42);
  Random b(42);
  Random c(43);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    different += value != c.next();
  }
  EXPECT_GT(different, 95);
}

TEST(Random, BelowIsInRangeAndUniform) {
  Random random(1);
  for (uint64_t bound :
       {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{1000}, ~uint64_t{0}, (uint64_t{1} << 63) + 1}) {
    for (int i = 0; i < 1000; ++i) ASSERT_LT(random.below(bound), bound);
  }
  int counts[6] = {};
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  for (int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, ThreadsDiffer) {
  const uint64_t mine = thread_random().next();
  uint64_t other = mine;
  std::thread([&other] { other = thread_random().next(); }).join();
  EXPECT_NE(mine, other);
  EXPECT_EQ(&thread_random(), &thread_random());
}

TEST(Random, HexIds) {
  std::set<std::string> seen;
  for (size_t length : {size_t{0}, size_t{1}, size_t{7}, size_t{40}, size_t{1000}}) {
    const std::string id = random_hex(length);
    EXPECT_EQ(id.size(), length);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  for (int i = 0; i < 100; ++i) seen.insert(random_hex(40));
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace gyre::base
