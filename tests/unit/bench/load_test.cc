// Whole runs against a server of a few lines whose behaviour the test knows: what is counted, what is
// reported, and that a stall of the server shows in the latencies of all requests that it delayed.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runner.h"

namespace gyre::bench {
namespace {

constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
constexpr std::string_view kInfo = "*2\r\n$4\r\nINFO\r\n$6\r\nserver\r\n";

/// Answers PING with what it is told to, and INFO; a thread a connection.
class FakeServer {
 public:
  FakeServer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 64), 0);
    socklen_t length = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~FakeServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int fd : descriptors_) ::shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int fd : descriptors_) close(fd);
    close(listener_);
  }

  int port = 0;
  std::string answer = "+PONG\r\n";
  uint64_t hang_up_after = UINT64_MAX;  // requests of one connection
  std::atomic<uint64_t> pings{0};
  std::atomic<int64_t> stall_until_ns{0};
  int64_t first_ping_stalls_ns = 0;

 private:
  void accept_all() {
    int fd;
    while ((fd = accept(listener_, nullptr, nullptr)) >= 0) {
      std::lock_guard lock(mutex_);
      descriptors_.push_back(fd);
      threads_.emplace_back([this, fd] { serve(fd); });
    }
  }
  void serve(int fd) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    std::string input;
    uint64_t served = 0;
    char buffer[65536];
    ssize_t got;
    while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
      input.append(buffer, static_cast<size_t>(got));
      std::string output;
      bool pinged = false;
      while (true) {
        if (input.starts_with(kInfo)) {
          input.erase(0, kInfo.size());
          output += "$21\r\nredis_version:0.0.1\r\n\r\n";
        } else if (input.starts_with(kPing)) {
          input.erase(0, kPing.size());
          if (++served > hang_up_after) {
            ::shutdown(fd, SHUT_RDWR);
            return;
          }
          if (++pings == 1 && first_ping_stalls_ns != 0) stall_until_ns = now_ns() + first_ping_stalls_ns;
          pinged = true;
          output += answer;
        } else {
          break;
        }
      }
      if (const int64_t wait = stall_until_ns - now_ns(); pinged && wait > 0)
        std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
      // In two pieces, so that replies arrive cut.
      const size_t half = output.size() / 2;
      if (send(fd, output.data(), half, MSG_NOSIGNAL) < 0) return;
      if (send(fd, output.data() + half, output.size() - half, MSG_NOSIGNAL) < 0) return;
    }
  }

  int listener_ = -1;
  std::thread acceptor_;
  std::mutex mutex_;
  std::vector<int> descriptors_;
  std::vector<std::thread> threads_;
};

class LoadTest : public testing::Test {
 public:
  void SetUp() override {
    options.target.port = server.port;
    options.tests = {"ping"};
    options.quiet = true;
    options.clients = 4;
    options.requests = 1000;
    options.seed = 3;
    ASSERT_TRUE(options.key_format.parse("key:%012d", &error));
  }
  void run() {
    Runner runner(options);
    ran = runner.run(&report, &error);
  }

  FakeServer server;
  Options options;
  Report report;
  std::string error;
  bool ran = false;
};

TEST_F(LoadTest, ClosedLoopSendsExactlyWhatWasAskedFor) {
  options.requests = 1013;
  options.pipeline = 7;
  options.threads = 3;
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.server, "redis 0.0.1");
  EXPECT_EQ(report.connected, 4u);
  ASSERT_EQ(report.runs.size(), 1u);
  EXPECT_EQ(report.runs[0].requests(), 1013u);
  EXPECT_EQ(server.pings, 1013u);
  EXPECT_EQ(report.runs[0].error_count, 0u);
  EXPECT_GT(report.runs[0].latency.percentile(50), 0u);
}

