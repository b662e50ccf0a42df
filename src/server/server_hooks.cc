// What the dispatcher asks and tells: pauses, memory limit, protected commands, slow and suspicious ones.
#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/cluster/migrations.h"
#include "gyre/server/client.h"
#include "gyre/server/redaction.h"
#include "gyre/server/server.h"
#include "persistence.h"
#include "support.h"

namespace gyre::server {

namespace {

constexpr int64_t kPausePollUs = 1'000;
/// Beside the conditions of exec: writes are refused, as they would not be saved.
constexpr uint32_t kUnsaved = 1u << 16;
/// Keys are on their way to another server.
constexpr uint32_t kKeysInTransit = 1u << 17;

}  // namespace

// ---- CLIENT PAUSE ----

void Server::pause(Pause what, int64_t until_ms) {
  const int64_t now = base::wall_ms();
  const Pause present = paused(now);
  // A second pause only ever makes the present one longer or stronger.
  if (present == Pause::kAll) what = Pause::kAll;
  if (present != Pause::kNone) until_ms = std::max(until_ms, pause_until_ms_.load());
  pause_until_ms_ = until_ms;
  pause_ = what;
  update_conditions();
}

void Server::unpause() {
  pause_ = Pause::kNone;
  pause_until_ms_ = 0;
  update_conditions();
}

Server::Pause Server::paused(int64_t now_ms) const {
  return now_ms < pause_until_ms_.load(std::memory_order_relaxed) ? pause_.load(std::memory_order_relaxed)
                                                                  : Pause::kNone;
}

coro::Task<void> Server::unpaused() { co_await io::Reactor::current()->sleep_us(kPausePollUs); }

void Server::update_conditions() {
  // Whoever comes later has seen more.
  std::lock_guard lock(conditions_mutex_);
  uint32_t bits = 0;
  if (migrations_ && migrations_->any_in_transit()) bits |= kKeysInTransit;
  if (paused(base::wall_ms()) != Pause::kNone) bits |= exec::condition::kPaused;
  if (primary_ && primary_->refusing_writes()) bits |= exec::condition::kFewReplicas;
  if (primary_ && primary_->may_slow_writes()) bits |= exec::condition::kSyncBehind;
  if (persistence_ && persistence_->loading()) bits |= exec::condition::kLoading;
  if (saved_at_end_ || (persistence_ && persistence_->refusing_writes())) bits |= kUnsaved;
  dispatcher_->conditions.store(bits, std::memory_order_relaxed);
}

void Server::refuse_writes_at_end() {
  saved_at_end_ = true;
  update_conditions();
}

// ---- exec::DispatchHooks ----

namespace {

/// Whether the command has one of the flags; EXEC has those of what it will run.
bool concerns(const exec::CommandContext& context, uint64_t flags) {
  if (context.row->has(flags)) return true;
  if (!context.session.transaction || context.row->full_name != "exec") return false;
  const auto& queued = context.session.transaction->commands;
  return std::any_of(queued.begin(), queued.end(),
                     [flags](const exec::OwnedCommand& command) { return command.row()->has(flags); });
}

/// Whether the command may take memory for long. Any that would be queued does; EXEC when one of the queued
/// ones does.
bool grows_memory(const exec::CommandContext& context) {
  if (concerns(context, exec::flag::kDenyOom)) return true;
  if (!context.session.has(exec::session_flag::kMulti)) return false;
  const std::string_view name = context.row->full_name;
  return name != "exec" && name != "discard" && name != "quit" && name != "reset";
}

}  // namespace

bool Server::deletes_lazily(store::Deletion why) const {
  return why == store::Deletion::kExpired ? config_.lazyfree_lazy_expire : config_.lazyfree_lazy_eviction;
}

bool locked_out(Server& server, const exec::Session& session) {
  return session.has(exec::session_flag::kUnauthenticated) && !server.config().requirepass.get().empty();
}

exec::DispatchHooks::Admission Server::admit(exec::CommandContext& context) {
  if (locked_out(*this, context.session) && !context.row->has(exec::flag::kNoAuth)) {
    context.refusal = "NOAUTH Authentication required.";
    return Admission::kRefused;
  }
  if (persistence_->loading()) {
    if (context.row->has(exec::flag::kLoading)) return Admission::kRun;
    context.refusal = "LOADING Redis is loading the dataset in memory";
    return Admission::kRefused;
  }
  if (!make_room(context) && grows_memory(context)) {
    context.refusal = "OOM command not allowed when used memory > 'maxmemory'.";
    return Admission::kRefused;
  }
  if (saved_at_end_.load(std::memory_order_relaxed) && concerns(context, exec::flag::kWrite)) {
    context.refusal = "ERR The server is shutting down";
    return Admission::kRefused;
  }
  if (persistence_->refusing_writes() &&
      (concerns(context, exec::flag::kWrite) || context.row->full_name == "ping")) {
    context.refusal =
        "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands "
        "that may modify the data set are disabled, because this instance is configured to report errors during "
        "writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for "
        "details about the RDB error.";
    return Admission::kRefused;
  }
  // As in Redis a write is refused when it would be queued, too.
  if (primary_->refusing_writes() && concerns(context, exec::flag::kWrite)) {
    context.refusal = "NOREPLICAS Not enough good replicas to write.";
    return Admission::kRefused;
  }
  const bool queues = context.session.has(exec::session_flag::kMulti) && context.row->full_name != "exec";
  if (!queues && concerns(context, exec::flag::kWrite) && primary_->slowing_writes()) return Admission::kPaused;
  if (migrations_->any_in_transit() && migrations_->puts_off(context)) return Admission::kPaused;
  const Pause pause = paused(base::wall_ms());
  if (pause == Pause::kNone) return Admission::kRun;
  // Nothing is exempt, not even CLIENT UNPAUSE during a pause of all.
  return pause == Pause::kAll || concerns(context, exec::flag::kWrite | exec::flag::kMayReplicate)
             ? Admission::kPaused
             : Admission::kRun;
}

bool Server::allow_protected(exec::CommandContext& context) {
  const bool module = context.row->full_name.starts_with("module");
  const Permission permission =
      module ? config_.enable_module_command.get() : config_.enable_debug_command.get();
  if (permission == Permission::kYes) return true;
  auto& client = static_cast<Client&>(context.session.handle);
  if (permission == Permission::kLocal && client.is_local()) return true;
  const char* name = module ? "MODULE" : "DEBUG";
  const char* option = module ? "enable-module-command" : "enable-debug-command";
  context.reply.errorf(
      "ERR %s command not allowed. If the %s option is set to \"local\", you can run it from a local "
      "connection, otherwise you need to set this option in the configuration file, and then restart the "
      "server.",
      name, option);
  return false;
}

void Server::slow_command(exec::Session& session, const exec::CommandRow& row, exec::CommandArgs args,
                          uint64_t ticks) {
  const auto taken_us = static_cast<int64_t>(base::ticks_to_ns(ticks) / 1000);
  const int64_t now_s = base::wall_ms() / 1000;
  const int64_t latency_ms = config_.latency_monitor_threshold;
  if (latency_ms > 0 && taken_us / 1000 >= latency_ms)
    latency_monitor_.add(row.has(exec::flag::kFast) ? "fast-command" : "command", now_s, taken_us / 1000);
  const int64_t slower_us = config_.slowlog_log_slower_than;
  if (slower_us < 0 || taken_us < slower_us) return;
  const auto& client = static_cast<const Client&>(session.handle);
  slowlog_.add(now_s, taken_us, RedactedArgs(row, args).args(), client.peer(), session.labels().name,
               config_.slowlog_max_len);
}

void Server::cross_protocol_request(exec::Session& session) {
  // Once a minute: an attacker decides how often this happens.
  constexpr int64_t kQuietMs = 60'000;
  const int64_t now = base::wall_ms();
  int64_t last = last_cross_protocol_ms_.load(std::memory_order_relaxed);
  if (now - last <= kQuietMs || !last_cross_protocol_ms_.compare_exchange_strong(last, now)) return;
  base::log(base::LogLevel::kWarning,
            "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to "
            "Redis. This is "
            "likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis "
            "instance. "
            "Connection from %s aborted.",
            static_cast<const Client&>(session.handle).peer().c_str());
}

}  // namespace gyre::server
