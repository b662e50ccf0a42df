// The keyspace gate. Every reactor is inside while it runs a batch of commands; whoever needs everything (FLUSHALL,
// SWAPDB, KEYS, the cut of a snapshot, EXEC over such commands) closes the gate: O(threads), not O(shards).
//
// Inside: one flag per reactor on its own cache line. enter() publishes the flag and then looks at `closed_`; close()
// publishes `closed_` and then looks at the flags. Both are sequentially consistent, so one of them sees the other
// (Dekker): never both a reactor inside and a closer that believes it is alone.
//
// A coroutine never suspends inside (it leaves first); so a closer waits for running batches only, which is
// microseconds, and polls for them a turn at a time.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "gyre/coro/event.h"
#include "gyre/coro/mutex.h"
#include "gyre/coro/task.h"

namespace gyre::store {

class __attribute__((capability("gate"))) Gate {
 public:
  explicit Gate(unsigned reactors);

  /// True: this reactor is inside until leave(). False: the gate is closed; co_await opened() and try again.
  bool try_enter(unsigned reactor) noexcept {
    std::atomic<bool>& inside = slots_[reactor].inside;
    inside.store(true, std::memory_order_seq_cst);
    if (!closed_.load(std::memory_order_seq_cst)) [[likely]] return true;
    inside.store(false, std::memory_order_release);
    return false;
  }
  void leave(unsigned reactor) noexcept { slots_[reactor].inside.store(false, std::memory_order_release); }
  bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  /// Completes when the gate is open (it may be closed again by then).
  coro::Event::Awaiter opened() noexcept { return opened_.wait(); }

  /// Closes the gate and waits until nobody is inside; the caller is alone with the keyspace until open().
  /// Closers queue. The caller must not be inside, and holds no shard.
  coro::Task<void> close();
  /// For threads that are no reactors (shutdown, tests): false if closed by another.
  void open();

 private:
  struct alignas(64) Slot {
    std::atomic<bool> inside{false};
  };
  bool anybody_inside() const;

  const unsigned reactors_;
  std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<bool> closed_{false};
  coro::Event opened_;
  coro::Mutex closers_;
};

}  // namespace gyre::store
