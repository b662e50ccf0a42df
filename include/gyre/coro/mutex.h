// A mutex between coroutines of all reactors: what guards a shard. Uncontended it is one atomic operation to
// take and one to release. Contended: spin about 1 us, then the coroutine queues and its thread serves others.
//
// Unlock does not hand over: it frees the word and wakes the first waiter, who competes again. A hand-over would
// turn a hot shard into one command per wake-up. A waiter that lost kLossesToHandOver times is handed the
// lock, so nobody starves. Background holders poll contended() and let go.
//
// Memory order: try_lock acquires, unlock releases. The waiters bit and the locked bit share one word, so
// that "unlock, then see whether somebody waits" is one atomic operation and no wake-up is lost. The waiters bit
// changes only under list_lock_ and is set exactly while the list is not empty. The waking bit says that a waiter
// was woken and has not yet looked: until it has, further unlocks wake nobody (that waiter's own unlock, or the
// unlock of whoever beat it, wakes the next one), so a hot lock costs one wake-up at a time.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>

#include "gyre/coro/executor.h"

namespace gyre::coro {

class __attribute__((capability("mutex"))) Mutex {
 public:
  static constexpr uint32_t kLossesToHandOver = 8;

  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  bool try_lock() noexcept {
    uint32_t expected = 0;
    if (word_.compare_exchange_strong(expected, kLocked, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
    return try_lock_slow(expected);
  }
  /// After try_lock() failed: tries for about 1 us more, for who would lose much by queueing.
  bool spin_lock() noexcept;
  void unlock() noexcept {
    uint32_t expected = kLocked;
    if (!word_.compare_exchange_strong(expected, 0, std::memory_order_release, std::memory_order_relaxed))
      unlock_slow();
  }
  /// Somebody waits. Relaxed: a hint for background holders.
  bool contended() const noexcept { return word_.load(std::memory_order_relaxed) & (kWaiters | kWaking); }
  bool locked() const noexcept { return word_.load(std::memory_order_relaxed) & kLocked; }
  /// Times a try_lock found the lock taken, for the contention counter in INFO.
  uint64_t contentions() const noexcept { return contentions_.load(std::memory_order_relaxed); }

  class Awaiter;
  /// co_await lock(): holds the mutex on return, on the same executor. Requires an executor.
  Awaiter lock() noexcept;

 private:
  friend class Awaiter;
  static constexpr uint32_t kLocked = 1, kWaiters = 2, kWaking = 4;
  struct Waiter : Resumption {
    Waiter* behind = nullptr;                  // next in the list
    Mutex* mutex = nullptr;
    Executor* executor = nullptr;
    uint32_t losses = 0;
    bool owner = false;                        // the lock is ours (handed over, or won after a wake-up)
  };

  bool try_lock_slow(uint32_t seen) noexcept;  // barging while waiters queue is allowed
  void unlock_slow() noexcept;
  bool enqueue(Waiter& waiter) noexcept;       // false: got the lock instead
  bool acquire_or_queue(Waiter& waiter, uint32_t clear) noexcept;
  static void woken(Resumption& resumption);

  std::atomic<uint32_t> word_{0};
  std::atomic<uint32_t> list_lock_{0};         // spin lock of the list, held for a few instructions
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::atomic<uint64_t> contentions_{0};
};

class Mutex::Awaiter {
 public:
  explicit Awaiter(Mutex& mutex) : mutex_(mutex) {}
  bool await_ready() noexcept;  // spins about 1 us
  bool await_suspend(std::coroutine_handle<> handle) noexcept;
  void await_resume() noexcept;

 private:
  friend class Mutex;
  Mutex& mutex_;
  Waiter waiter_;
};

inline Mutex::Awaiter Mutex::lock() noexcept { return Awaiter(*this); }

}  // namespace gyre::coro
