#include "gyre/base/clock.h"

#include <time.h>

namespace gyre::base {
namespace {

int64_t read_ns(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

struct Pair {
  uint64_t ticks;
  int64_t ns;
};

// Both clocks at the same instant: of several tries the one with the least time around it, because the thread
// may lose its core between two reads.
Pair read_pair() {
  Pair best{};
  uint64_t best_gap = UINT64_MAX;
  for (int i = 0; i < 8; ++i) {
    const uint64_t before = ticks();
    const int64_t ns = read_ns(CLOCK_MONOTONIC);
    const uint64_t gap = ticks() - before;
    if (gap >= best_gap) continue;
    best_gap = gap;
    best = {before + gap / 2, ns};
  }
  return best;
}

double measure_ticks_per_us() {
  constexpr int64_t kMeasureNs = 5'000'000;
  const Pair start = read_pair();
  // Busy, not asleep: a core that wakes up may need long for its first reads.
  while (read_ns(CLOCK_MONOTONIC) - start.ns < kMeasureNs) {
  }
  const Pair end = read_pair();
  const double rate =
      static_cast<double>(end.ticks - start.ticks) * 1000.0 / static_cast<double>(end.ns - start.ns);
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
