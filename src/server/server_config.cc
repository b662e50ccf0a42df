// What the server does when its configuration changes.
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/server/client.h"
#include "gyre/server/listeners.h"
#include "gyre/server/server.h"

namespace gyre::server {

using base::LogLevel;

void Server::apply_config() {
  auto apply = [this] {
    // The dispatcher reports what either the slow log or the latency monitor wants.
    const int64_t slower_us = config_.slowlog_log_slower_than;
    const int64_t latency_us = config_.latency_monitor_threshold * 1000;
    double report_us = slower_us < 0 ? -1 : static_cast<double>(slower_us);
    if (latency_us > 0 && (report_us < 0 || static_cast<double>(latency_us) < report_us))
      report_us = static_cast<double>(latency_us);
    dispatcher_->slowlog_ticks =
        report_us < 0 ? UINT64_MAX : static_cast<uint64_t>(report_us * base::ticks_per_us());
    dispatcher_->latency_tracking = config_.latency_tracking.get();
    keyspace_->lfu_log_factor = config_.lfu_log_factor.get();
    keyspace_->lfu_decay_minutes = config_.lfu_decay_time.get();
    const EvictionPolicy policy = config_.maxmemory_policy;
    const bool lfu = policy == EvictionPolicy::kAllkeysLfu || policy == EvictionPolicy::kVolatileLfu;
    keyspace_->access_policy = lfu ? store::AccessPolicy::kLfu : store::AccessPolicy::kLru;
    slowlog_.trim(config_.slowlog_max_len);
    update_conditions();
    return std::string();
  };
  apply();
  config_.on_change({"slowlog-log-slower-than", "latency-monitor-threshold", "slowlog-max-len",
                     "latency-tracking", "lfu-log-factor", "lfu-decay-time", "maxmemory-policy"},
                    apply);
  apply_memory_limit();
  config_.on_change({"maxmemory", "maxmemory-policy"}, [this] {
    apply_memory_limit();
    return std::string();
  });
  primary_->judge_replicas();
  config_.on_change({"min-replicas-to-write", "min-replicas-max-lag"}, [this] {
    primary_->judge_replicas();
    return std::string();
  });
  config_.on_change({"repl-backlog-size", "repl-sync-bandwidth"}, [this] {
    primary_->set_backlog_bytes(static_cast<uint64_t>(config_.repl_backlog_size.get()));
    primary_->set_sync_bandwidth(config_.repl_sync_bandwidth);
    return std::string();
  });
  config_.on_change({"zero-copy"}, [this] {
    apply_zero_copy();
    return std::string();
  });
  config_.on_change({"loglevel"}, [this] {
    base::set_log_level(static_cast<LogLevel>(config_.loglevel.raw()));
    return std::string();
  });
  config_.on_change({"maxclients"},
                    [this] { return listeners_ ? listeners_->raise_descriptor_limit() : std::string(); });
  auto reopen = [this](const char* complaint) {
    return !listeners_ || listeners_->reopen() ? std::string() : std::string(complaint);
  };
  config_.on_change({"bind"}, [reopen] { return reopen("Failed to bind to specified addresses."); });
  config_.on_change({"port"},
                    [reopen] { return reopen("Unable to listen on this port. Check server logs."); });
}

}  // namespace gyre::server
