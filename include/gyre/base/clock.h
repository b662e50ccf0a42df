// Time. Three clocks, all injected where tests need it (io::Reactor holds the current turn's value):
//  - wall time in milliseconds or microseconds since the epoch: what expiry and replies use;
//  - monotonic microseconds: timers;
//  - ticks: the cheapest counter of the machine (TSC on x86-64), for per-command durations. One read is
//    about 10 ns; ticks_to_us() converts with a factor measured once at start.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace gyre::base {

int64_t wall_us();
inline int64_t wall_ms() { return wall_us() / 1000; }
int64_t monotonic_us();

inline uint64_t ticks() {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value));
  return value;
#else
  return static_cast<uint64_t>(monotonic_us());
#endif
}

/// Ticks in one microsecond (at least 1). Measured on first use (about 5 ms), then constant.
double ticks_per_us();
inline uint64_t ticks_to_ns(uint64_t t) { return static_cast<uint64_t>(static_cast<double>(t) * 1000.0 / ticks_per_us()); }

}  // namespace gyre::base
