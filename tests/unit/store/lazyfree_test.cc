// Large blobs whose last reference goes anywhere are freed by the helper thread.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "gyre/base/blob.h"
#include "gyre/base/memory.h"
#include "gyre/base/out_buffer.h"
#include "gyre/store/keyspace.h"

namespace gyre::store {
namespace {

constexpr size_t kLarge = size_t{8} << 20;

/// What this thread itself gives back while it runs `drop`.
template <typename Drop>
int64_t freed_here(Drop drop) {
  const int64_t before = base::thread_bytes();
  drop();
  return before - base::thread_bytes();
}

class LargeBlobs : public ::testing::Test {
 protected:
  void SetUp() override { free_large_blobs_apart(); }
  void TearDown() override {
    drain_lazyfree();
    base::Blob::set_disposer(nullptr);
  }
};

TEST_F(LargeBlobs, GoOnTheHelperThread) {
  const uint64_t objects = lazyfreed_objects();
  const int64_t before = base::allocated_bytes();
  base::Blob blob = base::Blob::create(kLarge);
  blob.data()[0] = 1;
  EXPECT_LT(freed_here([&] { blob.reset(); }), static_cast<int64_t>(kLarge / 2));
  drain_lazyfree();
  EXPECT_LT(base::allocated_bytes() - before, static_cast<int64_t>(kLarge / 2));
  EXPECT_EQ(lazyfree_pending_bytes(), 0u);
  EXPECT_EQ(lazyfreed_objects(), objects) << "it was no object of the keyspace";
  base::Blob small = base::Blob::create(100'000);
  EXPECT_GE(freed_here([&] { small.reset(); }), 100'000);
}

TEST_F(LargeBlobs, SentBytesToo) {
  base::Blob blob = base::Blob::create(kLarge);
  base::OutBuffer out;
  out.append_ref(blob, 0, kLarge);
  blob.reset();
  EXPECT_LT(freed_here([&] { out.consume(kLarge); }), static_cast<int64_t>(kLarge / 2));
}

TEST_F(LargeBlobs, FromManyThreadsAtOnce) {
  const int64_t before = base::allocated_bytes();
  for (int turn = 0; turn < 20; ++turn) {
    const base::Blob blob = base::Blob::create(kLarge);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) threads.emplace_back([copy = blob]() mutable { copy.reset(); });
    for (std::thread& thread : threads) thread.join();
  }
  drain_lazyfree();
  EXPECT_LT(base::allocated_bytes() - before, static_cast<int64_t>(kLarge / 2));
}

}  // namespace
}  // namespace gyre::store
