// Redis's guarantee for SCAN: what is there from beginning to end is returned, whatever happens in between.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <unordered_set>

#include "gyre/ds/segment_table.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

TEST(SegmentScan, VisitsEachOnceWhenNothingChanges) {
  for (uint64_t keys : {1u, 8u, 9u, 100u, 929u, 5000u, 100000u}) {
    TestTable<> t;
    for (uint64_t key = 0; key < keys; ++key) t.insert(key);
    std::unordered_set<uint64_t> seen;
    size_t calls = 0;
    uint64_t cursor = 0;
    do {
      size_t in_call = 0;
      cursor = t.table.scan(cursor, [&](TestEntry* e) {
        EXPECT_TRUE(seen.insert(e->key).second);
        ++in_call;
      });
      ASSERT_LT(cursor, uint64_t{1} << SegmentTableBase::kCursorBits);
      ASSERT_LT(in_call, 40u);
      ++calls;
    } while (cursor != 0);
    EXPECT_EQ(seen.size(), keys);
    EXPECT_LE(calls, keys / 3 + 2);
  }
}

TEST(SegmentScan, AnyCursorIsSafe) {
  TestTable<> t;
  for (uint64_t key = 0; key < 5000; ++key) t.insert(key);
  std::mt19937_64 random(test_seed());
  for (int i = 0; i < 100000; ++i) {
    uint64_t next = t.table.scan(random() >> (random() % 64), [](TestEntry*) {});
    ASSERT_LT(next, uint64_t{1} << SegmentTableBase::kCursorBits);
  }
  (void)t.table.scan(~uint64_t{0}, [](TestEntry*) {});
}

TEST(SegmentScan, GuaranteeWhileTheTableBreathes) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 40; ++round) {
    TestTable<> t;
    uint64_t stable = 1 + random() % 3000;
    for (uint64_t key = 0; key < stable; ++key) t.insert(key);
    uint64_t low = uint64_t{1} << 32;  // keys that come and go: [low, high)
    uint64_t high = low;
    if (random() % 2 == 0) {
      for (uint64_t n = random() % 60000; n > 0; --n) t.insert(high++);
    }
    bool growing = random() % 2 == 0;
    std::unordered_set<uint64_t> seen;
    uint64_t cursor = 0;
    size_t calls = 0;
    do {
      cursor = t.table.scan(cursor, [&](TestEntry* e) { seen.insert(e->key); });
      uint64_t changes = random() % 8 == 0 ? random() % 3000 : random() % 30;
      for (uint64_t i = 0; i < changes; ++i) {
        if (growing)
          t.insert(high++);
        else if (low < high)
          t.erase(low++);
      }
      if (random() % 40 == 0) growing = !growing;
      if (++calls > 3000) growing = false;  // let it end
      ASSERT_LT(calls, 200000u);
    } while (cursor != 0);
    for (uint64_t key = 0; key < stable; ++key) ASSERT_TRUE(seen.contains(key)) << key << " round " << round;
  }
}

}  // namespace
}  // namespace gyre::ds
