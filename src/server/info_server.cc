// INFO's sections about the process: Server, Clients, Persistence, Replication, CPU, Cluster, Keyspace.
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <set>
#include <utility>

#include "client_info.h"
#include "gyre/base/clock.h"
#include "gyre/server/client.h"
#include "gyre/server/info.h"
#include "gyre/server/server.h"
#include "gyre/server/version.h"
#include "gyre/store/wait_table.h"
#include "persistence.h"

namespace gyre::server {

namespace {

const char* supervised_name(Supervised mode) {
  switch (mode) {
    case Supervised::kSystemd:
      return "systemd";
    case Supervised::kUpstart:
      return "upstart";
    case Supervised::kAuto:
      return ::getenv("NOTIFY_SOCKET") ? "systemd" : ::getenv("UPSTART_JOB") ? "upstart" : "no";
    case Supervised::kNo:
      break;
  }
  return "no";
}

std::string executable() {
  char path[PATH_MAX];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof(path));
  return size > 0 ? std::string(path, static_cast<size_t>(size)) : std::string();
}

void cpu_field(InfoText& out, const char* name, const timeval& time) {
  out.field(name, "%ld.%06ld", static_cast<long>(time.tv_sec), static_cast<long>(time.tv_usec));
}

/// Numbered by kind, as in Redis: 0 TCP, 1 Unix socket.
void listener_fields(const Config& config, InfoText& out) {
  if (config.port != 0) {
    std::string value = "name=tcp";
    for (const std::string& address : config.bind.get()) value += ",bind=" + address;
    out.text("listener0", value + ",port=" + std::to_string(config.port.get()));
  }
  if (const std::string path = config.unixsocket.get(); !path.empty())
    out.text("listener1", "name=unix,bind=" + path);
}

}  // namespace

void info_server(Server& server, InfoText& out) {
  const Config& config = server.config();
  utsname system{};
  ::uname(&system);
  const int64_t now_us = base::wall_us();
  const int64_t uptime_s = (now_us / 1000 - server.counters().started_ms) / 1000;

  out.section("Server");
  out.text("redis_version", kRedisVersion);
  out.text("redis_git_sha1", "00000000");
  out.number("redis_git_dirty", 0);
  out.text("redis_build_id", "0000000000000000");
  out.text("redis_mode", config.cluster_enabled ? "cluster" : config.sentinel() ? "sentinel" : "standalone");
  out.field("os", "%s %s %s", system.sysname, system.release, system.machine);
  out.number("arch_bits", static_cast<int>(sizeof(void*) * 8));
#if defined(__x86_64__)
  out.text("monotonic_clock", "X86 TSC");
#else
  out.text("monotonic_clock", "POSIX clock_gettime");
#endif
  out.text("multiplexing_api", server.reactor(0).backend().name());
  out.text("atomicvar_api", "c11-builtin");
  out.field("gcc_version", "%d.%d.%d", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
  out.number("process_id", int64_t{::getpid()});
  out.text("process_supervised", supervised_name(config.supervised));
  out.text("run_id", server.run_id());
  out.number("tcp_port", config.port != 0 ? config.port.get() : config.tls_port.get());
  out.number("server_time_usec", now_us);
  out.number("uptime_in_seconds", uptime_s);
  out.number("uptime_in_days", uptime_s / 86400);
  out.number("hz", config.hz.get());
  out.number("configured_hz", config.hz.get());
  out.number("lru_clock", (now_us / 1'000'000) & 0xffffff);
  out.text("executable", executable());
  out.text("config_file", config.file());
  out.number("io_threads_active", server.reactor_count() > 1 ? 1 : 0);
  listener_fields(config, out);
  out.text("gyre_version", kGyreVersion);
  out.number("gyre_threads", uint64_t{server.reactor_count()});
  out.text("gyre_io_backend", server.reactor(0).backend().describe());
  out.number("gyre_shards", uint64_t{server.keyspace().shard_count()});
}

namespace {

/// Keys for which somebody waits.
struct AwaitedKeys {
  uint64_t all = 0, gone_too = 0;
};

/// With the gate closed.
AwaitedKeys awaited_keys(store::Keyspace& keyspace) {
  std::set<std::pair<unsigned, std::string_view>> all, gone_too;
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    if (!keyspace.shard(i).waits) continue;
    keyspace.shard(i).waits->for_each([&](const store::WaitTable::Wait& wait, uint64_t) {
      all.emplace(wait.db, wait.name);
      if (wait.gone_too) gone_too.emplace(wait.db, wait.name);
    });
  }
  return {all.size(), gone_too.size()};
}

}  // namespace

