#include "gyre/ds/segment_table.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <random>
#include <thread>
#include <unordered_map>

#include "gyre/base/memory.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

constexpr bool kSlow = kSanitized;

/// Hashes that differ in few bits: directories cannot spread them.
struct PoorTraits : TestTraits {
  static uint64_t hash_of(uint64_t key) { return TestTraits::hash_of(key) & 0x00000000ffff00ff; }
  static uint64_t hash(const TestEntry* e) { return hash_of(e->key); }
};
/// All the same.
struct ConstantTraits : TestTraits {
  static uint64_t hash_of(uint64_t) { return 0; }
  static uint64_t hash(const TestEntry*) { return 0; }
};

template <class Traits>
void check_model(TestTable<Traits>& t, const std::unordered_map<uint64_t, uint64_t>& model, uint64_t keys) {
  ASSERT_EQ(t.table.size(), model.size());
  for (const auto& [key, value] : model) {
    TestEntry* e = t.find(key);
    ASSERT_NE(e, nullptr) << key;
    ASSERT_EQ(e->value, value);
  }
  for (uint64_t key = 0; key < keys; ++key) ASSERT_EQ(t.find(key) != nullptr, model.contains(key)) << key;
  size_t visited = 0;
  t.table.for_each([&](TestEntry* e) { visited += model.contains(e->key) ? 1u : 0u; });
  ASSERT_EQ(visited, model.size());
}

template <class Traits>
void run_model(uint64_t seed, uint64_t keys, int rounds) {
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  TestTable<Traits> t;
  std::unordered_map<uint64_t, uint64_t> model;
  int phase = std::max(1, rounds / 6);
  for (int i = 0; i < rounds; ++i) {
    uint64_t key = random() % keys;
    bool growing = (i / phase) % 2 == 0;
    unsigned roll = static_cast<unsigned>(random() % 10);
    if (roll < (growing ? 7u : 2u)) {
      if (model.try_emplace(key, static_cast<uint64_t>(i)).second)
        t.insert(key, static_cast<uint64_t>(i));
      else
        ASSERT_NE(t.find(key), nullptr);
    } else if (roll < 9) {
      ASSERT_EQ(t.erase(key), model.erase(key) != 0);
    } else if (auto slot = t.table.find_slot(t.hash(key), key_view(key))) {
      TestEntry* old = t.table.get(slot);
      auto* e = static_cast<TestEntry*>(t.arena.allocate(sizeof(TestEntry)));
      *e = {key, static_cast<uint64_t>(i)};
      t.table.replace(slot, e);
      t.arena.free(old, sizeof(TestEntry));
      model[key] = static_cast<uint64_t>(i);
    }
  }
  check_model(t, model, keys);
  for (uint64_t key = 0; key < keys; ++key) t.erase(key);
  ASSERT_EQ(t.table.size(), 0u);
  ASSERT_EQ(t.table.random(base::thread_random()), nullptr);
}

TEST(SegmentTable, ModelSmall) { run_model<TestTraits>(test_seed(), 50, 20000); }
TEST(SegmentTable, ModelMiddle) { run_model<TestTraits>(test_seed(), 3000, 100000); }
TEST(SegmentTable, ModelLarge) { run_model<TestTraits>(test_seed(), 60000, kSlow ? 200000 : 600000); }
TEST(SegmentTable, ModelPoorHash) { run_model<PoorTraits>(test_seed(), 8000, 60000); }
TEST(SegmentTable, ModelConstantHash) { run_model<ConstantTraits>(test_seed(), 1200, 6000); }

TEST(SegmentTable, EmptyCostsNothing) {
  TestTable<> t;
  EXPECT_EQ(t.table.memory_bytes(), 0u);
  EXPECT_EQ(t.arena.bytes_mapped(), 0u);
  EXPECT_EQ(t.find(7), nullptr);
  EXPECT_FALSE(t.erase(7));
  EXPECT_EQ(t.table.scan(0, [](TestEntry*) { FAIL(); }), 0u);
  t.table.prefetch_bucket(t.hash(7));
  t.table.prefetch_entry(t.hash(7));
}

// Up to a million and back to nothing: the directory grows and halves, memory follows the load, and is exact.
TEST(SegmentTable, GrowsAndShrinks) {
  const uint64_t keys = kSlow ? 200000 : 1000000;
  TestTable<> t;
  auto exact = [&] {
    return t.table.memory_bytes() + t.table.size() * sizeof(TestEntry) == t.arena.bytes_live();
  };
  size_t mapped_directories = 0;
  for (uint64_t key = 0; key < keys; ++key) {
    t.insert(key);
    if (key == 5000) EXPECT_TRUE(exact());  // directories are still in the arena
    if (key > 5000 && key % 4096 == 0)
      ASSERT_LT(t.table.memory_bytes(), 12.5 * static_cast<double>(key)) << key;
  }
  mapped_directories = t.table.memory_bytes() + t.table.size() * sizeof(TestEntry) - t.arena.bytes_live();
  EXPECT_LT(mapped_directories, keys / 4);
  std::printf("%.2f bytes per key, depth %u, %zu segments\n",
              static_cast<double>(t.table.memory_bytes()) / static_cast<double>(keys), t.table.depth(),
              t.table.segments());
  unsigned deepest = t.table.depth();
  for (uint64_t key = 0; key < keys; ++key) {
    ASSERT_TRUE(t.erase(key));
    size_t left = keys - key - 1;
    if (left % 8192 == 0) ASSERT_LT(t.table.memory_bytes(), 34 * left + mapped_directories + 40000) << left;
  }
  EXPECT_EQ(t.table.size(), 0u);
  EXPECT_LE(t.table.segments(), 2u);
  EXPECT_LT(t.table.depth(), 3u);
  EXPECT_GT(deepest, 7u);
  for (uint64_t key = 0; key < 3000; ++key) t.insert(key);
  for (uint64_t key = 0; key < 3000; ++key) ASSERT_NE(t.find(key), nullptr);
}

