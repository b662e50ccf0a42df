#include "gyre/base/log.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace gyre::base {
namespace {

// Every digit as 0, the letters as A and a.
std::string shape(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= '0' && c <= '9') c = '0';
    if (c >= 'A' && c <= 'Z') c = 'A';
    if (c >= 'a' && c <= 'z') c = 'a';
  }
  return out;
}

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
  const std::string pid = std::to_string(getpid());
  const std::string date = "00 Aaa 0000 00:00:00.000";
  EXPECT_EQ(shape(all[0].substr(pid.size())), shape(":M " + date + " * Ready to accept connections on 6379"));
  EXPECT_EQ(shape(all[1].substr(pid.size())), shape(":S " + date + " # warned"));
  EXPECT_TRUE(all[0].starts_with(pid + ":M "));
  EXPECT_TRUE(all[0].ends_with(" * Ready to accept connections on 6379"));
  EXPECT_TRUE(all[1].starts_with(pid + ":S "));
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

}  // namespace
}  // namespace gyre::base
