// A Scope owns background coroutines: it counts them, can ask them to stop, and is drained before what they
// use goes away (the destructor checks). One thread: the executor's on which tasks are spawned.
#pragma once

#include <cstddef>

#include "gyre/coro/executor.h"
#include "gyre/coro/task.h"

namespace gyre::coro {

class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();  // CHECK: drained

  /// Runs `task` up to its first suspension now; it goes on by itself. Its parameters must be its own.
  void spawn(Task<void> task);

  /// Asks everybody to stop; tasks look at stopping() after each wait. Idempotent.
  void request_stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }

  /// Completes when no task is left. At most one coroutine waits here.
  auto drained() {
    struct Awaiter {
      Scope& scope;
      bool await_ready() const { return scope.running_ == 0; }
      void await_suspend(std::coroutine_handle<> h) { scope.waiter_ = h; }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }
  size_t running() const { return running_; }

 private:
  struct Detached;
  static Detached run(Scope& scope, Task<void> task);
  std::coroutine_handle<> finished();  // who goes on: the drainer after the last task

  size_t running_ = 0;
  bool stopping_ = false;
  std::coroutine_handle<> waiter_;
};

}  // namespace gyre::coro
