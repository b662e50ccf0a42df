#include "histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

#include "gyre/base/random.h"

namespace gyre::bench {
namespace {

TEST(Buckets, AreContiguousAndNarrow) {
  ASSERT_EQ(buckets::lowest(0), 0u);
  for (size_t i = 0; i < buckets::kCount; ++i) {
    const uint64_t low = buckets::lowest(i), high = buckets::highest(i);
    ASSERT_LE(low, high);
    ASSERT_EQ(buckets::index_of(low), i);
    ASSERT_EQ(buckets::index_of(high), i);
    if (i > 0) ASSERT_EQ(low, buckets::highest(i - 1) + 1);
    if (low > 0) ASSERT_LE(static_cast<double>(high - low) / static_cast<double>(low), 0.01);
  }
  EXPECT_EQ(buckets::highest(buckets::kCount - 1), buckets::kLargest);
}

TEST(Buckets, CoverMinutes) {
  EXPECT_GT(buckets::kLargest, uint64_t{15} * 60 * 1'000'000'000);
  EXPECT_EQ(buckets::index_of(UINT64_MAX), buckets::kCount - 1);
}

TEST(Histogram, EmptyIsZero) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.percentile(99), 0u);
  EXPECT_EQ(h.max(), 0u);
  EXPECT_EQ(h.mean(), 0);
}

TEST(Histogram, PercentilesAreWithinOnePercent) {
  const uint64_t seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  Histogram h;
  std::vector<uint64_t> values;
  double sum = 0;
  for (int i = 0; i < 200'000; ++i) {
    // Log-uniform from 1 ns to 100 s.
    const double exponent = static_cast<double>(random.below(1'000'000)) / 1e6 * 11;
    values.push_back(static_cast<uint64_t>(std::pow(10, exponent)));
    h.record(values.back());
    sum += static_cast<double>(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double percent : {0.01, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99}) {
    const auto rank =
        static_cast<size_t>(std::ceil(percent / 100 * static_cast<double>(values.size()) - 1e-6));
    const auto exact = static_cast<double>(values[rank - 1]);
    EXPECT_NEAR(static_cast<double>(h.percentile(percent)), exact, exact * 0.01 + 1) << percent;
  }
  EXPECT_EQ(h.percentile(100), values.back());
  EXPECT_EQ(h.max(), values.back());
  EXPECT_NEAR(h.mean(), sum / static_cast<double>(values.size()), 1);
}

TEST(Histogram, RankOfRoundPercentages) {
  Histogram h;
  for (uint64_t i = 1; i <= 1000; ++i) h.record(i <= 999 ? 10 : 100);
  EXPECT_EQ(h.percentile(99.9), 10u);
  EXPECT_EQ(h.percentile(99.91), 100u);
}

TEST(Histogram, ValuesBeyondTheRangeKeepTheirMaximum) {
  Histogram h;
  h.record(buckets::kLargest * 8);
  EXPECT_EQ(h.max(), buckets::kLargest * 8);
  EXPECT_EQ(h.percentile(50), buckets::kLargest * 8);
}

TEST(Histogram, AddsAndSubtracts) {
  Histogram early;
  early.record(100, 10);
  Histogram late = early;
  late.record(5000, 30);
  const Histogram between = late.since(early);
  EXPECT_EQ(between.count(), 30u);
  EXPECT_NEAR(static_cast<double>(between.percentile(50)), 5000, 50);
  EXPECT_DOUBLE_EQ(between.mean(), 5000);
  Histogram sum = early;
  sum.add(between);
  EXPECT_EQ(sum.count(), late.count());
  EXPECT_EQ(late.since(late).max(), 0u);
}

TEST(LiveHistogram, IsReadWhileWritten) {
  LiveHistogram live;
  constexpr uint64_t kRecords = 100'000;
  std::thread writer([&live] {
    for (uint64_t i = 1; i <= kRecords; ++i) live.record(i);
  });
  uint64_t last = 0;
  while (last < kRecords) {
    Histogram snapshot;
    live.add_to(&snapshot);
    ASSERT_GE(snapshot.count(), last);
    last = snapshot.count();
  }
  writer.join();
  Histogram snapshot;
  live.add_to(&snapshot);
  EXPECT_EQ(snapshot.max(), kRecords);
  EXPECT_DOUBLE_EQ(snapshot.mean(), (kRecords + 1) / 2.0);
  live.clear();
  Histogram empty;
  live.add_to(&empty);
  EXPECT_EQ(empty.count(), 0u);
}

}  // namespace
}  // namespace gyre::bench
