// Task<T>: a lazy coroutine with one owner. It starts when awaited (or when a Scope spawns it), resumes its
// awaiter by symmetric transfer, and its frame dies with the Task object. Frames come from a pool of the
// thread that creates them.
//
// Rules: never a capturing lambda; spawned tasks take their
// parameters by value; an exception that leaves a task aborts the process.
#pragma once

#include <coroutine>
#include <cstddef>
#include <optional>
#include <utility>

#include "gyre/base/check.h"

namespace gyre::coro {

namespace detail {

/// Pooled frame memory. Frames up to 4 KiB are kept in per-thread free lists by 64-byte classes; a frame
/// freed on another thread goes to that thread's list. live_frames() counts over all threads.
void* allocate_frame(size_t bytes);
void free_frame(void* frame, size_t bytes) noexcept;
[[noreturn]] void unhandled_exception_in_task() noexcept;

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();

  static void* operator new(size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, size_t bytes) noexcept { free_frame(frame, bytes); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> handle) noexcept {
      return handle.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { unhandled_exception_in_task(); }
};

}  // namespace detail

/// Frames alive in the process; tests compare it before and after.
size_t live_frames();

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::PromiseBase {
    std::optional<T> value;
    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    template <class U>
    void return_value(U&& v) { value.emplace(std::forward<U>(v)); }
    T take() { return std::move(*value); }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept { std::swap(handle_, other.handle_); return *this; }
  ~Task() { if (handle_) handle_.destroy(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() { return handle.promise().take(); }
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <>
class [[nodiscard]] Task<void> {
 public:
  struct promise_type : detail::PromiseBase {
    Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_void() noexcept {}
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept { std::swap(handle_, other.handle_); return *this; }
  ~Task() { if (handle_) handle_.destroy(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      void await_resume() noexcept {}
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace gyre::coro
