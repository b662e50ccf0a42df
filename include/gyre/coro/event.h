// Event: coroutines wait until it is set. Set from any thread; each waiter resumes on its own executor.
// Manual reset. wait_for() with a deadline is in gyre/io (timers live there).
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>

#include "gyre/coro/executor.h"

namespace gyre::coro {

class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  /// May run on one thread while the set() that it was waiting for still returns on another: waits for that.
  ~Event();

  bool is_set() const noexcept { return set_.load(std::memory_order_acquire); }
  /// Sets and wakes all waiters. Any thread.
  void set() noexcept;
  void reset() noexcept { set_.store(false, std::memory_order_release); }

  class Awaiter;
  Awaiter wait() noexcept;
  Awaiter operator co_await() noexcept;

  /// For awaiters elsewhere (a wait with a deadline). The waiter must stay until it was resumed or removed.
  struct Waiter {
    Waiter* next = nullptr;
    Resumption resumption;
    Executor* executor = nullptr;
  };
  bool enqueue(Waiter& waiter) noexcept;  // false: already set
  /// True: it will not be resumed. False: set() has taken it, its resumption is on the way.
  bool remove(Waiter& waiter) noexcept;

 private:
  std::atomic<bool> set_{false};
  std::atomic<uint32_t> list_lock_{0};
  Waiter* first_ = nullptr;
};

class Event::Awaiter {
 public:
  explicit Awaiter(Event& event) : event_(event) {}
  bool await_ready() const noexcept { return event_.is_set(); }
  bool await_suspend(std::coroutine_handle<> handle) noexcept;
  void await_resume() const noexcept {}

 private:
  Event& event_;
  Waiter waiter_;
};

inline Event::Awaiter Event::wait() noexcept { return Awaiter(*this); }
inline Event::Awaiter Event::operator co_await() noexcept { return Awaiter(*this); }

}  // namespace gyre::coro
