#include "replication_environment.h"

#include "gyre/server/server.h"

namespace gyre::server {

repl::Settings ReplicationEnvironment::settings() const {
  const Config& config = server_.config();
  repl::Settings s;
  s.diskless = config.repl_diskless_sync;
  s.diskless_delay_s = config.repl_diskless_sync_delay;
  s.diskless_max_replicas = config.repl_diskless_sync_max_replicas;
  s.sync_bytes_per_second = config.repl_sync_bandwidth;
  s.pre_image_bytes = static_cast<uint64_t>(config.repl_sync_pre_image_limit.get());
  s.rdb_version = config.rdb_version;
  s.compress = config.rdbcompression;
  s.checksum = config.rdbchecksum;
  s.key_save_delay_us = config.rdb_key_save_delay;
  s.backlog_bytes = static_cast<uint64_t>(config.repl_backlog_size.get());
  s.backlog_ttl_s = config.repl_backlog_ttl;
  s.timeout_s = config.repl_timeout;
  s.ping_period_s = config.repl_ping_replica_period;
  s.disable_nodelay = config.repl_disable_tcp_nodelay;
  const OutputLimit& limit = config.client_output_buffer_limit[static_cast<int>(ClientClass::kReplica)];
  s.hard_limit_bytes = limit.hard_bytes;
  s.soft_limit_bytes = limit.soft_bytes;
  s.soft_limit_s = limit.soft_seconds;
  s.slow_writers = config.repl_slow_writers;
  s.min_replicas = config.min_replicas_to_write;
  s.max_lag_s = config.min_replicas_max_lag;
  switch (config.maxmemory_policy.get()) {
    case EvictionPolicy::kAllkeysLru:
    case EvictionPolicy::kVolatileLru: s.access = rdb::Access::Kind::kIdleSeconds; break;
    case EvictionPolicy::kAllkeysLfu:
    case EvictionPolicy::kVolatileLfu: s.access = rdb::Access::Kind::kFrequency; break;
    default: break;
  }
  return s;
}

int64_t ReplicationEnvironment::used_memory() const { return server_.used_memory(); }

void ReplicationEnvironment::conditions_changed() const { server_.update_conditions(); }

}  // namespace gyre::server