TEST_F(LoadTest, TimedRunsEndInTime) {
  options.seconds = 0.2;
  options.warm_up_s = 0.1;
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_GT(report.runs[0].requests(), 10u);
  EXPECT_GE(report.runs[0].seconds, 0.2);
  EXPECT_LT(report.runs[0].requests(), server.pings) << "the warm-up was counted";
}

TEST_F(LoadTest, OpenLoopKeepsItsRate) {
  for (const bool poisson : {false, true}) {
    options.rate = 2000;
    options.seconds = 0.5;
    options.threads = 2;
    options.poisson = poisson;
    run();
    ASSERT_TRUE(ran) << error;
    const RunResult& result = report.runs.back();
    // 1000 intended starts; a Poisson count has a standard deviation of 32.
    EXPECT_NEAR(static_cast<double>(result.requests()), 1000, poisson ? 160 : 3);
    EXPECT_EQ(result.start_delay.count() + result.unsent, result.requests());
  }
}

// A server that stands still for 300 ms of a second delays 30% of the requests that were due. A generator
// that waits for the stalled replies before it times the next requests would show four slow ones.
TEST_F(LoadTest, OpenLoopDoesNotOmitWhatAStallDelayed) {
  options.rate = 1000;
  options.seconds = 1;
  options.poisson = false;
  std::thread staller([this] {
    while (server.pings < 100) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    server.stall_until_ns = now_ns() + 300'000'000;
  });
  run();
  staller.join();
  ASSERT_TRUE(ran) << error;
  const Histogram& latency = report.runs[0].latency;
  EXPECT_GT(latency.max(), 250'000'000u);
  // Half of the delayed ones waited at least half of the stall: 15% of all.
  EXPECT_GT(latency.percentile(90), 100'000'000u);
}

// More than the server can do: what was never sent counts as well, with the time it had waited.
TEST_F(LoadTest, OpenLoopCountsWhatItCouldNotSend) {
  options.rate = 1000;
  options.seconds = 0.3;
  server.first_ping_stalls_ns = 2'900'000'000;
  options.timeout_s = 10;
  run();
  ASSERT_TRUE(ran) << error;
  const RunResult& result = report.runs[0];
  EXPECT_NEAR(static_cast<double>(result.requests()), 300, 100);
  EXPECT_GT(result.unsent, 200u);
  EXPECT_GT(result.latency.percentile(50), 1'500'000'000u);
}

TEST_F(LoadTest, ErrorsAreCountedByText) {
  server.answer = "-ERR no such luck\r\n";
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.runs[0].error_count, 1000u);
  EXPECT_EQ(report.runs[0].errors.at("ERR no such luck"), 1000u);
}

TEST_F(LoadTest, PushesAreNotReplies) {
  server.answer = ">2\r\n+invalidate\r\n*0\r\n+PONG\r\n";
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.runs[0].requests(), 1000u);
}

TEST_F(LoadTest, LostConnectionsAreReported) {
  server.hang_up_after = 100;
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.runs[0].requests(), 400u);
  EXPECT_EQ(report.unanswered, 4u);
  ASSERT_EQ(report.failures.size(), 1u);
  EXPECT_EQ(report.failures.begin()->second, 4u);
}

TEST_F(LoadTest, GarbageEndsTheConnection) {
  server.answer = "?what\r\n";
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.runs[0].requests(), 0u);
  EXPECT_TRUE(report.failures.begin()->first.starts_with("malformed reply"))
      << report.failures.begin()->first;
}

TEST_F(LoadTest, ASilentServerIsGivenUp) {
  server.answer = "";
  options.timeout_s = 0.3;
  run();
  ASSERT_TRUE(ran) << error;
  EXPECT_EQ(report.unanswered, 4u);
}

TEST_F(LoadTest, NobodyThere) {
  options.target.port = 1;
  run();
  EXPECT_FALSE(ran);
  EXPECT_EQ(error, "connect: Connection refused");
}

}  // namespace
}  // namespace gyre::bench