TEST(SegmentTable, LeavesNothingBehind) {
  int64_t before = base::allocated_bytes();
  {
    Arena arena;
    {
      SegmentTable<TestTraits> table(arena);
      std::vector<TestEntry*> entries;
      for (uint64_t key = 0; key < 50000; ++key) {
        entries.push_back(new (arena.allocate(sizeof(TestEntry))) TestEntry{key, 0});
        table.insert(TestTraits::hash_of(key), entries.back());
      }
      for (TestEntry* e : entries) arena.free(e, sizeof(TestEntry));
    }
    EXPECT_EQ(arena.bytes_live(), 0u);
  }
  EXPECT_EQ(base::allocated_bytes(), before);
}

// FLUSHALL: the arena goes as a whole, nobody visits an entry.
TEST(SegmentTable, AbandonWithItsArena) {
  int64_t before = base::allocated_bytes();
  {
    Arena arena;
    SegmentTable<TestTraits> table(arena);
    for (uint64_t key = 0; key < 500000 / (kSlow ? 10 : 1); ++key) {
      table.insert(TestTraits::hash_of(key), new (arena.allocate(sizeof(TestEntry))) TestEntry{key, 0});
    }
    table.abandon();
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.memory_bytes(), 0u);
  }
  EXPECT_EQ(base::allocated_bytes(), before);
}

TEST(SegmentTable, FindIfEnumeratesEqualHashes) {
  TestTable<ConstantTraits> t;
  for (uint64_t key = 0; key < 40; ++key) t.insert(key);
  size_t seen = 0;
  EXPECT_EQ(t.table.find_if(0, [&](TestEntry*) { return ++seen == 0; }), nullptr);
  EXPECT_EQ(seen, 40u);
  EXPECT_EQ(t.table.find_if(0, [&](TestEntry* e) { return e->key == 17; })->key, 17u);
  TestEntry* known = t.find(23);
  EXPECT_EQ(t.table.get(t.table.slot_of(0, known)), known);
  TestEntry stranger{23, 0};
  EXPECT_FALSE(t.table.slot_of(0, &stranger));
  EXPECT_EQ(t.table.find_if(uint64_t{1} << 20, [](TestEntry*) { return true; }), nullptr);
}

void check_fair(TestTable<>& t, uint64_t seed) {
  base::Random random(seed);
  std::unordered_map<uint64_t, unsigned> hits;
  const double n = static_cast<double>(t.table.size());
  const double draws = n * 40;
  for (double i = 0; i < draws; ++i) ++hits[t.table.random(random)->key];
  double chi = 0;
  t.table.for_each([&](TestEntry* e) {
    double d = hits[e->key] - 40.0;
    chi += d * d / 40.0;
  });
  // Mean n, deviation sqrt(2n); ten deviations are loose enough never to fail by chance.
  EXPECT_LT(chi, n + 10 * std::sqrt(2 * n)) << "seed " << seed;
}

TEST(SegmentTable, RandomIsFair) {
  uint64_t seed = test_seed();
  for (uint64_t keys : {1u, 5u, 40u, 700u, 1000u, 5000u, 20000u}) {
    TestTable<> t;
    for (uint64_t key = 0; key < keys; ++key) t.insert(key);
    check_fair(t, seed);
  }
  // After deletion with segments of unequal depth: keep mostly those of one half of the hashes.
  TestTable<> t;
  for (uint64_t key = 0; key < 40000; ++key) t.insert(key);
  for (uint64_t key = 0; key < 40000; ++key) {
    if (t.hash(key) >> 63 == 0 && key % 16 != 0) t.erase(key);
  }
  check_fair(t, seed);
}

// The two prefetch stages run beside the owner without its lock: they must neither fault nor be reported.
TEST(SegmentTable, PrefetchBesideTheOwner) {
  TestTable<> t;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> passes{0};
  std::thread prefetcher([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      for (uint64_t key = 0; key < 64; ++key) t.table.prefetch_bucket(t.hash(key * 997));
      for (uint64_t key = 0; key < 64; ++key) t.table.prefetch_entry(t.hash(key * 997));
      passes.fetch_add(1, std::memory_order_relaxed);
    }
  });
  const uint64_t keys = kSlow ? 20000 : 100000;
  for (int round = 0; round < 3; ++round) {
    for (uint64_t key = 0; key < keys; ++key) t.insert(key);
    for (uint64_t key = 0; key < keys; ++key) t.erase(key);
  }
  while (passes.load() < 10) std::this_thread::yield();
  stop = true;
  prefetcher.join();
}

// No insert pays for the directory: it is doubled beside the others.
TEST(SegmentTable, DirectoryDepthFollows) {
  if (kSlow) GTEST_SKIP() << "too slow under a sanitizer";
  TestTable<> t;
  for (uint64_t key = 0; key < 3000000; ++key) t.insert(key);
  EXPECT_LE(size_t{1} << t.table.depth(), 4 * t.table.segments());
  for (uint64_t key = 0; key < 3000000; key += 7) ASSERT_NE(t.find(key), nullptr);
  for (uint64_t key = 3000000; key < 3100000; ++key) ASSERT_EQ(t.find(key), nullptr);
}

}  // namespace
}  // namespace gyre::ds
