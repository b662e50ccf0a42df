// Where a suspended coroutine goes on. Every primitive here remembers the executor (a reactor) on which a
// waiter suspended and gives the waiter back to it, so that a coroutine never changes threads by surprise.
#pragma once

#include <coroutine>

namespace gyre::coro {

/// A resumption in transit. Lives in the awaiter (so in the suspended frame): posting never allocates.
/// Executors call go(). `run` is for waiters that must look again before they go on (a mutex's waiter that may
/// have lost the race); it then resumes the handle itself or keeps it suspended.
struct Resumption {
  Resumption* next = nullptr;
  std::coroutine_handle<> handle;
  void (*run)(Resumption& self) = nullptr;

  void go() {
    if (run) run(*this);
    else handle.resume();
  }
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// Calls resumption.go() on this executor's thread, soon, in order of posting. Any thread. The
  /// resumption belongs to the executor until go() is called.
  virtual void post(Resumption& resumption) noexcept = 0;

  /// The executor whose thread this is, or nullptr outside a reactor.
  static Executor* current() noexcept { return current_; }

 protected:
  static thread_local constinit Executor* current_;
};

}  // namespace gyre::coro
