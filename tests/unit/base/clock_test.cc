#include "gyre/base/clock.h"

#include <gtest/gtest.h>

namespace gyre::base {
namespace {

TEST(Clock, ClocksAgree) {
  const int64_t wall = wall_ms();
  EXPECT_GT(wall, 1'600'000'000'000);
  EXPECT_GE(ticks_per_us(), 1.0);
  // The thread may lose its core between two reads, so one good measurement of several is enough.
  bool close = false;
  for (int attempt = 0; attempt < 20 && !close; ++attempt) {
    const int64_t start = monotonic_us();
    const uint64_t start_ticks = ticks();
    while (monotonic_us() - start < 5'000) {
    }
    const auto by_ticks = static_cast<double>(ticks_to_ns(ticks() - start_ticks)) / 1000.0;
    const auto by_clock = static_cast<double>(monotonic_us() - start);
    close = by_ticks > by_clock * 0.9 && by_ticks < by_clock * 1.1;
  }
  EXPECT_TRUE(close);
}

}  // namespace
}  // namespace gyre::base
