#include "gyre/ds/arena.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>
#include <set>

#include "gyre/base/memory.h"
#include "test_entry.h"

namespace gyre::ds {
namespace {

TEST(Arena, ClassSizes) {
  EXPECT_EQ(Arena::class_size(1), 8u);
  EXPECT_EQ(Arena::class_size(8), 8u);
  EXPECT_EQ(Arena::class_size(49), 56u);
  EXPECT_EQ(Arena::class_size(1024), 1024u);
  EXPECT_EQ(Arena::class_size(1025), 1088u);
  EXPECT_EQ(Arena::class_size(2048), 2048u);
  EXPECT_EQ(Arena::class_size(2049), 3072u);
  EXPECT_EQ(Arena::class_size(5 * 1024), 5u * 1024);
  EXPECT_EQ(Arena::class_size(16 * 1024), 16u * 1024);
}

// Every size, content checked, counters exact: against a map of what is live.
TEST(Arena, RandomModel) {
  uint64_t seed = test_seed();
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  int64_t before = base::allocated_bytes();
  {
    Arena arena;
    struct Block {
      char* p;
      size_t bytes;
      char fill;
    };
    std::vector<Block> live;
    size_t expected = 0;
    for (int round = 0; round < 60000; ++round) {
      bool grow = (round / 10000) % 2 == 0 ? random() % 4 != 0 : random() % 4 == 0;
      if (grow || live.empty()) {
        size_t bytes =
            random() % 50 == 0 ? 1 + random() % 40000 : 1 + random() % (random() % 4 == 0 ? 2500 : 200);
        auto* p = static_cast<char*>(arena.allocate(bytes));
        ASSERT_EQ(reinterpret_cast<uintptr_t>(p) % 8, 0u);
        auto fill = static_cast<char>(random());
        std::memset(p, fill, bytes);
        live.push_back({p, bytes, fill});
        expected += Arena::class_size(bytes);
      } else {
        size_t i = random() % live.size();
        Block b = live[i];
        for (size_t k = 0; k < b.bytes; ++k) ASSERT_EQ(b.p[k], b.fill);
        arena.free(b.p, b.bytes);
        expected -= Arena::class_size(b.bytes);
        live[i] = live.back();
        live.pop_back();
      }
      ASSERT_EQ(arena.bytes_live(), expected);
      ASSERT_GE(arena.bytes_in_pages(), expected);
      if (round % 1000 == 0) arena.trim(3);
    }
    for (const Block& b : live) arena.free(b.p, b.bytes);
    EXPECT_EQ(arena.bytes_live(), 0u);
    EXPECT_EQ(arena.bytes_in_pages(), 0u);
    EXPECT_TRUE(arena.release());
    EXPECT_EQ(arena.bytes_mapped(), 0u);
    void* again = arena.allocate(100);
    EXPECT_FALSE(arena.release());
    arena.free(again, 100);
  }
  EXPECT_EQ(base::allocated_bytes(), before);
}

TEST(Arena, SegmentsAreAligned) {
  Arena arena;
  std::vector<std::pair<void*, size_t>> blocks;
  for (size_t bytes = 64; bytes <= 16384; bytes += 64) {
    void* p = arena.allocate_segment(bytes);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 64, 0u) << bytes;
    blocks.emplace_back(p, bytes);
  }
  for (auto [p, bytes] : blocks) arena.free_segment(p, bytes);
  EXPECT_EQ(arena.bytes_live(), 0u);
}

// used_memory must fall when entries go, even though their pages stay mapped.
TEST(Arena, AccountFollowsLiveBytes) {
  int64_t before = base::allocated_bytes();
  {
    Arena arena;
    std::vector<void*> blocks;
    blocks.reserve(10000);
    int64_t reserved = base::allocated_bytes();
    for (int i = 0; i < 10000; ++i) blocks.push_back(arena.allocate(48));
    arena.sync_account();
    int64_t extra = base::allocated_bytes() - reserved - 480000;
    EXPECT_GE(extra, 0);
    EXPECT_LT(extra, 1024);  // the arena's own list of regions
    for (int i = 0; i < 5000; ++i) arena.free(blocks[static_cast<size_t>(i)], 48);
    EXPECT_NEAR(static_cast<double>(base::allocated_bytes() - reserved), 240000.0,
                2.0 * Arena::kAccountStepBytes);
  }
  EXPECT_EQ(base::allocated_bytes(), before);
}

TEST(Arena, EmptyPagesServeOtherClasses) {
  Arena arena;
  std::vector<void*> blocks;
  for (int i = 0; i < 30000; ++i) blocks.push_back(arena.allocate(48));
  size_t mapped = arena.bytes_mapped();
  for (void* p : blocks) arena.free(p, 48);
  EXPECT_EQ(arena.bytes_in_pages(), 0u);
  blocks.clear();
  for (int i = 0; i < 150; ++i) blocks.push_back(arena.allocate_segment(8192));
  EXPECT_EQ(arena.bytes_mapped(), mapped);
  for (void* p : blocks) arena.free_segment(p, 8192);
}

TEST(Arena, TellsSparsePages) {
  Arena arena;
  std::vector<void*> blocks;
  for (int i = 0; i < 2000; ++i) blocks.push_back(arena.allocate(64));
  void* kept = blocks[300];  // in the second page of the class
  Arena::PageUse full = arena.page_use(kept, 64);
  EXPECT_EQ(full.used, full.capacity);
  EXPECT_FALSE(arena.sparse(kept, 64));
  for (int i = 200; i < 500; ++i) {
    if (i != 300) arena.free(blocks[static_cast<size_t>(i)], 64);
  }
  for (int i = 1500; i < 2000; ++i)
    arena.free(blocks[static_cast<size_t>(i)], 64);  // another page is current
  EXPECT_LT(arena.page_use(kept, 64).used, full.capacity);
  EXPECT_TRUE(arena.sparse(kept, 64));
}

#if __has_feature(address_sanitizer)
TEST(ArenaDeathTest, UseAfterFreeIsCaught) {
  Arena arena;
  auto* small = static_cast<volatile char*>(arena.allocate(48));
  auto* segment = static_cast<volatile char*>(arena.allocate_segment(5120));
  arena.free(const_cast<char*>(small), 48);
  arena.free_segment(const_cast<char*>(segment), 5120);
  EXPECT_DEATH((void)small[8], "use-after-poison");
  EXPECT_DEATH((void)segment[100], "use-after-poison");
}
#endif

// Blocks of all sizes come and go among each other: what is not in use stays a small part.
TEST(Arena, RunsOfMixedSizesPackWell) {
  Arena arena;
  std::mt19937_64 random(test_seed());
  std::vector<std::pair<void*, size_t>> live;
  for (int i = 0; i < 40000; ++i) {
    if (i < 2000 || random() % 2 == 0) {
      size_t bytes = 1024 * (3 + random() % 6);
      live.emplace_back(arena.allocate_segment(bytes), bytes);
    } else {
      size_t k = random() % live.size();
      arena.free_segment(live[k].first, live[k].second);
      live[k] = live.back();
      live.pop_back();
    }
  }
  EXPECT_LT(static_cast<double>(arena.bytes_in_pages()), 1.35 * static_cast<double>(arena.bytes_live()));
  for (auto [p, bytes] : live) arena.free_segment(p, bytes);
  EXPECT_EQ(arena.bytes_in_pages(), 0u);
}

}  // namespace
}  // namespace gyre::ds
