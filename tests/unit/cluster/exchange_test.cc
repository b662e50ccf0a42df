#include "gyre/cluster/exchange.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace gyre::cluster {
namespace {

class ExchangeTest : public testing::Test {
 protected:
  ExchangeTest() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_), 0); }
  ~ExchangeTest() override {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  int ours() const { return ends_[0]; }
  void say(std::string_view text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), ssize_t(text.size()));
  }
  std::string heard() {
    std::string text;
    char buffer[65536];
    for (ssize_t n; (n = ::read(ends_[1], buffer, sizeof buffer)) > 0;) text.append(buffer, size_t(n));
    return text;
  }
  void hang_up() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }
  int ends_[2];
};

using State = Exchange::State;

TEST_F(ExchangeTest, LinesComeInAnyPieces) {
  Pipeline pipeline;
  pipeline.begin(2);
  pipeline.argument("SELECT");
  pipeline.argument("3");
  Exchange exchange(ours(), pipeline.pieces(), 2);
  EXPECT_EQ(exchange.events(), POLLIN | POLLOUT);
  EXPECT_EQ(exchange.step(), State::kMore);
  EXPECT_EQ(exchange.events(), POLLIN);
  EXPECT_EQ(heard(), "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n");
  say("+O");
  EXPECT_EQ(exchange.step(), State::kMore);
  say("K\r");
  EXPECT_EQ(exchange.step(), State::kMore);
  EXPECT_EQ(exchange.lines().size(), 0u);
  say("\n-ERR " + std::string(5000, 'x') + "\r\n");
  EXPECT_EQ(exchange.step(), State::kDone);
  ASSERT_EQ(exchange.lines().size(), 2u);
  EXPECT_EQ(exchange.lines()[0], "+OK");
  EXPECT_EQ(exchange.lines()[1], "-ERR " + std::string(1018, 'x'));
}

TEST_F(ExchangeTest, MuchGoesOutAsItCan) {
  Pipeline pipeline;
  const std::string large(3'000'000, 'v'), middle(20'000, 'm');
  std::string all;
  for (int i = 0; i < 40; ++i) {
    pipeline.begin(3);
    pipeline.argument("SET");
    pipeline.argument(base::Blob::copy_of(i % 20 == 0 ? large : middle));
    pipeline.argument(base::Blob::copy_of("small"));
  }
  for (const std::string_view piece : pipeline.pieces()) all += piece;
  EXPECT_TRUE(all.starts_with("*3\r\n$3\r\nSET\r\n$3000000\r\nvvv"));
  EXPECT_TRUE(all.ends_with("mmm\r\n$5\r\nsmall\r\n"));
  Exchange exchange(ours(), pipeline.pieces(), 1);
  std::string got;
  while (got.size() < all.size()) {
    ASSERT_EQ(exchange.step(), State::kMore);
    got += heard();
  }
  EXPECT_TRUE(got == all);
  EXPECT_EQ(exchange.events(), POLLIN);
  say("+OK\r\n");
  EXPECT_EQ(exchange.step(), State::kDone);
}

TEST_F(ExchangeTest, TheOtherSideGoes) {
  Pipeline pipeline;
  pipeline.begin(1);
  pipeline.argument("PING");
  Exchange reading(ours(), pipeline.pieces(), 2);
  EXPECT_EQ(reading.step(), State::kMore);
  heard();
  say("+1\r\n");
  hang_up();
  EXPECT_EQ(reading.step(), State::kFailed);
  EXPECT_EQ(reading.error(), 0);
  EXPECT_FALSE(reading.failed_writing());
  EXPECT_EQ(reading.lines().size(), 1u);

  Exchange writing(ours(), pipeline.pieces(), 2);
  EXPECT_EQ(writing.step(), State::kFailed);
  EXPECT_EQ(writing.error(), EPIPE);
  EXPECT_TRUE(writing.failed_writing());
}

TEST_F(ExchangeTest, TimeIsUp) {
  Exchange exchange(ours(), {}, 1);
  EXPECT_EQ(exchange.step(), State::kMore);
  EXPECT_EQ(exchange.fail(ETIMEDOUT), State::kFailed);
  EXPECT_EQ(exchange.step(), State::kFailed);
  EXPECT_EQ(exchange.error(), ETIMEDOUT);
}

}  // namespace
}  // namespace gyre::cluster
