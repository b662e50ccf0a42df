// A spin lock over an atomic word, for lists held for a few instructions. Private to the coroutine
// primitives.
#pragma once

#include <atomic>
#include <cstdint>

#include <sched.h>

namespace gyre::coro::detail {

inline void cpu_relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

class SpinGuard {
 public:
  explicit SpinGuard(std::atomic<uint32_t>& word) noexcept : word_(word) {
    for (unsigned spins = 0; word_.exchange(1, std::memory_order_acquire) != 0; ++spins) {
      // The holder may have lost its core (fewer cores than threads): then spinning only delays it.
      while (word_.load(std::memory_order_relaxed) != 0) {
        if (++spins < 256)
          cpu_relax();
        else
          sched_yield();
      }
    }
  }
  SpinGuard(const SpinGuard&) = delete;
  ~SpinGuard() { word_.store(0, std::memory_order_release); }

 private:
  std::atomic<uint32_t>& word_;
};

}  // namespace gyre::coro::detail
