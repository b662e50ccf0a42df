#include "gyre/coro/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "test_executor.h"

namespace gyre::coro {
namespace {

struct Yield {
  Resumption resumption;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    resumption.handle = handle;
    Executor::current()->post(resumption);
  }
  void await_resume() const {}
};

Task<void> take(Mutex* mutex, std::string* log, char name) {
  co_await mutex->lock();
  *log += name;
  mutex->unlock();
}

TEST(Mutex, TryLock) {
  Mutex mutex;
  EXPECT_TRUE(mutex.try_lock());
  EXPECT_TRUE(mutex.locked());
  EXPECT_FALSE(mutex.try_lock());
  EXPECT_EQ(mutex.contentions(), 1u);
  mutex.unlock();
  EXPECT_FALSE(mutex.locked());
  EXPECT_TRUE(mutex.try_lock());
  mutex.unlock();
}

TEST(Mutex, WaitersGoInOrder) {
  ManualExecutor executor;
  Mutex mutex;
  Scope scope;
  std::string log;
  ASSERT_TRUE(mutex.try_lock());
  for (char name : {'a', 'b', 'c', 'd'}) scope.spawn(take(&mutex, &log, name));
  EXPECT_TRUE(mutex.contended());
  EXPECT_EQ(executor.run(), 0u);
  mutex.unlock();
  EXPECT_FALSE(mutex.locked());  // no hand-over
  executor.run();
  EXPECT_EQ(log, "abcd");
  EXPECT_FALSE(mutex.contended());
}

// Who comes while a woken waiter has not looked yet may have the lock; but not for ever.
TEST(Mutex, HandsOverAfterManyLosses) {
  ManualExecutor executor;
  Mutex mutex;
  Scope scope;
  std::string log;
  ASSERT_TRUE(mutex.try_lock());
  scope.spawn(take(&mutex, &log, 'w'));
  unsigned losses = 0;
  for (;;) {
    mutex.unlock();
    if (!mutex.try_lock()) break;  // handed over
    ++losses;
    executor.run();  // the waiter looks, loses, and queues again
    ASSERT_LT(losses, 100u);
  }
  EXPECT_EQ(losses, Mutex::kLossesToHandOver);
  EXPECT_EQ(log, "");
  executor.run();
  EXPECT_EQ(log, "w");
  EXPECT_FALSE(mutex.locked());
}

struct Shared {
  Mutex mutex;
  int64_t value = 0;  // plain: the mutex guards it
  int inside = 0;
  std::atomic<int> running{0};
};

Fire hammer(Shared* shared, ThreadExecutor* executor, int rounds, bool yield_inside) {
  co_await executor->enter();
  for (int i = 0; i < rounds; ++i) {
    co_await shared->mutex.lock();
    if (Executor::current() != executor) std::abort();
    if (++shared->inside != 1) std::abort();
    ++shared->value;
    if (yield_inside && i % 16 == 0) co_await Yield{};
    --shared->inside;
    shared->mutex.unlock();
    if (i % 64 == 0) co_await Yield{};
  }
  shared->running.fetch_sub(1, std::memory_order_release);
}

void stress(bool yield_inside) {
  constexpr int kThreads = 4, kTasks = 8, kRounds = 2000;
  Shared shared;
  shared.running = kThreads * kTasks;
  {
    ThreadExecutor executors[kThreads];
    for (auto& executor : executors)
      for (int i = 0; i < kTasks; ++i) hammer(&shared, &executor, kRounds, yield_inside);
    for (int waited_ms = 0; shared.running.load(std::memory_order_acquire) > 0; ++waited_ms) {
      ASSERT_LT(waited_ms, 60'000) << "a wake-up was lost";
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  EXPECT_EQ(shared.value, kThreads * kTasks * kRounds);
  EXPECT_FALSE(shared.mutex.locked());
  EXPECT_FALSE(shared.mutex.contended());
}

TEST(Mutex, ExcludesAndLosesNoWakeUp) { stress(false); }
TEST(Mutex, ExcludesWhenHoldersSuspend) { stress(true); }

// try_lock users barge in all the time from one thread; a waiter of another gets through nevertheless.
TEST(Mutex, NobodyStarvesUnderBarging) {
  Shared shared;
  std::atomic<bool> stop{false};
  shared.running = 1;
  std::thread barger([&] {
    while (!stop.load(std::memory_order_relaxed)) {
      if (!shared.mutex.try_lock()) continue;
      for (int i = 0; i < 50; ++i) shared.value += i;
      shared.mutex.unlock();
    }
  });
  {
    ThreadExecutor executor;
    hammer(&shared, &executor, 500, false);
    for (int waited_ms = 0; shared.running.load(std::memory_order_acquire) > 0 && waited_ms < 60'000;
         ++waited_ms)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(shared.running.load(), 0);
    stop = true;
    barger.join();
  }
}

}  // namespace
}  // namespace gyre::coro
