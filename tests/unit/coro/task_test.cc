#include "gyre/coro/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "gyre/coro/scope.h"
#include "test_executor.h"

namespace gyre::coro {
namespace {

Task<int> one() { co_return 1; }
Task<std::unique_ptr<int>> boxed(int value) { co_return std::make_unique<int>(value); }

Task<void> sum_to(int n, int64_t* out) {
  int64_t sum = 0;
  for (int i = 0; i < n; ++i) sum += co_await one();
  *out = sum;
}

Task<int> depth(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await depth(n - 1);
}

Task<void> store_depth(int n, int* out) { *out = co_await depth(n); }
Task<void> unbox(int* out) { *out = *co_await boxed(7); }

TEST(Task, IsLazy) {
  size_t before = live_frames();
  int64_t sum = -1;
  {
    auto task = sum_to(3, &sum);  // never awaited
    EXPECT_EQ(sum, -1);
  }
  EXPECT_EQ(sum, -1);
  EXPECT_EQ(live_frames(), before);
}

// Without symmetric transfer each await that completes at once would leave a frame on the stack.
TEST(Task, AwaitsAMillionTimesInARow) {
  size_t before = live_frames();
  Scope scope;
  int64_t sum = 0;
  scope.spawn(sum_to(1'000'000, &sum));
  EXPECT_EQ(sum, 1'000'000);
  EXPECT_EQ(scope.running(), 0u);
  EXPECT_EQ(live_frames(), before);
}

TEST(Task, ReturnsFromGreatDepth) {
  Scope scope;
  int out = 0;
  scope.spawn(store_depth(100'000, &out));
  EXPECT_EQ(out, 100'000);
}

TEST(Task, MovesItsResult) {
  Scope scope;
  int out = 0;
  scope.spawn(unbox(&out));
  EXPECT_EQ(out, 7);
}

TEST(Task, FramesOfEndedThreadsStayInTheCount) {
  size_t before = live_frames();
  std::unique_ptr<Task<int>> task;
  std::thread([&] { task = std::make_unique<Task<int>>(one()); }).join();
  EXPECT_EQ(live_frames(), before + 1);
  task.reset();
  EXPECT_EQ(live_frames(), before);
}

struct Suspended {
  Resumption resumption;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    resumption.handle = handle;
    Executor::current()->post(resumption);
  }
  void await_resume() const {}
};

struct Tracked {
  std::string* log;
  ~Tracked() { *log += "freed "; }
};

Task<void> tracked(std::unique_ptr<Tracked> tracked) { co_await Suspended{}; }

Task<void> drain(Scope* scope, std::string* log) {
  co_await scope->drained();
  *log += "drained";
}

// What a task owns is gone when the scope says that it is drained.
TEST(Scope, DrainsAfterTheTasksParametersAreDestroyed) {
  ManualExecutor executor;
  std::string log;
  Scope scope, waiters;
  scope.spawn(tracked(std::unique_ptr<Tracked>(new Tracked{&log})));
  scope.spawn(tracked(std::unique_ptr<Tracked>(new Tracked{&log})));
  waiters.spawn(drain(&scope, &log));
  EXPECT_EQ(scope.running(), 2u);
  EXPECT_EQ(log, "");
  executor.run();
  EXPECT_EQ(log, "freed freed drained");
}

Task<void> until_stopped(Scope* scope, int* turns) {
  while (!scope->stopping()) {
    ++*turns;
    co_await Suspended{};
  }
}

TEST(Scope, StopsOnRequest) {
  ManualExecutor executor;
  Scope scope;
  int turns = 0;
  scope.spawn(until_stopped(&scope, &turns));
  for (int i = 0; i < 5; ++i) executor.step();
  scope.request_stop();
  executor.run();
  EXPECT_EQ(turns, 6);
  EXPECT_EQ(scope.running(), 0u);
}

}  // namespace
}  // namespace gyre::coro
