// Where a suspended coroutine goes on. Every primitive here remembers the executor (a reactor) on which a
// waiter suspended and gives the waiter back to it, so that a coroutine never changes threads by surprise.
#pragma once

#include <coroutine>

namespace gyre::coro {

/// A resumption in transit. Lives in the awaiter (so in the suspended frame): posting never allocates.
struct Resumption {
  Resumption* next = nullptr;
  std::coroutine_handle<> handle;
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// Resumes `resumption.handle` on this executor's thread, soon, in order of posting. Any thread. The
  /// resumption belongs to the executor until the handle is resumed.
  virtual void post(Resumption& resumption) noexcept = 0;

  /// The executor whose thread this is, or nullptr outside a reactor.
  static Executor* current() noexcept { return current_; }

 protected:
  static thread_local constinit Executor* current_;
};

}  // namespace gyre::coro
