#include "gyre/ds/region_keeper.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "gyre/ds/arena.h"

namespace gyre::ds {
namespace {

/// The helper is asked and has filled the stock, or the test fails.
void wait_for_stock() {
  for (int i = 0; i < 5000 && prepared_regions() < kPreparedRegions; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_EQ(prepared_regions(), kPreparedRegions);
}

size_t resident_pages(void* region) {
  std::vector<unsigned char> pages(kRegionBytes / 4096);
  EXPECT_EQ(mincore(region, kRegionBytes, pages.data()), 0);
  size_t n = 0;
  for (unsigned char page : pages) n += page & 1;
  return n;
}

class RegionKeeper : public testing::Test {
 protected:
  void SetUp() override {
    stop_region_keeper();
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof(cores), &cores) == 0 && CPU_COUNT(&cores) == 1)
      GTEST_SKIP() << "one core only: no helper, so no prepared regions";
  }
  void TearDown() override { stop_region_keeper(); }
};

TEST_F(RegionKeeper, MappedRegionsTakeNoMemory) {
  void* region = map_region();
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region) % kRegionBytes, 0u);
  EXPECT_EQ(resident_pages(region), 0u);
  static_cast<char*>(region)[kRegionBytes - 1] = 1;
  EXPECT_EQ(resident_pages(region), 1u);
  unmap_region(region);
}

TEST_F(RegionKeeper, StockIsFilledAfterTheFirstCall) {
  EXPECT_EQ(prepared_regions(), 0u);
  if (void* early = take_prepared_region()) unmap_region(early);
  wait_for_stock();
  void* region = take_prepared_region();
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(region) % kRegionBytes, 0u);
  EXPECT_EQ(resident_pages(region), kRegionBytes / 4096);
  EXPECT_EQ(static_cast<char*>(region)[4096], 0);
  wait_for_stock();
  unmap_region(region);
}

size_t threads_of_process() {
  auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// A helper on the only core would stand in the middle of a command for a whole tick of the scheduler.
TEST_F(RegionKeeper, NoHelperOnTheOnlyCore) {
  cpu_set_t all, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(all), &all), 0);
  CPU_ZERO(&one);
  CPU_SET(sched_getcpu(), &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  const size_t before = threads_of_process();
  EXPECT_EQ(take_prepared_region(), nullptr);
  EXPECT_EQ(threads_of_process(), before);
  ASSERT_EQ(sched_setaffinity(0, sizeof(all), &all), 0);
  // With a second core there is one from the next region on.
  (void)take_prepared_region();
  EXPECT_EQ(threads_of_process(), before + 1);
}

TEST_F(RegionKeeper, StopsAndStartsAnew) {
  for (int round = 0; round < 3; ++round) {
    if (void* early = take_prepared_region()) unmap_region(early);
    wait_for_stock();
    stop_region_keeper();
    EXPECT_EQ(prepared_regions(), 0u);
  }
  // Stopped at once: whatever the helper is at.
  if (void* early = take_prepared_region()) unmap_region(early);
  stop_region_keeper();
  EXPECT_EQ(prepared_regions(), 0u);
}

// No region is given to two.
TEST_F(RegionKeeper, ManyTakers) {
  std::mutex mutex;
  std::set<void*> held;
  auto work = [&] {
    std::vector<void*> mine;
    for (int i = 0; i < 20000 && mine.size() < 20; ++i) {
      void* region = take_prepared_region();
      if (region == nullptr) {
        std::this_thread::yield();
        continue;
      }
      std::memset(region, 7, 64);
      mine.push_back(region);
      std::lock_guard lock(mutex);
      EXPECT_TRUE(held.insert(region).second);
    }
    for (void* region : mine) {
      {
        std::lock_guard lock(mutex);
        held.erase(region);
      }
      unmap_region(region);
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(held.empty());
}

TEST_F(RegionKeeper, SmallArenasTakeNone) {
  std::vector<std::unique_ptr<Arena>> arenas;
  for (int i = 0; i < 4; ++i) {
    arenas.push_back(std::make_unique<Arena>());
    while (arenas.back()->bytes_mapped() < Arena::kPreparedFrom * kRegionBytes)
      (void)arenas.back()->allocate(16384);
  }
  EXPECT_EQ(prepared_regions(), 0u);
}

TEST_F(RegionKeeper, LargeArenasGrowByPreparedRegions) {
  Arena arena;
  auto grow_to = [&](size_t regions) {
    while (arena.bytes_mapped() < regions * kRegionBytes) (void)arena.allocate(16384);
  };
  grow_to(Arena::kPreparedFrom + 1);
  wait_for_stock();
  size_t regions = Arena::kPreparedFrom + 1;
  for (int i = 0; i < 4; ++i) {
    void* block = nullptr;
    while (arena.bytes_mapped() == regions * kRegionBytes) block = arena.allocate(16384);
    ++regions;
    auto base = reinterpret_cast<uintptr_t>(block) & ~(kRegionBytes - 1);
    EXPECT_EQ(resident_pages(reinterpret_cast<void*>(base)), kRegionBytes / 4096);
    wait_for_stock();
  }
}

// Arenas grow and are dropped in several threads while the helper fills the stock.
TEST_F(RegionKeeper, ArenasComeAndGo) {
  auto work = [] {
    for (int round = 0; round < 3; ++round) {
      Arena arena;
      std::vector<uint64_t*> blocks;
      while (arena.bytes_mapped() < (Arena::kPreparedFrom + 10) * kRegionBytes) {
        blocks.push_back(static_cast<uint64_t*>(arena.allocate(8192)));
        *blocks.back() = blocks.size();
      }
      for (size_t i = 0; i < blocks.size(); ++i) ASSERT_EQ(*blocks[i], i + 1);
      for (uint64_t* block : blocks) arena.free(block, 8192);
      if (round == 1) EXPECT_TRUE(arena.release());
    }
  };
  std::thread other(work);
  work();
  other.join();
}

}  // namespace
}  // namespace gyre::ds
