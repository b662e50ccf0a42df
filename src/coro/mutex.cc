#include "gyre/coro/mutex.h"

#include "gyre/base/check.h"
#include "spin_lock.h"

namespace gyre::coro {

using detail::SpinGuard;

bool Mutex::try_lock_slow(uint32_t seen) noexcept {
  while (!(seen & kLocked)) {
    if (word_.compare_exchange_weak(seen, seen | kLocked, std::memory_order_acquire,
                                    std::memory_order_relaxed))
      return true;
  }
  contentions_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

// While kLocked is set nobody else frees the word or sets kWaking, and kWaiters changes under list_lock_
// only; so once list_lock_ is held here the word stands still and may be stored to.
void Mutex::unlock_slow() noexcept {
  uint32_t seen = word_.load(std::memory_order_relaxed);
  while (!(seen & kWaiters) || (seen & kWaking)) {
    if (word_.compare_exchange_weak(seen, seen & ~kLocked, std::memory_order_release,
                                    std::memory_order_relaxed))
      return;
  }
  Waiter* waiter;
  {
    SpinGuard guard(list_lock_);
    waiter = first_;
    first_ = waiter->behind;
    if (!first_) last_ = nullptr;
    const uint32_t waiters = first_ ? kWaiters : 0;
    if (waiter->losses >= kLossesToHandOver) {
      waiter->owner = true;
      word_.store(kLocked | waiters, std::memory_order_relaxed);
    } else {
      word_.store(kWaking | waiters, std::memory_order_release);
    }
  }
  waiter->executor->post(*waiter);
}

// Takes the lock if it is free, else queues. `clear`: kWaking when the waiter is the one that was woken. The
// list is sorted by losses, so the first waiter is always the one that lost most and nobody is overtaken for
// ever.
bool Mutex::acquire_or_queue(Waiter& waiter, uint32_t clear) noexcept {
  SpinGuard guard(list_lock_);
  uint32_t seen = word_.load(std::memory_order_relaxed);
  for (;;) {
    if (!(seen & kLocked)) {
      if (word_.compare_exchange_weak(seen, (seen | kLocked) & ~clear, std::memory_order_acquire,
                                      std::memory_order_relaxed))
        return true;
    } else if (word_.compare_exchange_weak(seen, (seen | kWaiters) & ~clear, std::memory_order_relaxed,
                                           std::memory_order_relaxed)) {
      break;
    }
  }
  Waiter** place = &first_;
  if (waiter.losses == 0 && last_) place = &last_->behind;
  while (*place && (*place)->losses >= waiter.losses) place = &(*place)->behind;
  waiter.behind = *place;
  *place = &waiter;
  if (!waiter.behind) last_ = &waiter;
  return false;
}

bool Mutex::enqueue(Waiter& waiter) noexcept { return !acquire_or_queue(waiter, 0); }

void Mutex::woken(Resumption& resumption) {
  auto& waiter = static_cast<Waiter&>(resumption);
  if (!waiter.owner) {
    ++waiter.losses;  // counted before queueing: the list is sorted by it
    if (!waiter.mutex->acquire_or_queue(waiter, kWaking)) return;
    waiter.owner = true;
  }
  waiter.handle.resume();
}

bool Mutex::spin_lock() noexcept {
  // 32 pauses are 0.5 to 2 us on current processors; longer waits are cheaper in the queue.
  for (int i = 0; i < 32; ++i) {
    detail::cpu_relax();
    uint32_t seen = word_.load(std::memory_order_relaxed);
    if (!(seen & kLocked) &&
        word_.compare_exchange_strong(seen, seen | kLocked, std::memory_order_acquire, std::memory_order_relaxed))
      return true;
  }
  return false;
}

bool Mutex::Awaiter::await_ready() noexcept { return waiter_.owner = mutex_.try_lock() || mutex_.spin_lock(); }

bool Mutex::Awaiter::await_suspend(std::coroutine_handle<> handle) noexcept {
  waiter_.handle = handle;
  waiter_.run = &Mutex::woken;
  waiter_.mutex = &mutex_;
  waiter_.executor = Executor::current();
  GYRE_CHECK(waiter_.executor != nullptr);
  if (mutex_.enqueue(waiter_)) return true;
  waiter_.owner = true;
  return false;
}

void Mutex::Awaiter::await_resume() noexcept { GYRE_CHECK(waiter_.owner); }

}  // namespace gyre::coro
