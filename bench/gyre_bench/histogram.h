// Latency histograms with bounded relative error: log-linear buckets as in HdrHistogram (128 per power of
// two, so a bucket is at most 0.79% wide), from 1 ns to about 18 minutes in 34 KiB. Larger values count in
// the last bucket; count, sum and maximum are exact.
//
// Histogram is a plain value. LiveHistogram is written by one thread while others take snapshots.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gyre::bench {

namespace buckets {

inline constexpr unsigned kSubBits = 7;
inline constexpr unsigned kMaxExponent = 39;
inline constexpr uint64_t kLargest = (uint64_t{1} << (kMaxExponent + 1)) - 1;
inline constexpr size_t kCount = (size_t{kMaxExponent - kSubBits} << kSubBits) + (size_t{2} << kSubBits);

/// The bucket of a value: its 8 leading bits, and how far they were shifted.
inline size_t index_of(uint64_t value) {
  if (value > kLargest) value = kLargest;
  const unsigned exponent = static_cast<unsigned>(std::bit_width(value | 1)) - 1;
  const unsigned shift = exponent > kSubBits ? exponent - kSubBits : 0;
  return (size_t{shift} << kSubBits) + static_cast<size_t>(value >> shift);
}
/// The smallest and the largest value of a bucket.
uint64_t lowest(size_t index);
uint64_t highest(size_t index);

}  // namespace buckets

class Histogram {
 public:
  Histogram() : counts_(std::make_unique<Counts>()) {}
  Histogram(const Histogram& other) : Histogram() { *this = other; }
  Histogram& operator=(const Histogram& other);
  Histogram(Histogram&&) noexcept = default;
  Histogram& operator=(Histogram&&) noexcept = default;

  void record(uint64_t value, uint64_t times = 1);
  void add(const Histogram& other);
  /// What was recorded since `earlier`, an older snapshot of the same histogram. The maximum of the
  /// difference is known to a bucket only.
  Histogram since(const Histogram& earlier) const;

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }
  /// The value that `percent` of the recorded ones do not exceed (0 to 100), to a bucket's middle; 0 when
  /// empty.
  uint64_t percentile(double percent) const;

 private:
  friend class LiveHistogram;
  using Counts = std::array<uint64_t, buckets::kCount>;
  std::unique_ptr<Counts> counts_;
  uint64_t count_ = 0, sum_ = 0, max_ = 0;
};

class LiveHistogram {
 public:
  LiveHistogram() : counts_(std::make_unique<Counts>()) {}

  /// The owning thread only: plain loads and stores, no locked instruction.
  void record(uint64_t value) {
    bump((*counts_)[buckets::index_of(value)], 1);
    bump(sum_, value);
    if (value > max_.load(std::memory_order_relaxed)) max_.store(value, std::memory_order_relaxed);
  }
  /// Any thread; what is recorded meanwhile may or may not be in it.
  void add_to(Histogram* into) const;
  /// While nobody records.
  void clear();

 private:
  using Counts = std::array<std::atomic<uint64_t>, buckets::kCount>;
  static void bump(std::atomic<uint64_t>& counter, uint64_t by) {
    counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }
  std::unique_ptr<Counts> counts_;
  std::atomic<uint64_t> sum_{0}, max_{0};
};

}  // namespace gyre::bench
