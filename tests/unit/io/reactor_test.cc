#include <fcntl.h>
#include <sys/eventfd.h>

#include <cstdlib>
#include <thread>

#include "gyre/coro/mutex.h"
#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class ReactorTest : public IoTest {};

Task<void> sleep_and_log(Reactor* reactor, int64_t us, std::string* log, char name) {
  co_await reactor->sleep_us(us);
  *log += name;
}

TEST_P(ReactorTest, TimersFireInOrderAndInTime) {
  std::string log;
  reactor_->turn(false);
  int64_t start_us = reactor_->now_us();
  scope_.spawn(sleep_and_log(reactor_.get(), 20'000, &log, 'c'));
  scope_.spawn(sleep_and_log(reactor_.get(), 1'000, &log, 'a'));
  scope_.spawn(sleep_and_log(reactor_.get(), 10'000, &log, 'b'));
  scope_.spawn(sleep_and_log(reactor_.get(), 0, &log, '0'));
  ASSERT_TRUE(run_until([&] { return log.size() == 4; }));
  EXPECT_EQ(log, "0abc");
  EXPECT_GE(reactor_->now_us() - start_us, 20'000);
  EXPECT_LT(reactor_->now_us() - start_us, 1'000'000);
}

// A deadline that moves earlier after a later one was armed in the backend.
TEST_P(ReactorTest, DeadlinesMoveEarlier) {
  std::string log;
  scope_.spawn(sleep_and_log(reactor_.get(), 300'000, &log, 'z'));
  scope_.spawn(sleep_and_log(reactor_.get(), 5'000, &log, 'a'));
  ASSERT_TRUE(run_until([&] { return log == "a"; }));
  int64_t start_us = reactor_->now_us();
  for (int i = 0; i < 5; ++i) {
    scope_.spawn(sleep_and_log(reactor_.get(), 2'000, &log, 'b'));
    ASSERT_TRUE(run_until([&] { return log.size() == 2u + static_cast<size_t>(i); }));
  }
  EXPECT_LT(reactor_->now_us() - start_us, 250'000);
  ASSERT_TRUE(run_all());
}

TEST_P(ReactorTest, ManyTimersArmedAndDisarmed) {
  std::vector<std::unique_ptr<Timer>> timers;
  int fired = 0;
  auto count = [](void* n) { ++*static_cast<int*>(n); };
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<Timer>(count, &fired));
    reactor_->arm(*timers.back(), reactor_->now_us() + (i * 7919) % 5000);
  }
  for (int i = 0; i < 1000; i += 2) {
    reactor_->disarm(*timers[static_cast<size_t>(i)]);
    EXPECT_FALSE(timers[static_cast<size_t>(i)]->armed());
  }
  timers.erase(timers.begin() + 500, timers.begin() + 600);  // armed ones may die
  ASSERT_TRUE(run_until([&] { return fired == 450; }));
}

Task<void> wait(Reactor* reactor, coro::Event* event, int64_t us, int* result) {
  *result = co_await reactor->wait_for(*event, us);
}

TEST_P(ReactorTest, WaitsWithADeadline) {
  coro::Event event;
  int short_wait = -1, long_wait = -1, late = -1;
  scope_.spawn(wait(reactor_.get(), &event, 2'000, &short_wait));
  scope_.spawn(wait(reactor_.get(), &event, 10'000'000, &long_wait));
  ASSERT_TRUE(run_until([&] { return short_wait != -1; }));
  EXPECT_EQ(short_wait, 0);
  EXPECT_EQ(long_wait, -1);
  event.set();
  ASSERT_TRUE(run_until([&] { return long_wait != -1; }));
  EXPECT_EQ(long_wait, 1);
  scope_.spawn(wait(reactor_.get(), &event, 0, &late));
  EXPECT_EQ(late, 1);
}

TEST_P(ReactorTest, CallsFromOtherThreadsWakeIt) {
  if (simulated()) GTEST_SKIP() << "one thread";
  std::atomic<int> called{0};
  std::thread caller([&] {
    for (int i = 0; i < 100; ++i) {
      reactor_->call([&] { called.fetch_add(1); });
      while (called.load() <= i) std::this_thread::yield();  // so it blocks in between
    }
  });
  ASSERT_TRUE(run_until([&] { return called.load() == 100; }));
  caller.join();
}

TEST_P(ReactorTest, MailboxStormsKeepTheOrderOfEachSender) {
  if (simulated()) GTEST_SKIP() << "one thread";
  constexpr int kThreads = 4, kCalls = 5000;
  int next[kThreads] = {}, wrong = 0, total = 0;
  std::vector<std::thread> senders;
  for (int t = 0; t < kThreads; ++t)
    senders.emplace_back([&, t] {
      for (int i = 0; i < kCalls; ++i)
        reactor_->call([&, t, i] {
          if (next[t]++ != i) ++wrong;
          ++total;
        });
    });
  ASSERT_TRUE(run_until([&] { return total == kThreads * kCalls; }));
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(wrong, 0);
}

// What is posted to a reactor that has stopped is linked through memory of the poster's, which may go before the reactor.
TEST_P(ReactorTest, LateMailIsDropped) {
  if (simulated()) GTEST_SKIP() << "one thread";
  static int runs = 0;
  runs = 0;
  auto of_the_poster = std::make_unique<coro::Resumption>();
  of_the_poster->run = [](coro::Resumption&) { ++runs; };
  auto held = std::make_shared<int>(0);
  std::thread poster([&] {
    reactor_->post(*of_the_poster);
    reactor_->call([held] { ++runs; });
  });
  poster.join();
  EXPECT_EQ(held.use_count(), 2);
  reactor_->drop_mail();
  EXPECT_EQ(held.use_count(), 1);
  of_the_poster.reset();
  reactor_->turn(false);
  EXPECT_EQ(runs, 0);
}

Task<void> yield_often(Reactor* reactor, int count, int* done) {
  for (int i = 0; i < count; ++i) co_await reactor->yield();
  *done = 1;
}

TEST_P(ReactorTest, YieldLetsTurnsPass) {
  int done = 0;
  uint64_t before = reactor_->turns();
  scope_.spawn(yield_often(reactor_.get(), 50, &done));
  ASSERT_TRUE(run_until([&] { return done == 1; }));
  EXPECT_GE(reactor_->turns() - before, 49u);
}

TEST_P(ReactorTest, BackgroundSlicesRunUntilTheyAreDone) {
  auto left = std::make_shared<int>(100),
       other = std::make_shared<int>(100);  // slices stay for the reactor's life
  reactor_->add_background([left] { return *left > 0 && --*left >= 0; });
  reactor_->add_background([other] { return *other > 0 && --*other >= 0; });
  ASSERT_TRUE(run_until([&] { return *left == 0 && *other == 0; }));
}

struct Threaded {
  explicit Threaded(const Config& config) {
    std::string note, error;
    reactor = Reactor::create(options_of(config), &note, &error);
    EXPECT_TRUE(reactor) << error;
    thread = std::thread([this] { reactor->run(); });
  }
  ~Threaded() {
    reactor->stop();
    thread.join();
  }
  std::unique_ptr<Reactor> reactor;
  std::thread thread;
};

coro::Task<void> hop(Reactor* a, Reactor* b, int rounds, std::atomic<int>* done) {
  for (int i = 0; i < rounds; ++i) {
    co_await a->enter();
    if (Reactor::current() != a) std::abort();
    co_await b->enter();
    if (Reactor::current() != b) std::abort();
  }
  done->fetch_add(1);
}

// Wake-ups between reactors (MSG_RING on io_uring) and from a plain thread (eventfd).
TEST_P(ReactorTest, CoroutinesHopBetweenReactors) {
  if (simulated()) GTEST_SKIP() << "one thread";
  std::vector<coro::Task<void>> hops;
  std::atomic<int> done{0};
  {
    Threaded first(GetParam()), second(GetParam());
    coro::Scope* scope = nullptr;
    constexpr int kHoppers = 3;
    for (int i = 0; i < kHoppers; ++i) {
      first.reactor->call([&] {
        scope = &first.reactor->scope();
        scope->spawn(hop(second.reactor.get(), first.reactor.get(), 1000, &done));
      });
    }
    for (int waited_ms = 0; done < kHoppers && waited_ms < 20'000; ++waited_ms) usleep(1000);
    EXPECT_EQ(done.load(), kHoppers);
    std::atomic<bool> quiet{false};
    first.reactor->call([&] { quiet = scope->running() == 0; });
    for (int waited_ms = 0; !quiet && waited_ms < 20'000; ++waited_ms) usleep(1000);
  }
}

TEST_P(ReactorTest, TheClockOfATurnMoves) {
  if (simulated()) GTEST_SKIP() << "the machine's clock";
  reactor_->turn(false);
  int64_t before = reactor_->now_us();
  usleep(2000);
  reactor_->turn(false);
  EXPECT_GE(reactor_->now_us() - before, 2000);
  EXPECT_NEAR(static_cast<double>(reactor_->wall_ms()), static_cast<double>(time(nullptr)) * 1000, 3000);
}

GYRE_IO_TEST(ReactorTest);

TEST(UringFeatures, Parse) {
  UringFeatures features;
  std::string error;
  EXPECT_TRUE(features.parse("none, msg-ring", &error));
  EXPECT_TRUE(features.msg_ring);
  EXPECT_FALSE(features.multishot_recv);
  EXPECT_TRUE(features.parse("all -send_zc,-buffer-ring", &error));
  EXPECT_FALSE(features.send_zc);
  EXPECT_FALSE(features.buffer_ring);
  EXPECT_TRUE(features.multishot_recv);
  EXPECT_FALSE(features.parse("-teleport", &error));
  EXPECT_EQ(error, "unknown io_uring feature '-teleport'");
  EXPECT_TRUE(features.multishot_recv);
}

}  // namespace
}  // namespace gyre::io
