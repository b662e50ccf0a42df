// Statistics on the measured path: calls, time, failures and a latency histogram per command, errors by code. One object
// per reactor, written by it alone without atomics while it is inside the gate; read and reset by others only with the
// gate closed (INFO, LATENCY HISTOGRAM, CONFIG RESETSTAT run so). What a periodic task reads from outside is in Live.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gyre/store/shard.h"

namespace gyre::exec {

/// Log-linear histogram of durations in ticks: 32 steps per power of two (3% wide), 40 powers. About 3 ns to add.
class LatencyHistogram {
 public:
  static constexpr unsigned kStepBits = 5, kSteps = 1u << kStepBits, kPowers = 40;
  void add(uint64_t ticks) {
    ++counts_[bucket_of(ticks)];
    ++total_;
  }
  uint64_t total() const { return total_; }
  /// Highest value (ticks) of the bucket that holds the given percentile; 0 when empty.
  uint64_t percentile(double percent) const;
  uint64_t max() const;
  void merge(const LatencyHistogram& other);
  /// Number of values <= ticks, by whole buckets.
  uint64_t count_up_to(uint64_t ticks) const;

  static unsigned bucket_of(uint64_t v) {
    if (v < kSteps) return static_cast<unsigned>(v);
    const unsigned power = static_cast<unsigned>(std::bit_width(v)) - kStepBits;   // >= 1
    const unsigned index = (power << kStepBits) + static_cast<unsigned>((v >> (power - 1)) & (kSteps - 1));
    return index < kBuckets ? index : kBuckets - 1;
  }
  static uint64_t bucket_high(unsigned bucket);
  static constexpr unsigned kBuckets = kSteps * kPowers;

 private:
  std::array<uint32_t, kBuckets> counts_{};
  uint64_t total_ = 0;
};

struct CommandStats {
  uint64_t calls = 0, ticks = 0, failed = 0, rejected = 0;
  std::unique_ptr<LatencyHistogram> latency;   // made with the first call
};

class Stats {
 public:
  explicit Stats(size_t rows) : commands(rows) {}

  std::vector<CommandStats> commands;          // by row id
  std::map<std::string, uint64_t, std::less<>> errors;  // by code, at most kMaxErrorCodes
  static constexpr size_t kMaxErrorCodes = 128;         // as Redis: more and counting stops
  bool errors_full = false;
  bool track_latency = true;                   // latency-tracking
  uint64_t total_errors = 0;
  uint64_t unexpected_errors = 0;

  /// Readable at any time.
  struct alignas(64) Live {
    store::Counter commands, bytes_in, bytes_out, slow_path, lock_waits, gate_waits;
    store::Counter changes;   // to the data set, by commands
  } live;

  void count_error(std::string_view code);
  /// Adds what another counted, but for `live`.
  void merge(const Stats& other);
  void reset();
};

}  // namespace gyre::exec
