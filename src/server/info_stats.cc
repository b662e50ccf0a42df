// INFO's sections about what was done: Stats, Commandstats, Errorstats, Latencystats, Debug.
#include <algorithm>
#include <cstdio>

#include "gyre/base/clock.h"
#include "gyre/cluster/migrations.h"
#include "gyre/coro/task.h"
#include "gyre/server/info.h"
#include "gyre/server/server.h"

namespace gyre::server {

namespace {

uint64_t to_us(uint64_t ticks) {
  return static_cast<uint64_t>(static_cast<double>(ticks) / base::ticks_per_us());
}

struct ShardSums {
  uint64_t hits = 0, misses = 0, expired = 0, evicted = 0, contentions = 0;
};

ShardSums sum_shards(store::Keyspace& keyspace) {
  ShardSums sums;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    store::Shard& shard = keyspace.shard(i);
    sums.hits += shard.counters().hits.get();
    sums.misses += shard.counters().misses.get();
    sums.expired += shard.counters().expired.get();
    sums.evicted += shard.counters().evicted.get();
    sums.contentions += shard.mutex().contentions();
  }
  return sums;
}

uint64_t command_us(const exec::Stats& stats) {
  uint64_t ticks = 0;
  for (const exec::CommandStats& command : stats.commands) ticks += command.ticks;
  return to_us(ticks);
}

/// Names of fields hold no character that the lines are made of.
std::string safe_name(std::string_view name) {
  std::string safe(name);
  for (char& c : safe)
    if (c == '#' || c == ':' || c == '\n' || c == '\r') c = '_';
  return safe;
}

void network_fields(Server& server, InfoText& out) {
  const ServerCounters& counters = server.counters();
  auto kilobytes = [](const RateSampler& rate) { return static_cast<double>(rate.per_second()) / 1024; };
  out.number("total_connections_received", counters.connections_received.load());
  out.number("total_commands_processed", server.total_commands());
  out.number("instantaneous_ops_per_sec", server.rates.commands.per_second());
  out.number("total_net_input_bytes", server.total_bytes_in());
  out.number("total_net_output_bytes", server.total_bytes_out());
  out.number("total_net_repl_input_bytes", 0);
  out.number("total_net_repl_output_bytes", server.primary().counters().bytes_out.load());
  out.field("instantaneous_input_kbps", "%.2f", kilobytes(server.rates.bytes_in));
  out.field("instantaneous_output_kbps", "%.2f", kilobytes(server.rates.bytes_out));
  out.text("instantaneous_input_repl_kbps", "0.00");
  out.text("instantaneous_output_repl_kbps", "0.00");
  out.number("rejected_connections", counters.connections_rejected.load());
  const repl::Primary::Counters& syncs = server.primary().counters();
  out.number("sync_full", syncs.sync_full.load());
  out.number("sync_partial_ok", syncs.sync_partial_ok.load());
  out.number("sync_partial_err", syncs.sync_partial_err.load());
}

void keyspace_fields(Server& server, const ShardSums& shards, InfoText& out) {
  out.number("expired_keys", shards.expired);
  out.text("expired_stale_perc", "0.00");
  out.number("expired_time_cap_reached_count", 0);
  out.number("expire_cycle_cpu_milliseconds", 0);
  out.number("evicted_keys", shards.evicted);
  out.number("evicted_clients", 0);
  const auto [total_exceeded_ms, exceeded_ms] = server.eviction_exceeded_ms();
  out.number("total_eviction_exceeded_time", total_exceeded_ms);
  out.number("current_eviction_exceeded_time", exceeded_ms);
  out.number("keyspace_hits", shards.hits);
  out.number("keyspace_misses", shards.misses);
  for (const char* name :
       {"pubsub_channels", "pubsub_patterns", "pubsubshard_channels", "latest_fork_usec", "total_forks"})
    out.number(name, 0);
  out.number("migrate_cached_sockets", uint64_t{server.migrations().cached_sockets()});
  for (const char* name :
       {"slave_expires_tracked_keys", "active_defrag_hits", "active_defrag_misses",
        "active_defrag_key_hits", "active_defrag_key_misses", "total_active_defrag_time",
        "current_active_defrag_time", "tracking_total_keys", "tracking_total_items",
        "tracking_total_prefixes"})
    out.number(name, 0);
}

void own_fields(Server& server, const ShardSums& shards, InfoText& out) {
  uint64_t slow_path = 0, lock_waits = 0, gate_waits = 0;
  for (const auto& reactor : server.dispatcher().reactors()) {
    slow_path += reactor->stats.live.slow_path.get();
    lock_waits += reactor->stats.live.lock_waits.get();
    gate_waits += reactor->stats.live.gate_waits.get();
  }
  out.number("gyre_slow_path_commands", slow_path);
  out.number("gyre_suspended_commands", lock_waits);
  out.number("gyre_gate_waits", gate_waits);
  out.number("gyre_lock_contentions", shards.contentions);
  auto sum = [&server](std::atomic<uint64_t> ReactorCounters::* field) {
    uint64_t total = 0;
    for (const ReactorCounters& r : server.reactor_counters())
      total += (r.*field).load(std::memory_order_relaxed);
    return total;
  };
  out.number("gyre_live_frames", uint64_t{coro::live_frames()});
  out.number("gyre_reactor_turns", server.total_turns());
  out.number("gyre_reactor_system_calls", sum(&ReactorCounters::system_calls));
  out.number("gyre_reactor_completions", sum(&ReactorCounters::completions));
  out.number("gyre_receive_buffers_exhausted", sum(&ReactorCounters::receive_buffers_exhausted));
  out.number("gyre_zero_copy_sends", sum(&ReactorCounters::zero_copy_sends));
  out.number("gyre_zero_copy_bytes", sum(&ReactorCounters::zero_copy_bytes));
  out.number("gyre_zero_copy_copied_bytes", sum(&ReactorCounters::zero_copy_copied_bytes));
  const ServerCounters& counters = server.counters();
  const repl::Primary::Counters& replication = server.primary().counters();
  out.number("gyre_repl_copied_bytes", replication.bytes_copied.load());
  out.number("gyre_output_limit_disconnections",
             counters.output_limit_disconnections.load() + replication.limit_disconnections.load());
  out.number("gyre_query_limit_disconnections", counters.query_limit_disconnections.load());
}

}  // namespace

