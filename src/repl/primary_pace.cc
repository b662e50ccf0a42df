// Writers that are faster than a replica takes.
#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/repl/primary.h"
#include "replica.h"
#include "gyre/repl/writer_pace.h"

namespace gyre::repl {

namespace {

/// With less than this in the journal nobody can be far behind a limit that matters.
constexpr uint64_t kLookFrom = uint64_t{1} << 20;
/// One that has taken nothing for so long does not get on by waiting for it.
constexpr int64_t kStuckMs = 2'000;
/// A replica that loads the image takes nothing, and shows that it lives once a second.
constexpr int64_t kSilentMs = 5'000;
constexpr uint64_t kHorizonS = 2, kLoadHorizonS = 10;
constexpr int64_t kSayAgainMs = 60'000;

}  // namespace

/// How fast writers may go for this replica's sake. With the mutex.
uint64_t Primary::rate_for(const Replica& replica, uint64_t head, int64_t now_ms) const {
  if (!replica.follows() || replica.dropped()) return WriterPace::kNoLimit;
  const uint64_t hard = pace_hard_limit_.load(std::memory_order_relaxed), soft = pace_soft_limit_.load(std::memory_order_relaxed);
  const uint64_t behind = head - std::min(head, replica.sent.load(std::memory_order_relaxed));
  if (replica.loads())
    return now_ms - replica.heard_ms > kSilentMs ? WriterPace::kNoLimit : WriterPace::rate(behind, hard, kLoadHorizonS);
  if (now_ms - replica.progress_ms > kStuckMs) return WriterPace::kNoLimit;
  if (replica.state == Replica::State::kReceives) return WriterPace::rate(behind, hard, kLoadHorizonS);
  // Once it follows it has to get below the soft limit, too.
  return WriterPace::rate(behind, std::min(hard, soft), kHorizonS);
}

void Primary::pace_writers() {
  const uint64_t head = journal_.head();
  if (!pace_->active() && head - std::min(head, journal_.first()) < kLookFrom) return;
  if (!pace_->due(base::monotonic_us())) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  const int64_t now_ms = base::wall_ms();
  uint64_t rate = WriterPace::kNoLimit;
  const Replica* slowest = nullptr;
  if (journal_.active())
    for (const Replica* replica : replicas_)
      if (const uint64_t its = rate_for(*replica, head, now_ms); its < rate) {
        rate = its;
        slowest = replica;
      }
  if (!pace_->update(head, rate, base::monotonic_us())) return;
  environment_.conditions_changed();
  if (slowest == nullptr || now_ms - pace_said_ms_ < kSayAgainMs) return;
  pace_said_ms_ = now_ms;
  base::log(base::LogLevel::kNotice,
            "Writers are slowed down: replica %s is %llu bytes behind, and client-output-buffer-limit replica would end it. "
            "repl-slow-writers no lets them go on.",
            slowest->name().c_str(), static_cast<unsigned long long>(head - slowest->sent.load()));
}

bool Primary::slowing_writes() const {
  return slowing_writes_.load(std::memory_order_relaxed) || pace_->must_wait(journal_.head());
}

bool Primary::may_slow_writes() const { return slowing_writes_.load(std::memory_order_relaxed) || pace_->active(); }

}  // namespace gyre::repl
