// Executors for the tests of module coro: one that the test turns by hand, and one with a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "gyre/coro/executor.h"
#include "gyre/coro/scope.h"
#include "gyre/coro/task.h"

namespace gyre::coro {

class ManualExecutor : public Executor {
 public:
  ManualExecutor() { current_ = this; }
  ~ManualExecutor() override { current_ = nullptr; }
  void post(Resumption& resumption) noexcept override {
    std::lock_guard lock(mutex_);
    queue_.push_back(&resumption);
  }
  /// Runs what is there; returns how many.
  size_t run() {
    size_t count = 0;
    while (step()) ++count;
    return count;
  }
  bool step() {
    Resumption* resumption;
    {
      std::lock_guard lock(mutex_);
      if (queue_.empty()) return false;
      resumption = queue_.front();
      queue_.pop_front();
    }
    resumption->go();
    return true;
  }

 private:
  std::mutex mutex_;
  std::deque<Resumption*> queue_;
};

class ThreadExecutor : public Executor {
 public:
  ThreadExecutor() : thread_([this] { loop(); }) {}
  ~ThreadExecutor() override {
    {
      std::lock_guard lock(mutex_);
      stop_ = true;
    }
    wanted_.notify_one();
    thread_.join();
  }
  void post(Resumption& resumption) noexcept override {
    std::lock_guard lock(mutex_);
    queue_.push_back(&resumption);
    wanted_.notify_one();
  }

  /// co_await executor.enter(): goes on on its thread.
  auto enter() {
    struct Awaiter {
      ThreadExecutor& executor;
      Resumption resumption{};
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> handle) {
        resumption.handle = handle;
        executor.post(resumption);
      }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }

 private:
  void loop() {
    current_ = this;
    std::unique_lock lock(mutex_);
    for (;;) {
      wanted_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      Resumption* resumption = queue_.front();
      queue_.pop_front();
      lock.unlock();
      resumption->go();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wanted_;
  std::deque<Resumption*> queue_;
  bool stop_ = false;
  std::thread thread_;
};

/// A coroutine that runs by itself and owns its frame; for tests with several threads.
struct Fire {
  struct promise_type {
    Fire get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
};

}  // namespace gyre::coro