void info_stats(Server& server, const exec::Stats& stats, InfoText& out) {
  const ServerCounters& counters = server.counters();
  const ShardSums shards = sum_shards(server.keyspace());
  uint64_t sends = 0, completions = 0;
  for (const ReactorCounters& r : server.reactor_counters()) {
    sends += r.sends.load(std::memory_order_relaxed);
    completions += r.completions.load(std::memory_order_relaxed);
  }
  // Redis's are those of one loop: here the average of all.
  const uint64_t turn_rate = server.rates.turns.per_second() / server.reactor_count();

  out.section("Stats");
  network_fields(server, out);
  keyspace_fields(server, shards, out);
  out.number("unexpected_error_replies", stats.unexpected_errors);
  out.number("total_error_replies", stats.total_errors);
  out.number("dump_payload_sanitizations", 0);
  // Completions that are no sends are, but for accepts and timers, arrivals.
  out.number("total_reads_processed", completions - std::min(sends, completions));
  out.number("total_writes_processed", sends);
  out.number("io_threaded_reads_processed", 0);
  out.number("io_threaded_writes_processed", 0);
  out.number("reply_buffer_shrinks", 0);
  out.number("reply_buffer_expands", 0);
  out.number("eventloop_cycles", server.total_turns());
  out.number("eventloop_duration_sum", server.total_cpu_us());
  out.number("eventloop_duration_cmd_sum", command_us(stats));
  out.number("instantaneous_eventloop_cycles_per_sec", turn_rate);
  out.number(
      "instantaneous_eventloop_duration_usec",
      turn_rate == 0 ? uint64_t{0} : server.rates.cpu_us.per_second() / server.reactor_count() / turn_rate);
  out.number("acl_access_denied_auth", counters.auth_failures.load());
  out.number("acl_access_denied_cmd", 0);
  out.number("acl_access_denied_key", 0);
  out.number("acl_access_denied_channel", 0);
  own_fields(server, shards, out);
}

void info_commandstats(Server& server, const exec::Stats& stats, InfoText& out) {
  out.section("Commandstats");
  for (const exec::CommandRow& row : server.commands().all()) {
    const exec::CommandStats& command = stats.commands[row.id];
    if (command.calls == 0 && command.failed == 0 && command.rejected == 0) continue;
    const uint64_t us = to_us(command.ticks);
    const double each = command.calls == 0 ? 0 : static_cast<double>(us) / static_cast<double>(command.calls);
    out.field("cmdstat_" + safe_name(row.full_name),
              "calls=%llu,usec=%llu,usec_per_call=%.2f,rejected_calls=%llu,failed_calls=%llu",
              static_cast<unsigned long long>(command.calls), static_cast<unsigned long long>(us), each,
              static_cast<unsigned long long>(command.rejected),
              static_cast<unsigned long long>(command.failed));
  }
}

void info_errorstats(const exec::Stats& stats, InfoText& out) {
  out.section("Errorstats");
  for (const auto& [code, count] : stats.errors)
    out.field("errorstat_" + safe_name(code), "count=%llu", static_cast<unsigned long long>(count));
}

void info_latencystats(Server& server, const exec::Stats& stats, InfoText& out) {
  out.section("Latencystats");
  if (!server.config().latency_tracking) return;
  const std::vector<double> percentiles = server.config().latency_tracking_info_percentiles.get();
  for (const exec::CommandRow& row : server.commands().all()) {
    const exec::LatencyHistogram* histogram = stats.commands[row.id].latency.get();
    if (!histogram) continue;
    std::string value;
    for (double percentile : percentiles) {
      // Redis prints the percentile with six decimals and drops the zeroes at the end.
      char name[32], field[64];
      int size = std::snprintf(name, sizeof(name), "%f", percentile);
      while (size > 0 && name[size - 1] == '0') --size;
      if (size > 0 && name[size - 1] == '.') --size;
      const double us = static_cast<double>(histogram->percentile(percentile)) / base::ticks_per_us();
      std::snprintf(field, sizeof(field), "%sp%.*s=%.3f", value.empty() ? "" : ",", size, name, us);
      value += field;
    }
    out.text("latency_percentiles_usec_" + safe_name(row.full_name), value);
  }
}

void info_debug(Server& server, const exec::Stats& stats, InfoText& out) {
  uint64_t longest = 0;
  for (const exec::CommandStats& command : stats.commands)
    if (command.latency) longest = std::max(longest, command.latency->max());
  const uint64_t turns = std::max<uint64_t>(1, server.total_turns());
  out.section("Debug");
  out.number("eventloop_duration_aof_sum", 0);
  out.number("eventloop_duration_cron_sum", server.counters().cron_us.load());
  // A turn is at least as long as the longest command in it.
  out.number("eventloop_duration_max", to_us(longest));
  out.number("eventloop_cmd_per_cycle_max", std::max<uint64_t>(1, server.total_commands() / turns));
}

}  // namespace gyre::server
