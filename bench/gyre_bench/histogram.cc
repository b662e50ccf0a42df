#include "histogram.h"

#include <algorithm>
#include <cmath>

namespace gyre::bench {

namespace buckets {

uint64_t lowest(size_t index) {
  const size_t block = index >> kSubBits;
  const unsigned shift = block <= 1 ? 0 : static_cast<unsigned>(block - 1);
  return static_cast<uint64_t>(index - (size_t{shift} << kSubBits)) << shift;
}

uint64_t highest(size_t index) { return index + 1 == kCount ? kLargest : lowest(index + 1) - 1; }

}  // namespace buckets

Histogram& Histogram::operator=(const Histogram& other) {
  if (this == &other) return *this;
  *counts_ = *other.counts_;
  count_ = other.count_;
  sum_ = other.sum_;
  max_ = other.max_;
  return *this;
}

void Histogram::record(uint64_t value, uint64_t times) {
  (*counts_)[buckets::index_of(value)] += times;
  count_ += times;
  sum_ += value * times;
  max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) {
  for (size_t i = 0; i < buckets::kCount; ++i) (*counts_)[i] += (*other.counts_)[i];
  count_ += other.count_;
  sum_ += other.sum_;
  max_ = std::max(max_, other.max_);
}

Histogram Histogram::since(const Histogram& earlier) const {
  Histogram difference;
  size_t last = 0;
  for (size_t i = 0; i < buckets::kCount; ++i) {
    const uint64_t n = (*counts_)[i] - std::min((*counts_)[i], (*earlier.counts_)[i]);
    (*difference.counts_)[i] = n;
    difference.count_ += n;
    if (n != 0) last = i;
  }
  difference.sum_ = sum_ - std::min(sum_, earlier.sum_);
  if (difference.count_ != 0) difference.max_ = std::min(max_, buckets::highest(last));
  return difference;
}

uint64_t Histogram::percentile(double percent) const {
  if (count_ == 0) return 0;
  // The small subtrahend keeps 99.9% of 1000 from becoming 999.0000000001, hence the 1000th.
  const double exact = percent / 100.0 * static_cast<double>(count_);
  const auto rank = std::clamp<uint64_t>(static_cast<uint64_t>(std::ceil(exact - 1e-6)), 1, count_);
  if (rank == count_) return max_;
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets::kCount; ++i) {
    seen += (*counts_)[i];
    if (seen >= rank) return std::min(max_, (buckets::lowest(i) + buckets::highest(i)) / 2);
  }
  return max_;
}

void LiveHistogram::add_to(Histogram* into) const {
  for (size_t i = 0; i < buckets::kCount; ++i) {
    const uint64_t n = (*counts_)[i].load(std::memory_order_relaxed);
    (*into->counts_)[i] += n;
    into->count_ += n;
  }
  into->sum_ += sum_.load(std::memory_order_relaxed);
  into->max_ = std::max(into->max_, max_.load(std::memory_order_relaxed));
}

void LiveHistogram::clear() {
  for (auto& n : *counts_) n.store(0, std::memory_order_relaxed);
  sum_.store(0, std::memory_order_relaxed);
  max_.store(0, std::memory_order_relaxed);
}

}  // namespace gyre::bench
