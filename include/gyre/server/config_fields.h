// The configuration's fields by topic. A field has the name of its directive with '-' written as '_', so that
// CONFIG SET maxmemory-policy and config.maxmemory_policy need no map between them. Defaults, ranges and
// meaning stand in the rows (src/server/config_rows_*.cc), which also put the defaults in when a Config is
// made.
#pragma once

#include "gyre/server/config_types.h"

namespace gyre::server {

struct NetworkConfig {
  Guarded<std::vector<std::string>> bind;  // empty: listen on no TCP address
  Text bind_source_addr;
  Number<int> port;  // 0: no TCP
  Number<int> tcp_backlog;
  Number<int> tcp_keepalive;  // seconds, 0: off
  Text unixsocket;            // empty: none
  Number<unsigned> unixsocketperm;
  Number<unsigned> socket_mark_id;
  Number<int> timeout;  // seconds, 0: never
  Number<unsigned> maxclients;
  Flag protected_mode;
  Number<int64_t> proto_max_bulk_len;
  Number<uint64_t> client_query_buffer_limit;
  OutputLimits client_output_buffer_limit;
  Number<int64_t> client_output_pause_bytes;
  Number<int64_t> maxmemory_clients;  // bytes; negative: percent of maxmemory

  Number<int> threads;  // 0: auto; use Config::thread_count()
  Flag io_threads_do_reads;
  Choice<IoBackend> io_backend;
  Number<uint32_t> io_uring_features;  // UringFeature bits
  Choice<ZeroCopy> zero_copy;
};

struct MemoryConfig {
  Number<int> databases;
  Number<uint64_t> maxmemory;  // 0: no limit
  Choice<EvictionPolicy> maxmemory_policy;
  Number<int> maxmemory_samples;
  Number<int> maxmemory_eviction_tenacity;
  Number<int> lfu_log_factor;
  Number<int> lfu_decay_time;
  Number<int> active_expire_effort;
  Flag lazyfree_lazy_eviction;
  Flag lazyfree_lazy_expire;
  Flag lazyfree_lazy_server_del;
  Flag lazyfree_lazy_user_del;
  Flag lazyfree_lazy_user_flush;
  Flag activerehashing;
  Flag activedefrag;
  Number<int> active_defrag_cycle_min;
  Number<int> active_defrag_cycle_max;
  Number<int> active_defrag_threshold_lower;
  Number<int> active_defrag_threshold_upper;
  Number<uint64_t> active_defrag_ignore_bytes;
  Number<uint64_t> active_defrag_max_scan_fields;
  Flag jemalloc_bg_thread;
  Flag disable_thp;

  Number<uint64_t> hash_max_listpack_entries;
  Number<uint64_t> hash_max_listpack_value;
  Number<int> list_max_listpack_size;
  Number<int> list_compress_depth;
  Number<uint64_t> set_max_intset_entries;
  Number<uint64_t> set_max_listpack_entries;
  Number<uint64_t> set_max_listpack_value;
  Number<uint64_t> zset_max_listpack_entries;
  Number<uint64_t> zset_max_listpack_value;
  Number<uint64_t> stream_node_max_bytes;
  Number<int64_t> stream_node_max_entries;
  Number<uint64_t> hll_sparse_max_bytes;
  Number<uint64_t> tracking_table_max_keys;
};

struct PersistenceConfig {
  Guarded<std::vector<SavePoint>> save;
  Text dbfilename;
  Flag rdbcompression;
  Flag rdbchecksum;
  Number<int> rdb_version;
  Flag rdb_del_sync_files;
  Flag rdb_save_incremental_fsync;
  Number<int> rdb_key_save_delay;  // microseconds a key; negative: keys a microsecond
  Number<int> key_load_delay;
  Number<int64_t> loading_process_events_interval_bytes;
  Flag stop_writes_on_bgsave_error;
  Choice<SanitizePayload> sanitize_dump_payload;

