// The memory limit: how much is used, and making room.
#include <algorithm>
#include <cmath>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/memory.h"
#include "gyre/server/server.h"

namespace gyre::server {

namespace {

constexpr int64_t kSliceUs = 200;

/// False: nothing may be evicted.
bool rules_of(EvictionPolicy policy, int samples, store::EvictionRules* rules) {
  using Order = store::EvictionRules::Order;
  switch (policy) {
    case EvictionPolicy::kVolatileLru: *rules = {Order::kLru, true}; break;
    case EvictionPolicy::kVolatileLfu: *rules = {Order::kLfu, true}; break;
    case EvictionPolicy::kVolatileRandom: *rules = {Order::kRandom, true}; break;
    case EvictionPolicy::kVolatileTtl: *rules = {Order::kTtl, true}; break;
    case EvictionPolicy::kAllkeysLru: *rules = {Order::kLru, false}; break;
    case EvictionPolicy::kAllkeysLfu: *rules = {Order::kLfu, false}; break;
    case EvictionPolicy::kAllkeysRandom: *rules = {Order::kRandom, false}; break;
    case EvictionPolicy::kNoEviction: return false;
  }
  rules->samples = static_cast<unsigned>(std::max(1, samples));
  return true;
}

/// How long one command may be held up: 0 to 0.5 ms for a tenacity of 0 to 10, 15% more with each step, at 100 no limit.
int64_t budget_us(int tenacity) {
  if (tenacity <= 10) return 50 * int64_t{tenacity};
  if (tenacity >= 100) return INT64_MAX;
  return static_cast<int64_t>(500.0 * std::pow(1.15, tenacity - 10));
}

/// One thread makes room at a time: two would each free what is missing.
class Turn {
 public:
  explicit Turn(std::atomic<bool>& taken) : taken_(taken), mine_(!taken.exchange(true, std::memory_order_acquire)) {}
  ~Turn() {
    if (mine_) taken_.store(false, std::memory_order_release);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool mine() const { return mine_; }

 private:
  std::atomic<bool>& taken_;
  bool mine_;
};

}  // namespace

int64_t Server::used_memory() const { return std::max<int64_t>(0, base::allocated_bytes()); }

/// What waits to be freed counts as free, and keys do not go because a replica is slow.
int64_t Server::memory_over(int64_t limit) const {
  return used_memory() - static_cast<int64_t>(store::lazyfree_pending_bytes() + primary_->bytes_beyond_backlog()) - limit;
}

/// False when memory is over the limit and no key may go.
bool Server::make_room(exec::CommandContext& context) {
  const auto limit = static_cast<int64_t>(config_.maxmemory);
  if (limit == 0) return true;
  exec::ReactorState& reactor = context.reactor;
  auto outcome = store::Evictor::Outcome::kEnough;
  int64_t excess = memory_over(limit);
  store::EvictionRules rules;
  const bool may_evict = rules_of(config_.maxmemory_policy, config_.maxmemory_samples, &rules);
  // During a pause the data set stands still.
  if (excess > 0 && may_evict && paused(context.now_ms()) == Pause::kNone) {
    const Turn turn(evict_turn_);
    if (!turn.mine()) return true;
    excess = memory_over(limit);
    const int64_t begun_us = base::monotonic_us();
    outcome = evictors_[reactor.index]->run(store::Held::assume(), context.now_ms(), rules, excess,
                                            budget_us(config_.maxmemory_eviction_tenacity), context.exclusive,
                                            &reactor.effects);
    const int64_t taken_ms = (base::monotonic_us() - begun_us) / 1000;
    if (const int64_t threshold = config_.latency_monitor_threshold; threshold > 0 && taken_ms >= threshold)
      latency_monitor_.add("eviction-cycle", base::wall_ms() / 1000, taken_ms);
    excess = memory_over(limit);
    if (outcome != store::Evictor::Outcome::kNothing && excess > 0) evicting_ = true;
  } else if (excess > 0 && !may_evict) {
    outcome = store::Evictor::Outcome::kNothing;
  }
  note_exceeded(excess > 0 && may_evict);
  // This thread's share of what is left; the others take theirs.
  const int64_t share = excess < 0 ? -excess / static_cast<int64_t>(reactor_count()) : 0;
  reactor.memory_stop.store(base::thread_bytes() + share, std::memory_order_relaxed);
  return outcome != store::Evictor::Outcome::kNothing;
}

bool Server::evict_slice(unsigned index) {
  if (!evicting_.load(std::memory_order_relaxed)) return false;
  const Turn turn(evict_turn_);
  if (!turn.mine()) return false;
  const auto limit = static_cast<int64_t>(config_.maxmemory);
  const int64_t excess = memory_over(limit);
  const int64_t now_ms = reactors_[index]->wall_ms();
  store::EvictionRules rules;
  if (limit == 0 || excess <= 0 || paused(now_ms) != Pause::kNone ||
      !rules_of(config_.maxmemory_policy, config_.maxmemory_samples, &rules)) {
    evicting_ = false;
    return false;
  }
  store::Gate& gate = keyspace_->gate();
  if (!gate.try_enter(index)) return false;
  const auto outcome = evictors_[index]->run(store::Held::assume(), now_ms, rules, excess, kSliceUs, false,
                                              &dispatcher_->reactors()[index]->effects);
  gate.leave(index);
  // What entries give back is an estimate: the next slice looks at what is used now.
  if (outcome == store::Evictor::Outcome::kNothing) evicting_ = false;
  return outcome != store::Evictor::Outcome::kNothing;
}

void Server::note_exceeded(bool over) {
  const int64_t since = exceeded_since_us_.load(std::memory_order_relaxed);
  if (over == (since != 0)) return;
  const int64_t now = base::monotonic_us();
  if (!over) exceeded_us_.fetch_add(static_cast<uint64_t>(now - since), std::memory_order_relaxed);
  exceeded_since_us_.store(over ? now : 0, std::memory_order_relaxed);
}

std::pair<uint64_t, uint64_t> Server::eviction_exceeded_ms() const {
  const int64_t since = exceeded_since_us_.load(std::memory_order_relaxed);
  const uint64_t present = since == 0 ? 0 : static_cast<uint64_t>(base::monotonic_us() - since);
  return {(exceeded_us_.load(std::memory_order_relaxed) + present) / 1000, present / 1000};
}

void Server::apply_memory_limit() {
  const auto limit = static_cast<int64_t>(config_.maxmemory);
  // From now on each command asks; the first of each reactor sets its own figure.
  for (auto& reactor : dispatcher_->reactors())
    reactor->memory_stop.store(limit == 0 ? INT64_MAX : INT64_MIN, std::memory_order_relaxed);
  if (limit == 0) return;
  if (const int64_t used = used_memory(); used > limit) {
    base::log(base::LogLevel::kWarning,
              "WARNING: the new maxmemory value set via CONFIG SET (%lld) is smaller than the current memory usage "
              "(%lld). This will result in key eviction and/or the inability to accept new write commands depending "
              "on the maxmemory-policy.",
              static_cast<long long>(limit), static_cast<long long>(used));
    evicting_ = true;
  }
}

}  // namespace gyre::server
