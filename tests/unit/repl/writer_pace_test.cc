#include "gyre/repl/writer_pace.h"

#include <gtest/gtest.h>

namespace gyre::repl {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

TEST(WriterPace, NobodyWaitsForOneThatIsNotFarBehind) {
  EXPECT_EQ(WriterPace::rate(0, 64 * kMiB, 2), WriterPace::kNoLimit);
  EXPECT_EQ(WriterPace::rate(32 * kMiB - 1, 64 * kMiB, 2), WriterPace::kNoLimit);
  EXPECT_EQ(WriterPace::rate(1000 * kMiB, UINT64_MAX, 2), WriterPace::kNoLimit);
}

TEST(WriterPace, TheRateShrinksWithWhatIsLeftToItsFloor) {
  uint64_t before = WriterPace::kNoLimit;
  for (uint64_t behind = 32 * kMiB; behind < 80 * kMiB; behind += kMiB) {
    const uint64_t rate = WriterPace::rate(behind, 64 * kMiB, 2);
    EXPECT_LE(rate, before);
    EXPECT_GE(rate, WriterPace::kLeastRate);
    before = rate;
  }
  EXPECT_EQ(WriterPace::rate(32 * kMiB, 64 * kMiB, 2), 16 * kMiB);
  EXPECT_EQ(WriterPace::rate(100 * kMiB, 64 * kMiB, 2), WriterPace::kLeastRate);
}

TEST(WriterPace, OneUpdateAMillisecond) {
  WriterPace pace;
  EXPECT_TRUE(pace.due(5'000));
  EXPECT_FALSE(pace.due(5'999));
  EXPECT_TRUE(pace.due(6'000));
}

/// A writer that writes whenever it may, in steps of 100 us: what it gets through in a second.
TEST(WriterPace, WhatIsWrittenFollowsTheRate) {
  for (const uint64_t rate : {4 * kMiB, 50 * kMiB}) {
    for (const uint64_t write : {uint64_t{70}, uint64_t{100'000}, uint64_t{3'000'000}}) {
      WriterPace pace;
      uint64_t head = 1'000'000'000, begun = 0;
      for (int64_t now_us = 0; now_us < 3'000'000; now_us += 100) {
        if (now_us == 1'000'000) begun = head;
        if (pace.due(now_us + 1'000)) (void)pace.update(head, rate, now_us);
        if (!pace.active()) continue;
        for (int i = 0; i < 1000 && !pace.must_wait(head); ++i) head += write;
      }
      const double seconds = 2, got = static_cast<double>(head - begun) / seconds;
      // What is larger than a burst is held against its writer for a tenth of a second only.
      EXPECT_GT(got, 0.8 * static_cast<double>(rate)) << write;
      if (write < rate / 20) {
        EXPECT_LT(got, 1.2 * static_cast<double>(rate)) << write;
      }
    }
  }
}

TEST(WriterPace, BeginsAndEnds) {
  WriterPace pace;
  EXPECT_FALSE(pace.must_wait(UINT64_MAX));
  EXPECT_FALSE(pace.update(100, WriterPace::kNoLimit, 0));
  EXPECT_TRUE(pace.update(100, kMiB, 1'000));
  EXPECT_TRUE(pace.must_wait(100));
  EXPECT_FALSE(pace.update(100, kMiB, 2'000));
  EXPECT_FALSE(pace.must_wait(100));
  EXPECT_TRUE(pace.update(5000, WriterPace::kNoLimit, 3'000));
  EXPECT_FALSE(pace.must_wait(UINT64_MAX));
}

}  // namespace
}  // namespace gyre::repl
