#include "gyre/coro/channel.h"

namespace gyre::coro::detail {

void WaitQueue::push(Waiter& waiter) noexcept {
  waiter.next = nullptr;
  if (last_)
    last_->next = &waiter;
  else
    first_ = &waiter;
  last_ = &waiter;
}

WaitQueue::Waiter* WaitQueue::pop() noexcept {
  Waiter* waiter = first_;
  if (!waiter) return nullptr;
  first_ = waiter->next;
  if (!first_) last_ = nullptr;
  return waiter;
}

void WaitQueue::wake(Waiter* waiter) noexcept {
  if (waiter) waiter->executor->post(waiter->resumption);
}

}  // namespace gyre::coro::detail
