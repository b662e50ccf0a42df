// What happens once a second, and what ends with time.
#include <algorithm>
#include <cstdlib>

#include "full_sync.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/random.h"
#include "gyre/repl/primary.h"
#include "replica.h"

namespace gyre::repl {

using base::LogLevel;

namespace {

constexpr std::string_view kPing = "*1\r\n$4\r\nping\r\n";
constexpr int64_t kTurnUs = 100'000;
constexpr uint64_t kTurnsPerSecond = 10;

}  // namespace

void Primary::start() {
  coro::Scope& scope = reactors_[0]->scope();
  scope.spawn(cron());
  scope.spawn(sync_loop());
}

coro::Task<void> Primary::cron() {
  io::Reactor& reactor = *reactors_[0];
  while (!reactor.scope().stopping()) {
    co_await reactor.sleep_us(kTurnUs);
    const Settings settings = environment_.settings();
    sample(base::wall_ms());
    check_replicas(settings);
    if (++cron_turns_ % kTurnsPerSecond != 0) continue;
    if (cron_turns_ / kTurnsPerSecond % static_cast<uint64_t>(settings.ping_period_s) == 0) ping();
    judge_replicas();
    co_await drop_backlog(settings.backlog_ttl_s);
  }
  // Whoever waits for a full sync or for acknowledgements is let go.
  sync_wanted_.set();
}

void Primary::ping() {
  if (replica_count() == 0 || !journal_.active()) return;
  store::Gate& gate = keyspace_.gate();
  if (!gate.try_enter(0)) return;  // closed for a moment; the next period comes
  append_plain(0, kPing);
  gate.leave(0);
}

/// Drops those that are too far behind or silent for too long.
void Primary::check_replicas(const Settings& settings) {
  const int64_t now_ms = base::wall_ms();
  const int64_t timeout_ms = settings.timeout_s * 1000;
  // As in Redis: a limit below the backlog would drop replicas for what is kept anyway.
  const uint64_t hard = settings.hard_limit_bytes == 0 ? UINT64_MAX : std::max(settings.hard_limit_bytes, settings.backlog_bytes);
  const uint64_t soft = settings.soft_limit_bytes == 0 ? UINT64_MAX : std::max(settings.soft_limit_bytes, settings.backlog_bytes);
  pace_hard_limit_.store(settings.slow_writers ? hard : UINT64_MAX, std::memory_order_relaxed);
  pace_soft_limit_.store(settings.slow_writers ? soft : UINT64_MAX, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  for (Replica* replica : replicas_) {
    if (replica->dropped()) continue;
    const Replica::State state = replica->state;
    if (state == Replica::State::kOnline && !replica->old_protocol && now_ms - replica->heard_ms > timeout_ms) {
      base::log(LogLevel::kWarning, "Disconnecting timedout replica (streaming sync): %s", replica->name().c_str());
      replica->drop();
      continue;
    }
    if (state == Replica::State::kReceives && now_ms - replica->progress_ms > timeout_ms) {
      base::log(LogLevel::kWarning, "Disconnecting timedout replica (full sync): %s", replica->name().c_str());
      replica->drop();
      continue;
    }
    if (!replica->follows()) continue;
    const uint64_t behind = journal_.head() - std::min(journal_.head(), replica->sent.load());
    if (behind < soft) {
      replica->over_soft_since_ms = 0;
    } else if (replica->over_soft_since_ms == 0) {
      replica->over_soft_since_ms = now_ms;
    }
    const bool over = behind >= hard || (replica->over_soft_since_ms != 0 && now_ms - replica->over_soft_since_ms >=
                                                                                 settings.soft_limit_s * 1000);
    if (!over) continue;
    base::log(LogLevel::kWarning,
              "Client %s scheduled to be closed ASAP for overcoming of output buffer limits. It is a replica, %llu "
              "bytes behind%s: client-output-buffer-limit replica decides how far one may be.",
              replica->name().c_str(), static_cast<unsigned long long>(behind),
              state == Replica::State::kOnline ? "" : " during its full sync");
    ++counters_.limit_disconnections;
    replica->drop();
  }
}

void Primary::judge_replicas() {
  const Settings settings = environment_.settings();
  const int64_t now_ms = base::wall_ms();
  size_t good = 0;
  {
    std::lock_guard lock(mutex_);
    for (const Replica* replica : replicas_)
      good += replica->state == Replica::State::kOnline && (now_ms - replica->heard_ms) / 1000 <= settings.max_lag_s ? 1 : 0;
  }
  good_replicas_ = good;
  const bool refuse = settings.min_replicas > 0 && settings.max_lag_s > 0 && good < static_cast<size_t>(settings.min_replicas);
  if (refusing_writes_.exchange(refuse) != refuse) environment_.conditions_changed();
}

void Primary::new_history_id() {
  id_ = base::random_hex(40);
  second_id_.assign(40, '0');
  second_offset_ = -1;
}

void Primary::change_id() { id_ = base::random_hex(40); }

coro::Task<void> Primary::drop_backlog(int64_t ttl_s) {
  auto idle = [&] {
    std::lock_guard lock(mutex_);
    return ttl_s != 0 && replicas_.empty() && base::wall_ms() - no_replicas_since_ms_ > ttl_s * 1000;
  };
  if (!journal_.active() || !idle()) co_return;
  co_await keyspace_.gate().close();
  // One may have come meanwhile; with the gate closed none can.
  if (idle()) {
    // The writes to come are in no history: whoever has this one must not go on from it.
    new_history_id();
    dispatcher_.propagating.store(false, std::memory_order_relaxed);
    idle_offset_ = journal_.head();
    journal_.stop();
    base::log(LogLevel::kNotice, "Replication backlog freed after %lld seconds without connected replicas.",
              static_cast<long long>(ttl_s));
  }
  keyspace_.gate().open();
}

}  // namespace gyre::repl
