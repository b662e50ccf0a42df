#include "gyre/store/gate.h"

#include <thread>

#include "gyre/base/check.h"

namespace gyre::store {

namespace {

/// Goes on after the executor has looked at its other work.
struct NextTurn {
  coro::Resumption resumption{};
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept {
    resumption.handle = handle;
    coro::Executor::current()->post(resumption);
  }
  void await_resume() const noexcept {}
};

constexpr int kSpins = 200;

}  // namespace

Gate::Gate(unsigned reactors) : reactors_(reactors), slots_(std::make_unique<Slot[]>(reactors)) { opened_.set(); }

bool Gate::anybody_inside() const {
  for (unsigned i = 0; i < reactors_; ++i)
    if (slots_[i].inside.load(std::memory_order_seq_cst)) return true;
  return false;
}

coro::Task<void> Gate::close() {
  co_await closers_.lock();
  opened_.reset();
  closed_.store(true, std::memory_order_seq_cst);
  // Batches end by themselves and never wait for us; their threads run, so a short spin usually suffices.
  for (int spins = 0; anybody_inside(); ++spins) {
    if (spins < kSpins) {
      std::this_thread::yield();
    } else {
      co_await NextTurn{};
    }
  }
}

void Gate::open() {
  GYRE_CHECK(closed_.load(std::memory_order_relaxed));
  closed_.store(false, std::memory_order_seq_cst);
  opened_.set();
  closers_.unlock();
}

}  // namespace gyre::store
