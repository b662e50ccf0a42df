// What the server counts and samples beside the dispatcher's statistics.
#include <time.h>

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/memory.h"
#include "gyre/server/server.h"
#include "persistence.h"

namespace gyre::server {

void RateSampler::sample(int64_t now_us, uint64_t total) {
  const int64_t elapsed = now_us - last_us_;
  if (last_us_ != 0 && elapsed > 0)
    samples_[at_++ % kSamples] =
        (total - std::min(total, last_total_)) * 1'000'000 / static_cast<uint64_t>(elapsed);
  last_us_ = now_us;
  last_total_ = total;
}

uint64_t RateSampler::per_second() const {
  uint64_t sum = 0;
  for (const auto& s : samples_) sum += s.load(std::memory_order_relaxed);
  return sum / kSamples;
}

void RateSampler::reset() {
  for (auto& s : samples_) s.store(0, std::memory_order_relaxed);
}

uint64_t Server::total_commands() const {
  uint64_t sum = 0;
  for (const auto& r : dispatcher_->reactors()) sum += r->stats.live.commands.get();
  return sum - counters_.commands_before.load(std::memory_order_relaxed);
}

uint64_t Server::total_bytes_in() const {
  uint64_t sum = 0;
  for (const auto& r : dispatcher_->reactors()) sum += r->stats.live.bytes_in.get();
  return sum - counters_.bytes_in_before.load(std::memory_order_relaxed);
}

uint64_t Server::total_bytes_out() const {
  uint64_t sum = 0;
  for (const auto& r : dispatcher_->reactors()) sum += r->stats.live.bytes_out.get();
  return sum - counters_.bytes_out_before.load(std::memory_order_relaxed);
}

uint64_t Server::total_changes() const {
  uint64_t sum = 0;
  for (const auto& r : dispatcher_->reactors()) sum += r->stats.live.changes.get();
  return sum;
}

uint64_t Server::total_turns() const {
  uint64_t sum = 0;
  for (unsigned i = 0; i < reactor_count(); ++i)
    sum += reactors_[i]->turns() - reactor_counters_[i].turns_before.load(std::memory_order_relaxed);
  return sum;
}

uint64_t Server::total_cpu_us() const {
  uint64_t sum = 0;
  for (const ReactorCounters& shown : reactor_counters_)
    sum += shown.cpu_us.load(std::memory_order_relaxed) - shown.cpu_us_before.load(std::memory_order_relaxed);
  return sum;
}

/// On the reactor itself: its backend counts without atomics.
void Server::publish_counters(unsigned index) {
  ReactorCounters& shown = reactor_counters_[index];
  const io::BackendCounters& counters = reactors_[index]->backend().counters();
  auto publish = [](std::atomic<uint64_t>& to, uint64_t value) {
    to.store(value, std::memory_order_relaxed);
  };
  publish(shown.system_calls, counters.system_calls);
  publish(shown.completions, counters.completions);
  publish(shown.sends, counters.sends);
  publish(shown.zero_copy_sends, counters.zero_copy_sends);
  publish(shown.zero_copy_bytes, counters.zero_copy_bytes);
  publish(shown.zero_copy_copied_bytes, counters.zero_copy_copied_bytes);
  publish(shown.receive_buffers_exhausted, counters.receive_buffers_exhausted);
  timespec cpu{};
  if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0)
    publish(shown.cpu_us,
            static_cast<uint64_t>(cpu.tv_sec) * 1'000'000 + static_cast<uint64_t>(cpu.tv_nsec) / 1000);
}

/// On the first reactor, every tenth of a second.
void Server::sample_statistics(int64_t now_us) {
  rates.commands.sample(now_us, total_commands());
  rates.bytes_in.sample(now_us, total_bytes_in());
  rates.bytes_out.sample(now_us, total_bytes_out());
  rates.turns.sample(now_us, total_turns());
  rates.cpu_us.sample(now_us, total_cpu_us());
  const int64_t used = used_memory();
  if (used > counters_.peak_memory.load(std::memory_order_relaxed)) counters_.peak_memory = used;
  counters_.rss.store(static_cast<int64_t>(base::resident_bytes()), std::memory_order_relaxed);
}

void Server::reset_statistics() {
  persistence_->reset_saves();
  counters_.commands_before += total_commands();
  counters_.bytes_in_before += total_bytes_in();
  counters_.bytes_out_before += total_bytes_out();
  for (const auto& r : dispatcher_->reactors()) r->stats.reset();
  for (unsigned i = 0; i < keyspace_->shard_count(); ++i) {
    store::ShardCounters& shard = keyspace_->shard(i).counters();
    shard.hits.reset();
    shard.misses.reset();
    shard.expired.reset();
    shard.evicted.reset();
  }
  for (unsigned i = 0; i < reactor_count(); ++i) {
    ReactorCounters& shown = reactor_counters_[i];
    shown.turns_before = reactors_[i]->turns();
    shown.cpu_us_before = shown.cpu_us.load(std::memory_order_relaxed);
  }
  counters_.connections_received = 0;
  counters_.connections_rejected = 0;
  counters_.output_limit_disconnections = 0;
  counters_.query_limit_disconnections = 0;
  counters_.auth_failures = 0;
  primary_->reset_counters();
  rates.commands.reset();
  rates.bytes_in.reset();
  rates.bytes_out.reset();
  rates.turns.reset();
}

}  // namespace gyre::server