void info_clients(Server& server, InfoText& out) {
  uint64_t connected = 0, blocked = 0, deadlines = 0, max_query = 0, max_output = 0;
  server.for_each_client([&](Client& client) {
    if (client.killed() || client.session().has(exec::session_flag::kReplica)) return;
    ++connected;
    if (client.session().waits()) {
      ++blocked;
      deadlines += client.session().labels().blocked->has_deadline();
    }
    max_query = std::max(max_query, client.shown().query_bytes.get());
    max_output = std::max(max_output, client.shown().output_footprint.get());
  });
  out.section("Clients");
  out.number("connected_clients", connected);
  out.number("cluster_connections", 0);
  out.number("maxclients", uint64_t{server.config().maxclients.get()});
  out.number("client_recent_max_input_buffer", max_query);
  out.number("client_recent_max_output_buffer", max_output);
  out.number("blocked_clients", blocked);
  out.number("tracking_clients", 0);
  const AwaitedKeys awaited = awaited_keys(server.keyspace());
  out.number("clients_in_timeout_table", deadlines);
  out.number("total_blocking_keys", awaited.all);
  out.number("total_blocking_keys_on_nokey", awaited.gone_too);
}

void info_loading(const LoadProgress& progress, InfoText& out) {
  const int64_t total = progress.total_bytes, loaded = progress.loaded_bytes;
  const int64_t elapsed_s = base::wall_ms() / 1000 - progress.started_s;
  // As in Redis: one where nothing is known.
  const int64_t left_s = loaded == 0 ? 1 : elapsed_s * std::max<int64_t>(total - loaded, 0) / loaded;
  out.number("loading_start_time", progress.started_s);
  out.number("loading_total_bytes", total);
  out.number("loading_rdb_used_mem", progress.used_memory.load());
  out.number("loading_loaded_bytes", loaded);
  out.field("loading_loaded_perc", "%.2f", static_cast<double>(loaded) / static_cast<double>(std::max<int64_t>(total, 1)) * 100);
  out.number("loading_eta_seconds", left_s);
}

/// The image that is being made. What Redis's child copies because its parent writes is here what commands have
/// to preserve of what they are about to change.
void info_image(Server& server, InfoText& out) {
  const repl::SyncProgress image = server.primary().progress();
  const bool saving = server.persistence().saving();
  uint64_t total = image.keys_total;
  for (unsigned db = 0; saving && image.keys_total == 0 && db < server.keyspace().database_count(); ++db)
    total += server.keyspace().keys(db);  // it is about to begin
  out.number("current_cow_peak", image.preserved_bytes);
  out.number("current_cow_size", image.preserved_bytes);
  out.number("current_cow_size_age", 0);
  out.field("current_fork_perc", "%.2f",
            100 * static_cast<double>(image.keys) / static_cast<double>(std::max<uint64_t>(total, 1)));
  out.number("current_save_keys_processed", saving ? image.keys : 0);
  out.number("current_save_keys_total", saving ? total : 0);
}

void info_persistence(Server& server, InfoText& out) {
  const Persistence& persistence = server.persistence();
  out.section("Persistence");
  out.number("loading", persistence.loading() ? 1 : 0);
  out.number("async_loading", 0);
  info_image(server, out);
  out.number("rdb_changes_since_last_save", persistence.changes_since_save());
  out.number("rdb_bgsave_in_progress", server.primary().walking() ? 1 : 0);
  out.number("rdb_last_save_time", persistence.last_save_s());
  out.text("rdb_last_bgsave_status", persistence.last_background_ok() ? "ok" : "err");
  out.number("rdb_last_bgsave_time_sec", persistence.last_background_s());
  out.number("rdb_current_bgsave_time_sec", persistence.current_background_s());
  out.number("rdb_saves", persistence.saves());
  out.number("rdb_last_cow_size", server.primary().last_preserved_bytes());
  out.number("rdb_last_load_keys_expired", persistence.last_load().expired);
  out.number("rdb_last_load_keys_loaded", persistence.last_load().loaded);
  out.number("aof_enabled", 0);
  out.number("aof_rewrite_in_progress", 0);
  out.number("aof_rewrite_scheduled", 0);
  out.number("aof_last_rewrite_time_sec", -1);
  out.number("aof_current_rewrite_time_sec", -1);
  out.text("aof_last_bgrewrite_status", "ok");
  out.number("aof_rewrites", 0);
  out.number("aof_rewrites_consecutive_failures", 0);
  out.text("aof_last_write_status", "ok");
  out.number("aof_last_cow_size", 0);
  out.number("module_fork_in_progress", 0);
  out.number("module_fork_last_cow_size", 0);
  if (persistence.loading()) info_loading(persistence.progress(), out);
}

