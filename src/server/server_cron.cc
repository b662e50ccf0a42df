// What happens periodically: limits of clients, samples, background expiry.
#include <algorithm>

#include "expiry_state.h"
#include "gyre/base/clock.h"
#include "gyre/cluster/migrations.h"
#include "gyre/base/memory.h"
#include "gyre/server/client.h"
#include "gyre/server/server.h"
#include "persistence.h"

namespace gyre::server {

namespace {

/// Expired keys handled in one slice: below about 250 us even when each is a cache miss.
constexpr size_t kExpireSliceItems = 200;
constexpr size_t kLeastVisits = 200;
constexpr int64_t kExpirePeriodUs = 50'000;

}  // namespace

coro::Task<void> Server::cron_loop(unsigned index) {
  while (!stopping_) {
    co_await reactors_[index]->sleep_us(100'000);
    reactor_cron(index);
    if (index == 0) server_cron();
  }
}

void Server::reactor_cron(unsigned index) {
  const int64_t now_ms = base::wall_ms();
  // Few clients each time, many in ten turns: each once a second.
  Local& local = locals_[index];
  size_t visits = std::min(local.clients.size(), std::max(local.clients.size() / 10, kLeastVisits));
  for (; visits > 0; --visits) {
    if (local.next >= local.clients.size()) local.next = 0;
    local.clients[local.next++]->check_limits(now_ms);
  }
  publish_counters(index);
  if (const uint64_t wanted = releases_wanted_.load(std::memory_order_relaxed); wanted != local.released) {
    local.released = wanted;
    base::release_free_memory();
  }
}

void Server::release_free_memory() { releases_wanted_.fetch_add(1, std::memory_order_relaxed); }

void Server::server_cron() {
  const int64_t begun_us = base::monotonic_us();
  sample_statistics(begun_us);
  persistence_->cron();
  migrations_->cron();
  update_conditions();
  counters_.cron_us += static_cast<uint64_t>(base::monotonic_us() - begun_us);
}

bool Server::expire_slice(unsigned index) {
  ExpiryState& state = *expiry_[index];
  io::Reactor& reactor = *reactors_[index];
  if (!state.working) {
    if (reactor.now_us() < state.next_round_us || !keyspace_->active_expire || persistence_->loading()) return false;
    // While writes are paused the data set stands still.
    if (paused(reactor.wall_ms()) != Pause::kNone) return false;
    state.working = true;
    state.next_shard = index;
  }
  store::Gate& gate = keyspace_->gate();
  if (!gate.try_enter(index)) return false;
  size_t budget = 0;
  bool more_here = false;
  while (state.next_shard < keyspace_->shard_count() && budget < kExpireSliceItems) {
    store::Shard& shard = keyspace_->shard(state.next_shard);
    const bool locked = keyspace_->concurrent();
    if (locked && !shard.mutex().try_lock()) break;  // whoever has it is quick; next slice
    const uint64_t before = shard.counters().expired.get();
    more_here = state.expiry.run_shard(store::Held::assume(), shard, reactor.wall_ms(), kExpireSliceItems,
                                       &dispatcher_->reactors()[index]->effects);
    budget += 1 + shard.counters().expired.get() - before;
    if (locked) shard.mutex().unlock();
    if (more_here) break;
    state.next_shard += reactor_count();
  }
  gate.leave(index);
  if (state.next_shard < keyspace_->shard_count()) return true;
  state.working = false;
  state.next_round_us = reactor.now_us() + kExpirePeriodUs;
  return false;
}

}  // namespace gyre::server
