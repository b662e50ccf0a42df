// Channel<T>: a bounded queue between coroutines, any executors. send() waits while it is full (I8: the bound
// is the constructor's, and the decision at the bound is "wait"), receive() while it is empty; close() ends
// both: senders get false, receivers drain what is left and then get nullopt.
#pragma once

#include <coroutine>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "gyre/coro/executor.h"
#include "gyre/coro/task.h"

namespace gyre::coro {

namespace detail {
/// FIFO of suspended coroutines, guarded by the channel's mutex.
class WaitQueue {
 public:
  struct Waiter { Waiter* next = nullptr; Resumption resumption; Executor* executor = nullptr; };
  void push(Waiter& waiter) noexcept;
  Waiter* pop() noexcept;
  bool empty() const { return first_ == nullptr; }
  static void wake(Waiter* waiter) noexcept;

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};
}  // namespace detail

template <class T>
class Channel {
 public:
  explicit Channel(size_t capacity) : capacity_(capacity) {}

  bool try_send(T& item) {
    detail::WaitQueue::Waiter* woken;
    {
      std::lock_guard lock(mutex_);
      if (closed_ || items_.size() >= capacity_) return false;
      items_.push_back(std::move(item));
      woken = receivers_.pop();
    }
    detail::WaitQueue::wake(woken);
    return true;
  }
  /// False when the channel is closed; the item is then lost.
  Task<bool> send(T item) {
    while (!try_send(item)) {
      if (closed()) co_return false;
      co_await Wait{*this, senders_, /*for_space=*/true};
    }
    co_return true;
  }
  std::optional<T> try_receive() {
    std::optional<T> item;
    detail::WaitQueue::Waiter* woken = nullptr;
    {
      std::lock_guard lock(mutex_);
      if (items_.empty()) return item;
      item.emplace(std::move(items_.front()));
      items_.pop_front();
      woken = senders_.pop();
    }
    detail::WaitQueue::wake(woken);
    return item;
  }
  Task<std::optional<T>> receive() {
    for (;;) {
      if (auto item = try_receive()) co_return item;
      if (closed()) co_return try_receive();
      co_await Wait{*this, receivers_, /*for_space=*/false};
    }
  }
  void close() {
    for (;;) {
      detail::WaitQueue::Waiter* woken;
      {
        std::lock_guard lock(mutex_);
        closed_ = true;
        woken = receivers_.pop();
        if (!woken) woken = senders_.pop();
      }
      if (!woken) return;
      detail::WaitQueue::wake(woken);
    }
  }
  bool closed() const { std::lock_guard lock(mutex_); return closed_; }
  size_t size() const { std::lock_guard lock(mutex_); return items_.size(); }

 private:
  struct Wait {
    Channel& channel;
    detail::WaitQueue& queue;
    bool for_space;
    detail::WaitQueue::Waiter waiter{};
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) {
      std::lock_guard lock(channel.mutex_);
      bool ready = channel.closed_ || (for_space ? channel.items_.size() < channel.capacity_ : !channel.items_.empty());
      if (ready) return false;
      waiter.resumption.handle = handle;
      waiter.executor = Executor::current();
      queue.push(waiter);
      return true;
    }
    void await_resume() const noexcept {}
  };

  const size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<T> items_;
  bool closed_ = false;
  detail::WaitQueue senders_, receivers_;
};

}  // namespace gyre::coro