void info_replication(Server& server, InfoText& out) {
  const Config& config = server.config();
  repl::Primary& primary = server.primary();
  const journal::Journal& journal = primary.journal();
  out.section("Replication");
  out.text("role", "master");
  const std::vector<repl::ReplicaInfo> replicas = primary.replicas();
  out.number("connected_slaves", static_cast<int64_t>(replicas.size()));
  if (config.min_replicas_to_write != 0 && config.min_replicas_max_lag != 0)
    out.number("min_slaves_good_slaves", static_cast<int64_t>(primary.good_replicas()));
  for (size_t i = 0; i < replicas.size(); ++i) {
    const repl::ReplicaInfo& replica = replicas[i];
    out.field("slave" + std::to_string(i), "ip=%s,port=%lld,state=%s,offset=%llu,lag=%lld", replica.ip.c_str(),
              static_cast<long long>(replica.port), std::string(replica.state).c_str(),
              static_cast<unsigned long long>(replica.acked), static_cast<long long>(replica.lag_s));
  }
  out.text("master_failover_state", "no-failover");
  out.text("master_replid", primary.id());
  out.text("master_replid2", primary.second_id());
  const auto offset = static_cast<int64_t>(primary.offset());
  out.number("master_repl_offset", offset);
  out.number("second_repl_offset", primary.second_offset());
  out.number("repl_backlog_active", journal.active() ? 1 : 0);
  out.number("repl_backlog_size", config.repl_backlog_size.get());
  const auto first = static_cast<int64_t>(primary.backlog_first());
  out.number("repl_backlog_first_byte_offset", first);
  out.number("repl_backlog_histlen", journal.active() ? offset - first + 1 : 0);
  for (size_t i = 0; i < replicas.size(); ++i)
    out.field("gyre_slave" + std::to_string(i), "lag_ms=%lld,behind=%llu", static_cast<long long>(replicas[i].lag_ms),
              static_cast<unsigned long long>(replicas[i].behind));
  out.number("gyre_writers_slowed", primary.may_slow_writes() ? 1 : 0);
  const repl::SyncProgress sync = primary.progress();
  out.number("gyre_full_sync_in_progress", sync.active ? 1 : 0);
  if (!sync.active) return;
  out.number("gyre_full_sync_bytes", static_cast<int64_t>(sync.bytes));
  out.number("gyre_full_sync_keys", static_cast<int64_t>(sync.keys));
  out.number("gyre_full_sync_keys_total", static_cast<int64_t>(sync.keys_total));
  out.number("gyre_full_sync_seconds", sync.seconds);
  out.number("gyre_full_sync_seconds_left", sync.seconds_left);
  out.number("gyre_full_sync_pre_image_bytes", static_cast<int64_t>(sync.pre_image_bytes));
}

void info_cpu(InfoText& out) {
  rusage self{}, children{}, thread{};
  ::getrusage(RUSAGE_SELF, &self);
  ::getrusage(RUSAGE_CHILDREN, &children);
  ::getrusage(RUSAGE_THREAD, &thread);
  out.section("CPU");
  cpu_field(out, "used_cpu_sys", self.ru_stime);
  cpu_field(out, "used_cpu_user", self.ru_utime);
  cpu_field(out, "used_cpu_sys_children", children.ru_stime);
  cpu_field(out, "used_cpu_user_children", children.ru_utime);
  // The thread that answers, of several equal ones.
  cpu_field(out, "used_cpu_sys_main_thread", thread.ru_stime);
  cpu_field(out, "used_cpu_user_main_thread", thread.ru_utime);
}

void info_cluster(Server& server, InfoText& out) {
  out.section("Cluster");
  out.number("cluster_enabled", server.config().cluster_enabled ? 1 : 0);
}

void info_keyspace(Server& server, InfoText& out) {
  store::Keyspace& keyspace = server.keyspace();
  out.section("Keyspace");
  for (unsigned db = 0; db < keyspace.database_count(); ++db) {
    const uint64_t keys = keyspace.keys(db);
    if (keys == 0) continue;
    out.field("db" + std::to_string(db), "keys=%llu,expires=%llu,avg_ttl=%lld",
              static_cast<unsigned long long>(keys),
              static_cast<unsigned long long>(keyspace.keys_with_expiry(db)),
              static_cast<long long>(keyspace.average_ttl_ms(db)));
  }
}

}  // namespace gyre::server
