// The reactor's timers: a binary heap by due time, each timer knowing its position.
#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/io/reactor.h"

namespace gyre::io {

Timer::~Timer() {
  if (armed()) reactor_->disarm(*this);
}

void Reactor::place(Timer& timer, size_t position) {
  timers_[position] = &timer;
  timer.position_ = position;
}

void Reactor::sift_up(size_t position) {
  Timer* timer = timers_[position];
  while (position > 0) {
    size_t parent = (position - 1) / 2;
    if (timers_[parent]->due_us_ <= timer->due_us_) break;
    place(*timers_[parent], position);
    position = parent;
  }
  place(*timer, position);
}

void Reactor::sift_down(size_t position) {
  Timer* timer = timers_[position];
  for (;;) {
    size_t child = 2 * position + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->due_us_ < timers_[child]->due_us_) ++child;
    if (timers_[child]->due_us_ >= timer->due_us_) break;
    place(*timers_[child], position);
    position = child;
  }
  place(*timer, position);
}

void Reactor::arm(Timer& timer, int64_t due_us) {
  if (timer.armed()) disarm(timer);
  timer.reactor_ = this;
  timer.due_us_ = due_us;
  timers_.push_back(&timer);
  sift_up(timers_.size() - 1);
}

void Reactor::disarm(Timer& timer) {
  if (!timer.armed()) return;
  GYRE_CHECK(timer.reactor_ == this);
  size_t position = timer.position_;
  Timer* last = timers_.back();
  timers_.pop_back();
  timer.position_ = Timer::kIdle;
  if (last == &timer) return;
  place(*last, position);
  sift_up(position);
  sift_down(last->position_);
}

void Reactor::run_timers() {
  // Bounded: timers that are armed again for a time that has passed must not keep the reactor here.
  for (unsigned n = 0; n < kResumesPerTurn && !timers_.empty(); ++n) {
    Timer* timer = timers_[0];
    if (timer->due_us_ > now_us_) return;
    disarm(*timer);
    timer->fire_(timer->context_);
  }
}

/// Resumed by the event or by the timer, whichever takes the waiter out of the event's list first.
struct Reactor::WaitFor {
  WaitFor(Reactor& r, coro::Event& e, int64_t t)
      : reactor(r), event(e), timeout_us(t), timer(&WaitFor::fire, this) {}

  bool await_ready() const { return event.is_set(); }
  bool await_suspend(std::coroutine_handle<> handle) {
    waiter.resumption.handle = handle;
    waiter.executor = &reactor;
    if (!event.enqueue(waiter)) return false;
    reactor.arm(timer, reactor.now_us() + std::max<int64_t>(timeout_us, 0));
    return true;
  }
  bool await_resume() {
    reactor.disarm(timer);
    return !timed_out;
  }

  static void fire(void* context) {
    auto* self = static_cast<WaitFor*>(context);
    if (!self->event.remove(self->waiter)) return;  // set at the last moment: the resumption is on its way
    self->timed_out = true;
    self->waiter.resumption.handle.resume();
  }

  Reactor& reactor;
  coro::Event& event;
  int64_t timeout_us;
  Timer timer;
  coro::Event::Waiter waiter;
  bool timed_out = false;
};

coro::Task<bool> Reactor::wait_for(coro::Event& event, int64_t timeout_us) {
  co_return co_await WaitFor(*this, event, timeout_us);
}

}  // namespace gyre::io
