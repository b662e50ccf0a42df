#include "gyre/server/stall_detector.h"

#include <gtest/gtest.h>

namespace gyre::server {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kTimeout = 2 * kSecond;
using Events = std::vector<StallEvent>;
using What = StallEvent::What;

ReactorSample at_work(uint64_t turns, uint64_t oldest_wait = 0) { return {true, false, turns, oldest_wait}; }

Events look(StallDetector& detector, ReactorSample sample, int64_t elapsed_us = kSecond) {
  return detector.look({&sample, 1}, elapsed_us, kTimeout);
}

TEST(StallDetector, TellsABeginningAndAnEndOnce) {
  StallDetector detector(1);
  EXPECT_EQ(look(detector, at_work(7)), Events{});
  EXPECT_EQ(look(detector, at_work(7)), Events{});
  EXPECT_FALSE(detector.stuck());
  EXPECT_EQ(look(detector, at_work(7)), (Events{{What::kReactor, false, 0, 2 * kSecond}}));
  EXPECT_TRUE(detector.stuck());
  EXPECT_EQ(look(detector, at_work(7)), Events{});
  EXPECT_EQ(look(detector, at_work(8)), (Events{{What::kReactor, true, 0, 3 * kSecond}}));
  EXPECT_FALSE(detector.stuck());
  EXPECT_EQ(look(detector, at_work(8)), Events{});
}

TEST(StallDetector, LeavesSleepersAlone) {
  StallDetector detector(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(look(detector, {.runs = true, .waits = true, .turns = 5}), Events{});
  // What wakes in the turn in which it slept has only begun to work.
  EXPECT_EQ(look(detector, at_work(5)), Events{});
  EXPECT_EQ(look(detector, at_work(5)), Events{});
  EXPECT_EQ(look(detector, at_work(5)).size(), 1u);
}

TEST(StallDetector, LeavesThoseThatDoNotRunAlone) {
  StallDetector detector(1);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(look(detector, {}), Events{});
  // A reactor that ended while it was stuck is stuck no more.
  for (int i = 0; i < 3; ++i) look(detector, at_work(1));
  ASSERT_TRUE(detector.stuck());
  EXPECT_EQ(look(detector, {}).size(), 1u);
  EXPECT_FALSE(detector.stuck());
}

TEST(StallDetector, SeesAClientThatWaitsWhileItsReactorTurns) {
  StallDetector detector(1);
  uint64_t turns = 0;
  EXPECT_EQ(look(detector, at_work(++turns, 11)), Events{});
  EXPECT_EQ(look(detector, at_work(++turns, 11)), Events{});
  EXPECT_EQ(look(detector, at_work(++turns, 11)), (Events{{What::kClient, false, 0, 2 * kSecond}}));
  // It got on; the next one has waited for as long as it was seen.
  EXPECT_EQ(look(detector, at_work(++turns, 12)), (Events{{What::kClient, true, 0, 2 * kSecond}}));
  EXPECT_EQ(look(detector, at_work(++turns, 12)), Events{});
  EXPECT_EQ(look(detector, at_work(++turns, 0)), Events{});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(look(detector, at_work(++turns, 0)), Events{});
}

TEST(StallDetector, KeepsReactorsApart) {
  StallDetector detector(2);
  for (uint64_t i = 0; i < 5; ++i) {
    const ReactorSample samples[] = {at_work(i), at_work(3)};
    const Events events = detector.look(samples, kSecond, kTimeout);
    EXPECT_EQ(events, i == 2 ? (Events{{What::kReactor, false, 1, 2 * kSecond}}) : Events{});
  }
}

TEST(StallDetector, ForgetsOnReset) {
  StallDetector detector(1);
  for (int i = 0; i < 3; ++i) look(detector, at_work(1));
  detector.reset();
  EXPECT_FALSE(detector.stuck());
  EXPECT_EQ(look(detector, at_work(1)), Events{});
}

}  // namespace
}  // namespace gyre::server
