#include "gyre/base/memory.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace gyre::base {
namespace {

// Hides a block from the optimiser, which may otherwise remove a new with its delete.
void* opaque(void* block) {
  asm volatile("" : "+r"(block) : : "memory");
  return block;
}

TEST(Memory, AllocateCountsUsableSizes) {
  const int64_t before = allocated_bytes();
  void* block = allocate(1000);
  std::memset(block, 1, 1000);
  EXPECT_GE(usable_size(block), 1000u);
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(usable_size(block)));
  block = reallocate(block, 50'000);
  EXPECT_EQ(static_cast<char*>(block)[999], 1);
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(usable_size(block)));
  block = reallocate(block, 10);
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(usable_size(block)));
  deallocate(block);
  EXPECT_EQ(allocated_bytes(), before);
  deallocate(nullptr);
  EXPECT_EQ(usable_size(nullptr), 0u);
  deallocate(reallocate(nullptr, 10));
  deallocate(reallocate(allocate(0), 0));
  EXPECT_EQ(allocated_bytes(), before);
}

struct alignas(256) Wide {
  char bytes[512];
};

TEST(Memory, EveryFormOfNewIsCounted) {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "ThreadSanitizer keeps its own operator new";
#endif
#endif
  const int64_t before = allocated_bytes();
  const auto grown = [&] { return allocated_bytes() - before; };
  {
    auto* plain = static_cast<int*>(opaque(new int(5)));
    EXPECT_GE(grown(), 4);
    delete plain;
  }
  EXPECT_EQ(grown(), 0);
  {
    auto* array = static_cast<std::string*>(opaque(new std::string[100]));
    EXPECT_GE(grown(), static_cast<int64_t>(100 * sizeof(std::string)));
    delete[] array;
  }
  EXPECT_EQ(grown(), 0);
  {
    auto* wide = static_cast<Wide*>(opaque(new Wide));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(wide) % 256, 0u);
    EXPECT_GE(grown(), 512);
    delete wide;
    wide = static_cast<Wide*>(opaque(new Wide[3]));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(wide) % 256, 0u);
    delete[] wide;
  }
  EXPECT_EQ(grown(), 0);
  {
    void* block = opaque(operator new(77, std::nothrow));
    EXPECT_GE(grown(), 77);
    operator delete(block, std::nothrow);
    block = opaque(operator new[](77, std::align_val_t{64}, std::nothrow));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    EXPECT_GE(grown(), 77);
    operator delete[](block, std::align_val_t{64}, std::nothrow);
    operator delete(nullptr);
  }
  EXPECT_EQ(grown(), 0);
}

// mimalloc 2.0.9 hands out blocks of 512 and 1,024 bytes that are aligned to 128 only, whatever was asked
// for.
TEST(Memory, EveryAlignmentIsKept) {
  const int64_t before = allocated_bytes();
  for (size_t alignment = 1; alignment <= 8192; alignment *= 2) {
    for (size_t bytes : {1, 64, 256, 512, 768, 1024, 1536, 2048, 4096, 100'000}) {
      std::array<void*, 5> blocks;
      for (void*& block : blocks) {
        block = operator new(bytes, std::align_val_t{alignment});
        EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % alignment, 0u) << bytes << " at " << alignment;
        std::memset(block, 7, bytes);
      }
      for (void* block : blocks) operator delete(block, std::align_val_t{alignment});
    }
  }
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, AccountAddsWhatArenasReport) {
  const int64_t before = allocated_bytes();
  account(1 << 20);
  EXPECT_EQ(allocated_bytes() - before, 1 << 20);
  account(-(1 << 20));
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, TotalsOfEndedThreadsAreKept) {
  const int64_t before = allocated_bytes();
  void* block = nullptr;
  std::thread([&] { block = allocate(12'345); }).join();
  // std::thread's own state may be freed on either side; only the block is left.
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(usable_size(block)));
  deallocate(block);
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, ManyShortThreads) {
  const int64_t before = allocated_bytes();
  for (int i = 0; i < 200; ++i) {
    std::thread([] { deallocate(allocate(100)); }).join();
  }
  EXPECT_EQ(allocated_bytes(), before);
}

struct AllocatesInDestructor {
  std::unique_ptr<std::string> text = std::make_unique<std::string>(500, 'x');
  ~AllocatesInDestructor() { text = std::make_unique<std::string>(900, 'y'); }
};

TEST(Memory, ThreadLocalDestructorsAreCounted) {
  const int64_t before = allocated_bytes();
  std::thread([] {
    thread_local AllocatesInDestructor object;
    EXPECT_EQ(object.text->size(), 500u);
  }).join();
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, SumIsExactOnceThreadsAreQuiet) {
  const int64_t before = allocated_bytes();
  {
    constexpr int kThreads = 4;
    constexpr int kBlocks = 2000;
    std::vector<std::atomic<void*>> slots(kBlocks);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&slots, t] {
        // Each thread frees what others have put there.
        for (int i = 0; i < kBlocks; ++i) {
          void* mine = allocate(static_cast<size_t>(16 + i % 300 + t));
          deallocate(slots[static_cast<size_t>(i * 7 % kBlocks)].exchange(mine));
          if (i % 100 == 0) (void)allocated_bytes();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (auto& slot : slots) deallocate(slot.exchange(nullptr));
  }
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Memory, ResidentBytesIsPlausible) {
  EXPECT_GT(resident_bytes(), size_t{1} << 20);
  EXPECT_LT(resident_bytes(), size_t{1} << 46);
}

}  // namespace
}  // namespace gyre::base
