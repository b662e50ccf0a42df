#include "gyre/coro/event.h"

#include "gyre/base/check.h"
#include "spin_lock.h"

namespace gyre::coro {

using detail::SpinGuard;

Event::~Event() { SpinGuard guard(list_lock_); }

void Event::set() noexcept {
  Waiter* newest;
  {
    // set_ changes under the lock, so that the destructor of a waiter that saw it waits for us to let go.
    SpinGuard guard(list_lock_);
    set_.store(true, std::memory_order_release);
    newest = first_;
    first_ = nullptr;
  }
  Waiter* oldest = nullptr;
  while (newest) {
    Waiter* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest) {
    Waiter* next = oldest->next;  // post() gives the waiter away
    oldest->executor->post(oldest->resumption);
    oldest = next;
  }
}

bool Event::enqueue(Waiter& waiter) noexcept {
  SpinGuard guard(list_lock_);
  if (set_.load(std::memory_order_acquire)) return false;
  waiter.next = first_;
  first_ = &waiter;
  return true;
}

bool Event::remove(Waiter& waiter) noexcept {
  SpinGuard guard(list_lock_);
  for (Waiter** place = &first_; *place; place = &(*place)->next) {
    if (*place != &waiter) continue;
    *place = waiter.next;
    return true;
  }
  return false;
}

bool Event::Awaiter::await_suspend(std::coroutine_handle<> handle) noexcept {
  waiter_.resumption.handle = handle;
  waiter_.executor = Executor::current();
  GYRE_CHECK(waiter_.executor != nullptr);
  return event_.enqueue(waiter_);
}

}  // namespace gyre::coro
