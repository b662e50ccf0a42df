#include "gyre/exec/stats.h"

#include <algorithm>
#include <cmath>

namespace gyre::exec {

uint64_t LatencyHistogram::bucket_high(unsigned bucket) {
  if (bucket < kSteps) return bucket;
  const unsigned power = bucket >> kStepBits;
  const uint64_t low = (uint64_t{kSteps} | (bucket & (kSteps - 1))) << (power - 1);
  return low + (uint64_t{1} << (power - 1)) - 1;
}

uint64_t LatencyHistogram::percentile(double percent) const {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<uint64_t>(std::max(1.0, std::ceil(percent / 100.0 * static_cast<double>(total_))));
  uint64_t seen = 0;
  for (unsigned i = 0; i < kBuckets; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return bucket_high(i);
  }
  return bucket_high(kBuckets - 1);
}

uint64_t LatencyHistogram::max() const {
  for (unsigned i = kBuckets; i > 0; --i)
    if (counts_[i - 1]) return bucket_high(i - 1);
  return 0;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
  for (unsigned i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  total_ += other.total_;
}

uint64_t LatencyHistogram::count_up_to(uint64_t ticks) const {
  uint64_t sum = 0;
  for (unsigned i = 0; i < kBuckets && bucket_high(i) <= ticks; ++i) sum += counts_[i];
  return sum;
}

void Stats::count_error(std::string_view code) {
  ++total_errors;
  auto it = errors.find(code);
  if (it != errors.end()) {
    ++it->second;
    return;
  }
  // Codes come from clients in the end (scripts, modules): a bounded number of them is kept.
  if (errors.size() >= kMaxErrorCodes) {
    errors_full = true;
    return;
  }
  errors.emplace(std::string(code), 1);
}

void Stats::merge(const Stats& other) {
  for (size_t i = 0; i < commands.size(); ++i) {
    const CommandStats& from = other.commands[i];
    CommandStats& to = commands[i];
    to.calls += from.calls;
    to.ticks += from.ticks;
    to.failed += from.failed;
    to.rejected += from.rejected;
    if (!from.latency) continue;
    if (!to.latency) to.latency = std::make_unique<LatencyHistogram>();
    to.latency->merge(*from.latency);
  }
  for (const auto& [code, count] : other.errors) errors[code] += count;
  errors_full |= other.errors_full;
  total_errors += other.total_errors;
  unexpected_errors += other.unexpected_errors;
}

void Stats::reset() {
  for (CommandStats& command : commands) command = CommandStats();
  errors.clear();
  errors_full = false;
  total_errors = 0;
  unexpected_errors = 0;
}

}  // namespace gyre::exec
