#include "gyre/coro/scope.h"

#include "gyre/base/check.h"

namespace gyre::coro {

/// The coroutine that owns a spawned task: starts at once and destroys itself at its end.
struct Scope::Detached {
  struct promise_type {
    // The coroutine's parameters are passed to this constructor by the language.
    promise_type(Scope& owner, Task<void>&) : scope(owner) {}
    static void* operator new(size_t bytes) { return detail::allocate_frame(bytes); }
    static void operator delete(void* frame, size_t bytes) noexcept { detail::free_frame(frame, bytes); }

    /// Frees the frame before the drainer goes on, which may take the scope and all it served with it.
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
        Scope& owner = handle.promise().scope;
        handle.destroy();
        return owner.finished();
      }
      void await_resume() noexcept {}
    };
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { detail::unhandled_exception_in_task(); }

    Scope& scope;
  };
};

Scope::~Scope() { GYRE_CHECK(running_ == 0); }

void Scope::spawn(Task<void> task) {
  ++running_;
  run(*this, std::move(task));
}

Scope::Detached Scope::run(Scope&, Task<void> task) { co_await std::move(task); }

std::coroutine_handle<> Scope::finished() {
  if (--running_ > 0 || !waiter_) return std::noop_coroutine();
  return std::exchange(waiter_, nullptr);
}

}  // namespace gyre::coro
