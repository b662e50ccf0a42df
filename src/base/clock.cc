#include "gyre/base/clock.h"

#include <time.h>

namespace gyre::base {
namespace {

int64_t read_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

double measure_ticks_per_us() {
  constexpr int64_t kMeasureNs = 5'000'000;
  const int64_t start_ns = read_ns(CLOCK_MONOTONIC);
  const uint64_t start_ticks = ticks();
  int64_t elapsed_ns = 0;
  uint64_t elapsed_ticks = 0;
  // Busy, not asleep: a sleeping core may read the two clocks far apart when it wakes up.
  while (elapsed_ns < kMeasureNs) {
    elapsed_ticks = ticks() - start_ticks;
    elapsed_ns = read_ns(CLOCK_MONOTONIC) - start_ns;
  }
  const double rate = static_cast<double>(elapsed_ticks) * 1000.0 / static_cast<double>(elapsed_ns);
  return rate < 1.0 ? 1.0 : rate;
}

}  // namespace

int64_t wall_us() { return read_ns(CLOCK_REALTIME) / 1000; }

int64_t monotonic_us() { return read_ns(CLOCK_MONOTONIC) / 1000; }

double ticks_per_us() {
  static const double rate = measure_ticks_per_us();
  return rate;
}

}  // namespace gyre::base