  Flag appendonly;
  Text appendfilename;
  Text appenddirname;
  Choice<AppendFsync> appendfsync;
  Flag no_appendfsync_on_rewrite;
  Number<int> auto_aof_rewrite_percentage;
  Number<int64_t> auto_aof_rewrite_min_size;
  Flag aof_load_truncated;
  Flag aof_use_rdb_preamble;
  Flag aof_timestamp_enabled;
  Flag aof_rewrite_incremental_fsync;
  Flag aof_disable_auto_gc;
};

struct ReplicationConfig {
  Guarded<ReplicaOf> replicaof;
  Text masterauth;
  Text masteruser;
  Flag replica_serve_stale_data;
  Flag replica_read_only;
  Flag replica_ignore_maxmemory;
  Flag replica_ignore_disk_write_errors;
  Flag replica_lazy_flush;
  Flag replica_announced;
  Text replica_announce_ip;
  Number<int> replica_announce_port;
  Number<int> replica_priority;
  Flag repl_diskless_sync;
  Number<int> repl_diskless_sync_delay;
  Number<int> repl_diskless_sync_max_replicas;
  Number<int64_t> repl_sync_bandwidth;
  Number<int64_t> repl_sync_pre_image_limit;
  Flag repl_slow_writers;
  Choice<DisklessLoad> repl_diskless_load;
  Flag repl_disable_tcp_nodelay;
  Number<int> repl_ping_replica_period;
  Number<int> repl_timeout;
  Number<int64_t> repl_backlog_size;
  Number<int64_t> repl_backlog_ttl;
  Number<int> min_replicas_to_write;
  Number<int> min_replicas_max_lag;
  Choice<PropagationError> propagation_error_behavior;
};

struct ClusterConfig {
  Flag cluster_enabled;
  Text cluster_config_file;
  Number<int64_t> cluster_node_timeout;  // milliseconds
  Number<int64_t> cluster_ping_interval;
  Number<int> cluster_port;  // 0: client port + 10000
  Number<int> cluster_replica_validity_factor;
  Number<int> cluster_migration_barrier;
  Flag cluster_allow_replica_migration;
  Flag cluster_require_full_coverage;
  Flag cluster_replica_no_failover;
  Flag cluster_allow_reads_when_down;
  Flag cluster_allow_pubsubshard_when_down;
  Number<uint64_t> cluster_link_sendbuf_limit;
  Text cluster_announce_ip;
  Text cluster_announce_hostname;
  Text cluster_announce_human_nodename;
  Number<int> cluster_announce_port;
  Number<int> cluster_announce_tls_port;
  Number<int> cluster_announce_bus_port;
  Choice<EndpointType> cluster_preferred_endpoint_type;
};

struct TlsConfig {
  Number<int> tls_port;
  Text tls_cert_file;
  Text tls_key_file;
  Text tls_key_file_pass;
  Text tls_client_cert_file;
  Text tls_client_key_file;
  Text tls_client_key_file_pass;
  Text tls_dh_params_file;
  Text tls_ca_cert_file;
  Text tls_ca_cert_dir;
  Choice<TlsAuthClients> tls_auth_clients;
  Flag tls_replication;
  Flag tls_cluster;
  Text tls_protocols;
  Text tls_ciphers;
  Text tls_ciphersuites;
  Flag tls_prefer_server_ciphers;
  Flag tls_session_caching;
  Number<int> tls_session_cache_size;
  Number<int> tls_session_cache_timeout;
};

struct SecurityConfig {
  Text requirepass;
  Text aclfile;
  Choice<PubsubDefault> acl_pubsub_default;
  Number<uint64_t> acllog_max_len;
  Choice<Permission> enable_protected_configs;
  Choice<Permission> enable_debug_command;
  Choice<Permission> enable_module_command;
};

struct GeneralConfig {
  Flag daemonize;
  Choice<Supervised> supervised;
  Text pidfile;
  ChoiceCell loglevel;  // base::LogLevel
  Text logfile;
  Flag syslog_enabled;
  Text syslog_ident;
  ChoiceCell syslog_facility;  // LOG_USER, LOG_LOCAL0 to LOG_LOCAL7
  Flag crash_log_enabled;
  Flag crash_memcheck_enabled;
  Flag use_exit_on_panic;
  Flag always_show_logo;
  Flag set_proc_title;
  Text proc_title_template;
  Text locale_collate;
  Text ignore_warnings;
  Number<int> hz;
  Flag dynamic_hz;
  Number<int> shutdown_timeout;   // seconds
  ChoiceCell shutdown_on_sigint;  // ShutdownFlag bits
  ChoiceCell shutdown_on_sigterm;
  Choice<OomScoreAdj> oom_score_adj;
  OomScoreAdjValues oom_score_adj_values;
  Text server_cpulist;
  Text bio_cpulist;
  Text aof_rewrite_cpulist;
  Text bgsave_cpulist;
  Number<int> watchdog_period;   // Redis's: milliseconds
  Number<int> watchdog_timeout;  // Gyre's: seconds, 0: off
  Flag watchdog_abort;

  Number<int64_t> busy_reply_threshold;     // milliseconds
  Number<int64_t> slowlog_log_slower_than;  // microseconds, -1: off
  Number<uint64_t> slowlog_max_len;
  Number<int64_t> latency_monitor_threshold;  // milliseconds, 0: off
  Flag latency_tracking;
  Guarded<std::vector<double>> latency_tracking_info_percentiles;
  Number<int> notify_keyspace_events;  // NotifyFlag bits
};

}  // namespace gyre::server
