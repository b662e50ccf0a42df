// Who waits on a reactor for locks or for the gate: what the watchdog looks at. Kept off the path of commands
// that get what they need at once.
//
// Owner: a reactor's state. Written by its thread; walked by the same thread, also from a signal handler that
// interrupts a change (links are stored in an order that keeps the list whole at each step). oldest() may be
// read by any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "gyre/base/clock.h"

namespace gyre::exec {

class LockSet;
class Session;
struct CommandRow;

class WaitList {
 public:
  enum class For : uint8_t { kShards, kOpenGate, kClosedGate };

  /// One wait, in the frame of the coroutine that waits: from construction to destruction.
  class Wait {
   public:
    /// `row`: null when no command is known so far. `locks`: what is waited for, if it is shards.
    Wait(WaitList& list, const Session& session, const CommandRow* row, For what,
         const LockSet* locks = nullptr)
        : session(session), row(row), what(what), locks(locks), since_ticks(base::ticks() | 1), list_(list) {
      list_.append(*this);
    }
    ~Wait() { list_.remove(*this); }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    const Wait* next() const { return next_.load(std::memory_order_acquire); }

    const Session& session;
    const CommandRow* const row;
    const For what;
    const LockSet* const locks;
    const uint64_t since_ticks;

   private:
    friend class WaitList;
    WaitList& list_;
    std::atomic<Wait*> next_{nullptr};
    Wait* before_ = nullptr;
  };

  /// The own thread only.
  const Wait* first() const { return first_.load(std::memory_order_acquire); }
  /// When the longest wait began, in ticks; 0 when nobody waits. Any thread.
  uint64_t oldest() const { return oldest_.load(std::memory_order_relaxed); }

 private:
  void append(Wait& wait) {
    wait.before_ = last_;
    (last_ ? last_->next_ : first_).store(&wait, std::memory_order_release);
    if (!last_) oldest_.store(wait.since_ticks, std::memory_order_relaxed);
    last_ = &wait;
  }
  void remove(Wait& wait) {
    Wait* after = wait.next_.load(std::memory_order_relaxed);
    (wait.before_ ? wait.before_->next_ : first_).store(after, std::memory_order_release);
    (after ? after->before_ : last_) = wait.before_;
    if (!wait.before_) oldest_.store(after ? after->since_ticks : 0, std::memory_order_relaxed);
  }

  std::atomic<Wait*> first_{nullptr};
  Wait* last_ = nullptr;
  std::atomic<uint64_t> oldest_{0};
};

}  // namespace gyre::exec
