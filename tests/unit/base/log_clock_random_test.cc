#include <gtest/gtest.h>
#include <syslog.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "gyre/base/check.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/random.h"

namespace gyre::base {
namespace {

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = ::testing::TempDir() + "gyre-log-test-" + std::to_string(getpid());
    std::remove(path_.c_str());
    LogTarget target;
    target.file = path_;
    set_log_target(target);
  }
  void TearDown() override {
    set_log_target(LogTarget{});
    set_log_role('M');
    std::remove(path_.c_str());
  }
  std::vector<std::string> lines() const {
    std::ifstream in(path_);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
  std::string path_;
};

TEST_F(LogTest, LineFormat) {
  log(LogLevel::kNotice, "Ready to accept %s on %d", "connections", 6379);
  set_log_role('S');
  log(LogLevel::kWarning, "warned");
  const auto all = lines();
  ASSERT_EQ(all.size(), 2u);
  const std::string date = R"(\d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d\.\d{3})";
  const std::string pid = std::to_string(getpid());
  EXPECT_TRUE(std::regex_match(all[0], std::regex(pid + ":M " + date + R"( \* Ready to accept connections on 6379)"))) << all[0];
  EXPECT_TRUE(std::regex_match(all[1], std::regex(pid + ":S " + date + " # warned"))) << all[1];
}

TEST_F(LogTest, LevelsAndMarks) {
  set_log_level(LogLevel::kDebug);
  EXPECT_EQ(log_level(), LogLevel::kDebug);
  log(LogLevel::kDebug, "m");
  log(LogLevel::kVerbose, "m");
  log(LogLevel::kNotice, "m");
  log(LogLevel::kWarning, "m");
  std::string marks;
  for (const std::string& line : lines()) marks += line[line.size() - 3];
  EXPECT_EQ(marks, ".-*#");
  set_log_level(LogLevel::kNotice);
  EXPECT_FALSE(log_enabled(LogLevel::kVerbose));
  EXPECT_TRUE(log_enabled(LogLevel::kNotice));
  log(LogLevel::kVerbose, "hidden");
  EXPECT_EQ(lines().size(), 4u);
  set_log_level(LogLevel::kNothing);
  log(LogLevel::kWarning, "hidden");
  log(LogLevel::kNothing, "hidden");
  EXPECT_EQ(lines().size(), 4u);
}

TEST_F(LogTest, LongLinesAreCut) {
  log(LogLevel::kNotice, "%s", std::string(5000, 'x').c_str());
  const auto all = lines();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].substr(all[0].find('x')), std::string(1023, 'x'));
}

TEST_F(LogTest, RotationByRename) {
  log(LogLevel::kNotice, "old");
  const std::string rotated = path_ + ".1";
  std::rename(path_.c_str(), rotated.c_str());
  log(LogLevel::kNotice, "new");
  ASSERT_EQ(lines().size(), 1u);
  EXPECT_TRUE(lines()[0].ends_with("new"));
  std::remove(rotated.c_str());
}

TEST_F(LogTest, RawGoesToTheSameFile) {
  log_raw("crash report\nline 2\n");
  EXPECT_EQ(lines(), (std::vector<std::string>{"crash report", "line 2"}));
}

TEST_F(LogTest, UnopenableFileLosesTheLineOnly) {
  LogTarget target;
  target.file = "/nonexistent-directory/log";
  set_log_target(target);
  log(LogLevel::kWarning, "lost");
  log_raw("lost");
}

TEST_F(LogTest, KeepsErrno) {
  errno = ENOSPC;
  log(LogLevel::kNotice, "x");
  EXPECT_EQ(errno, ENOSPC);
}

TEST_F(LogTest, ThreadsDoNotInterleaveWhileTheTargetChanges) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([t] {
      for (int i = 0; i < 200; ++i) log(LogLevel::kNotice, "thread=%d %s", t, std::string(300, 'y').c_str());
    });
  }
  for (int i = 0; i < 20; ++i) {
    LogTarget target;
    target.file = path_;
    set_log_target(target);
    set_log_role(i % 2 ? 'S' : 'M');
  }
  for (auto& thread : threads) thread.join();
  const auto all = lines();
  EXPECT_EQ(all.size(), 600u);
  for (const std::string& line : all) EXPECT_TRUE(line.ends_with(" " + std::string(300, 'y'))) << line;
}

TEST_F(LogTest, FailedCheckLogsAndAborts) {
  EXPECT_DEATH(
      {
        set_log_target(LogTarget{});
        dup2(STDERR_FILENO, STDOUT_FILENO);
        GYRE_CHECK(1 + 1 == 3);
      },
      "log_clock_random_test.cc:[0-9]+: CHECK failed: 1 \\+ 1 == 3");
  GYRE_CHECK(true);
}

TEST(Clock, ClocksAgree) {
  const int64_t wall = wall_ms();
  EXPECT_GT(wall, 1'600'000'000'000);
  EXPECT_GE(ticks_per_us(), 1.0);
  const int64_t start = monotonic_us();
  const uint64_t start_ticks = ticks();
  while (monotonic_us() - start < 20'000) {
  }
  const uint64_t elapsed_ticks = ticks() - start_ticks;
  const auto elapsed_us = static_cast<double>(monotonic_us() - start);
  EXPECT_NEAR(static_cast<double>(ticks_to_ns(elapsed_ticks)) / 1000.0, elapsed_us, elapsed_us * 0.2);
}

TEST(Random, SameSeedSameSequence) {
  Random a(42);
  Random b(42);
  Random c(43);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.next();
    EXPECT_EQ(value, b.next());
    different += value != c.next();
  }
  EXPECT_GT(different, 95);
}

TEST(Random, BelowIsInRangeAndUniform) {
  Random random(1);
  for (uint64_t bound : {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{1000}, ~uint64_t{0}, (uint64_t{1} << 63) + 1}) {
    for (int i = 0; i < 1000; ++i) ASSERT_LT(random.below(bound), bound);
  }
  int counts[6] = {};
  for (int i = 0; i < 60'000; ++i) ++counts[random.below(6)];
  for (int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Random, ThreadsDiffer) {
  const uint64_t mine = thread_random().next();
  uint64_t other = mine;
  std::thread([&other] { other = thread_random().next(); }).join();
  EXPECT_NE(mine, other);
  EXPECT_EQ(&thread_random(), &thread_random());
}

TEST(Random, HexIds) {
  std::set<std::string> seen;
  for (size_t length : {size_t{0}, size_t{1}, size_t{7}, size_t{40}, size_t{1000}}) {
    const std::string id = random_hex(length);
    EXPECT_EQ(id.size(), length);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
  }
  for (int i = 0; i < 100; ++i) seen.insert(random_hex(40));
  EXPECT_EQ(seen.size(), 100u);
}

}  // namespace
}  // namespace gyre::base
