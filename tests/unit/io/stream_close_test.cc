// How streams end: shutdown, lingering, peers that have gone or never read.
#include <cerrno>

#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class StreamCloseTest : public IoTest {};

Task<void> drain(Stream* stream, size_t limit, int* result) { *result = co_await stream->drained(limit); }

TEST_P(StreamCloseTest, APeerThatNeverReadsIsDropped) {
  auto pair = tcp_pair();
  std::string text = pattern(1'000'000);
  for (int i = 0; i < 50; ++i) pair.first->output().append(text);
  pair.first->flush();
  int drained = -1;
  scope_.spawn(drain(pair.first.get(), 1000, &drained));
  bool over = false;
  scope_.spawn(nap(reactor_.get(), 50'000, &over));
  ASSERT_TRUE(run_until([&] { return over; }));
  EXPECT_EQ(drained, -1);
  EXPECT_GT(pair.first->pending(), 1'000'000u);
  pair.first->shutdown();
  ASSERT_TRUE(run_until([&] { return drained != -1; }));
  EXPECT_EQ(drained, 0);
  EXPECT_TRUE(pair.first->failed());
  close(std::move(pair));
  ASSERT_TRUE(run_all());
}

TEST_P(StreamCloseTest, LingeringEndsAtItsTime) {
  auto pair = tcp_pair();
  pair.first->output().append(pattern(20'000'000));
  pair.first->flush();
  reactor_->turn(false);
  int64_t before_us = reactor_->now_us();
  close(std::move(pair.first), 50);
  ASSERT_TRUE(run_all());
  EXPECT_GE(reactor_->now_us() - before_us, 49'000);
  EXPECT_LT(reactor_->now_us() - before_us, 2'000'000);
  close(std::move(pair.second));
}

TEST_P(StreamCloseTest, ClosingSendsWhatIsPending) {
  auto pair = unix_pair();
  std::string text = pattern(4'000'000), got;
  int error = -1;
  pair.first->output().append(text);
  pair.first->flush();
  close(std::move(pair.first), 10'000);
  scope_.spawn(collect(pair.second.get(), &got, &error));
  ASSERT_TRUE(run_all());
  EXPECT_TRUE(got == text);
  EXPECT_EQ(error, 0);
  close(std::move(pair.second));
}

TEST_P(StreamCloseTest, ShutdownWakesTheReader) {
  auto pair = unix_pair();
  std::string got;
  int error = -1;
  scope_.spawn(collect(pair.first.get(), &got, &error));
  reactor_->turn(false);
  pair.first->shutdown(ETIMEDOUT);
  pair.first->shutdown(EPIPE);
  EXPECT_EQ(error, -1);  // not inside the call
  ASSERT_TRUE(run_until([&] { return error != -1; }));
  EXPECT_EQ(error, ETIMEDOUT);
  close(std::move(pair));
}

// A client that has sent its last command and only listens is still answered.
TEST_P(StreamCloseTest, HalfClosedPeersAreAnswered) {
  auto pair = tcp_pair();
  std::string text = pattern(100'000), got;
  int error = -1;
  scope_.spawn(echo(std::move(pair.second)));
  pair.first->output().append(text);
  pair.first->flush();
  ASSERT_TRUE(run_until([&] { return pair.first->pending() == 0; }));
  half_close(*pair.first);
  scope_.spawn(collect(pair.first.get(), &got, &error));
  ASSERT_TRUE(run_all());
  EXPECT_TRUE(got == text);
  EXPECT_EQ(error, 0);
  close(std::move(pair.first));
}

TEST_P(StreamCloseTest, SendingToAGonePeerFails) {
  auto pair = unix_pair();
  close(std::move(pair.second));
  ASSERT_TRUE(run_all());
  pair.first->output().append("into the void");
  pair.first->flush();
  ASSERT_TRUE(run_until([&] { return pair.first->failed(); }));
  EXPECT_EQ(pair.first->pending(), 0u);
  pair.first->output().append("more");
  pair.first->flush();
  EXPECT_EQ(pair.first->pending(), 0u);
  close(std::move(pair.first));
}

TEST_P(StreamCloseTest, ClosesWhileReceiving) {
  for (int i = 0; i < 20; ++i) {
    auto pair = unix_pair();
    std::string got;
    int error = -1;
    scope_.spawn(collect(pair.first.get(), &got, &error));
    if (i % 2) reactor_->turn(false);
    if (i % 3 == 0) {
      pair.second->output().append(pattern(100'000));
      pair.second->flush();
    }
    pair.first->shutdown();
    ASSERT_TRUE(run_until([&] { return error != -1; }));
    close(std::move(pair));
    ASSERT_TRUE(run_all());
  }
}

GYRE_IO_TEST(StreamCloseTest);

}  // namespace
}  // namespace gyre::io
