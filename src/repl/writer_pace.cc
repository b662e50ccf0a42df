#include "gyre/repl/writer_pace.h"

#include <algorithm>

namespace gyre::repl {

namespace {

constexpr int64_t kUpdateUs = 1'000;
/// What may be written at once, and how long a large write is held against those that follow.
constexpr int64_t kBurstUs = 10'000, kDebtUs = 100'000;

uint64_t bytes_in(int64_t us, uint64_t rate) {
  return static_cast<uint64_t>(static_cast<double>(us) * static_cast<double>(rate) / 1e6);
}

}  // namespace

uint64_t WriterPace::rate(uint64_t behind, uint64_t limit, uint64_t horizon_s) {
  if (behind < limit / 2) return kNoLimit;
  return std::max(behind < limit ? (limit - behind) / horizon_s : 0, kLeastRate);
}

bool WriterPace::due(int64_t now_us) {
  int64_t last = updated_us_.load(std::memory_order_relaxed);
  return now_us - last >= kUpdateUs && updated_us_.compare_exchange_strong(last, now_us, std::memory_order_acquire);
}

bool WriterPace::update(uint64_t head, uint64_t rate, int64_t now_us) {
  const bool was_active = active();
  if (rate == kNoLimit) {
    active_.store(false, std::memory_order_relaxed);
    return was_active;
  }
  uint64_t until = head;
  if (was_active) {
    until = until_.load(std::memory_order_relaxed) + bytes_in(now_us - counted_us_, rate);
    const uint64_t debt = std::min(head, bytes_in(kDebtUs, rate));
    until = std::clamp(until, head - debt, head + bytes_in(kBurstUs, rate));
  }
  counted_us_ = now_us;
  until_.store(until, std::memory_order_relaxed);
  active_.store(true, std::memory_order_relaxed);
  return !was_active;
}

}  // namespace gyre::repl
