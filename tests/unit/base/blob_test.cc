#include "gyre/base/blob.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "gyre/base/memory.h"

namespace gyre::base {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

TEST(Blob, EmptyBlobHasNothing) {
  Blob blob;
  EXPECT_FALSE(blob);
  EXPECT_EQ(blob.size(), 0u);
  EXPECT_EQ(blob.capacity(), 0u);
  EXPECT_EQ(blob.footprint(), 0u);
  EXPECT_EQ(blob.view(), "");
  EXPECT_FALSE(blob.unique());
  Blob copy = blob;
  EXPECT_FALSE(copy);
}

TEST(Blob, CopiesShareAndTheLastFrees) {
  const int64_t before = allocated_bytes();
  {
    Blob a = Blob::copy_of("hello");
    EXPECT_EQ(a.view(), "hello");
    EXPECT_TRUE(a.unique());
    Blob b = a;
    EXPECT_FALSE(a.unique());
    EXPECT_EQ(std::as_const(a).data(), std::as_const(b).data());
    Blob c = std::move(a);
    EXPECT_FALSE(a);
    b.reset();
    EXPECT_TRUE(c.unique());
    c = static_cast<const Blob&>(c);
    EXPECT_EQ(c.view(), "hello");
    EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(c.footprint()));
  }
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Blob, EmptyContent) {
  Blob blob = Blob::copy_of("");
  EXPECT_TRUE(blob);
  EXPECT_EQ(blob.view(), "");
}

TEST(Blob, LargeBlobsAreMappedAndCounted) {
  const int64_t before = allocated_bytes();
  Blob blob = Blob::create(kMiB);
  EXPECT_EQ(blob.size(), kMiB);
  EXPECT_EQ(blob.footprint() % 4096, 0u);
  EXPECT_GE(blob.footprint(), kMiB + 32);
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(blob.footprint()));
  blob.data()[0] = 'a';
  blob.data()[kMiB - 1] = 'z';
  blob.grow(8 * kMiB);
  EXPECT_GE(blob.capacity(), 8 * kMiB);
  EXPECT_EQ(allocated_bytes() - before, static_cast<int64_t>(blob.footprint()));
  EXPECT_EQ(blob.view().front(), 'a');
  EXPECT_EQ(blob.view().back(), 'z');
  blob.set_size(blob.capacity());
  blob.data()[blob.size() - 1] = '!';
  blob.reset();
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Blob, GrowsFromNothingThroughAllKinds) {
  const int64_t before = allocated_bytes();
  std::string expected;
  Blob blob;
  for (size_t wanted :
       {size_t{1}, size_t{100}, size_t{5000}, size_t{300'000}, kMiB - 1, kMiB, 3 * kMiB, 20 * kMiB}) {
    blob.grow(wanted);
    ASSERT_GE(blob.capacity(), wanted);
    ASSERT_EQ(blob.view(), expected);
    const size_t old_size = blob.size();
    blob.set_size(wanted);
    for (size_t i = old_size; i < wanted; ++i) blob.data()[i] = static_cast<char>(i * 31);
    expected.assign(blob.view());
  }
  const char* at = std::as_const(blob).data();
  blob.grow(10);
  EXPECT_EQ(std::as_const(blob).data(), at);
  blob.reset();
  std::string().swap(expected);
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Blob, CapacityAsked) {
  Blob blob = Blob::create(3, 1000);
  EXPECT_EQ(blob.size(), 3u);
  EXPECT_GE(blob.capacity(), 1000u);
  blob = Blob::create(0, 2 * kMiB);
  EXPECT_EQ(blob.size(), 0u);
  EXPECT_GE(blob.capacity(), 2 * kMiB);
}

TEST(Blob, DetachedPointers) {
  void* rep = Blob::copy_of("payload").detach();
  EXPECT_EQ(Blob::view_of(rep), "payload");
  {
    Blob shared = Blob::share(rep);
    EXPECT_EQ(shared.view(), "payload");
    EXPECT_FALSE(shared.unique());
  }
  Blob back = Blob::adopt(rep);
  EXPECT_TRUE(back.unique());
}

TEST(Blob, ReferencesFromManyThreads) {
  const int64_t before = allocated_bytes();
  {
    Blob blob = Blob::copy_of(std::string(1000, 'x'));
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([mine = blob] {
        for (int i = 0; i < 10'000; ++i) {
          Blob copy = mine;
          ASSERT_EQ(copy.size(), 1000u);
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(blob.unique());
    blob.data()[0] = 'y';
  }
  EXPECT_EQ(allocated_bytes(), before);
}

TEST(Blob, TheLastReferenceToALargeOneGoesToTheDisposer) {
  static std::vector<void*> given;
  Blob::set_disposer([](Blob last) noexcept {
    EXPECT_TRUE(last.unique());
    given.push_back(last.detach());
  });
  const int64_t before = thread_bytes();
  {
    Blob large = Blob::create(kMiB), small = Blob::create(kMiB / 2);
    Blob second = large;
    large.reset();
    EXPECT_TRUE(given.empty());
  }
  ASSERT_EQ(given.size(), 1u);
  EXPECT_GE(thread_bytes() - before, static_cast<int64_t>(kMiB));
  Blob back = Blob::adopt(given[0]);
  back.free_now();
  EXPECT_FALSE(back);
  EXPECT_LT(thread_bytes() - before, static_cast<int64_t>(kMiB));
  Blob::set_disposer(nullptr);
  Blob::create(kMiB).reset();
  EXPECT_EQ(given.size(), 1u);
}

}  // namespace
}  // namespace gyre::base
