// PSYNC, SYNC, REPLCONF, ROLE, WAIT.
#include <climits>

#include "ack_wait.h"
#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/base/numbers.h"
#include "gyre/exec/command_table.h"
#include "gyre/exec/ignore_case.h"
#include "replica.h"

namespace gyre::repl {

using base::LogLevel;
using exec::equal_ignoring_case;

namespace {

constexpr size_t kMaxAddress = 255;

/// Of a command that is never answered: nothing of it may reach the stream.
void answer_nothing_more(exec::CommandContext& c) {
  c.session.flags |= exec::session_flag::kReplica | exec::session_flag::kReplyOff;
  c.session.handle.carries_stream();
}

FindPrimary find_primary;

}  // namespace

void Primary::sync(exec::CommandContext& c) {
  if (c.session.has(exec::session_flag::kReplica)) return;
  const bool partial = c.row->full_name == "psync";
  if (partial && c.argc() > 3 && equal_ignoring_case(c.arg(3), "failover")) {
    base::log(LogLevel::kNotice, "Failover request received for replid %.*s.", static_cast<int>(c.arg(1).size()),
              c.arg(1).data());
    return c.reply.error("ERR PSYNC FAILOVER can't be sent to a master.");
  }
  if (c.session.handle.stream()->pending() != 0)
    return c.reply.error("ERR SYNC and PSYNC are invalid with pending output");
  Replica& replica = Replica::of(*this, c.session);
  if (replica.without_keys && !replica.can_eof) return c.reply.error("ERR Filtered replica requires EOF capability");
  base::log(LogLevel::kNotice, "Replica %s asks for synchronization", replica.name().c_str());
  if (partial) {
    if (!base::parse_int64(c.arg(2))) {
      base::log(LogLevel::kWarning, "Replica %s asks for synchronization but with a wrong offset", replica.name().c_str());
      return c.not_an_integer();
    }
    if (try_partial(c, replica)) {
      ++counters_.sync_partial_ok;
      return answer_nothing_more(c);
    }
    if (!c.arg(1).starts_with('?')) ++counters_.sync_partial_err;
  }
  ++counters_.sync_full;
  replica.start_full(!partial);
  answer_nothing_more(c);
  sync_wanted_.set();
}

bool Primary::try_partial(exec::CommandContext& c, Replica& replica) {
  const std::string_view id = c.arg(1);
  const int64_t wanted = *base::parse_int64(c.arg(2));  // of the first byte
  const bool first = equal_ignoring_case(id, id_), second = equal_ignoring_case(id, second_id_);
  if (!first && (!second || wanted > second_offset_)) {
    if (id.starts_with('?')) {
      base::log(LogLevel::kNotice, "Full resync requested by replica %s", replica.name().c_str());
    } else if (!second) {
      base::log(LogLevel::kNotice,
                "Partial resynchronization not accepted: Replication ID mismatch (Replica asked for '%.*s', my "
                "replication IDs are '%s' and '%s')",
                static_cast<int>(id.size()), id.data(), id_.c_str(), second_id_.c_str());
    } else {
      base::log(LogLevel::kNotice,
                "Partial resynchronization not accepted: Requested offset for second ID was %lld, but I can reply up "
                "to %lld",
                static_cast<long long>(wanted), static_cast<long long>(second_offset_.load()));
    }
    return false;
  }
  if (!journal_.active() || wanted < 1 || !replica.cursor.open(journal_, static_cast<uint64_t>(wanted - 1))) {
    base::log(LogLevel::kNotice,
              "Unable to partial resync with replica %s for lack of backlog (Replica request was: %lld). A larger "
              "repl-backlog-size keeps more.",
              replica.name().c_str(), static_cast<long long>(wanted));
    if (wanted > static_cast<int64_t>(offset()))
      base::log(LogLevel::kWarning,
                "Warning: replica %s tried to PSYNC with an offset that is greater than the master replication offset.",
                replica.name().c_str());
    return false;
  }
  base::log(LogLevel::kNotice,
            "Partial resynchronization request from %s accepted. Sending %llu bytes of backlog starting from offset %lld.",
            replica.name().c_str(), static_cast<unsigned long long>(replica.cursor.lag()), static_cast<long long>(wanted));
  replica.sent = replica.cursor.position();
  replica.start_partial(replica.can_psync2 ? "+CONTINUE " + id_ + "\r\n" : "+CONTINUE\r\n");
  return true;
}

void Primary::replconf(exec::CommandContext& c) {
  if (c.argc() % 2 == 0) return c.syntax_error();
  if (!c.session.handle.stream()) return c.reply.ok();
  for (size_t i = 1; i < c.argc(); i += 2) {
    const std::string_view option = c.arg(i), value = c.arg(i + 1);
    if (equal_ignoring_case(option, "ack")) {
      const std::optional<int64_t> offset = base::parse_int64(value);
      if (!c.session.has(exec::session_flag::kReplica) || !offset) return;
      Replica::of(*this, c.session).acknowledge(static_cast<uint64_t>(*offset), base::wall_ms());
      return note_ack();
    }
    if (equal_ignoring_case(option, "getack")) return;  // for replicas
    Replica& replica = Replica::of(*this, c.session);
    std::unique_lock lock(mutex_);
    if (equal_ignoring_case(option, "listening-port")) {
      if (!c.get_int64(i + 1, &replica.port)) return;
    } else if (equal_ignoring_case(option, "ip-address")) {
      if (value.size() >= kMaxAddress)
        return c.reply.errorf("ERR REPLCONF ip-address provided by replica instance is too long: %zd bytes", value.size());
      replica.announced_ip = value;
    } else if (equal_ignoring_case(option, "capa")) {
      replica.can_eof |= equal_ignoring_case(value, "eof");
      replica.can_psync2 |= equal_ignoring_case(value, "psync2");
    } else if (equal_ignoring_case(option, "rdb-only")) {
      int64_t on;
      if (!c.get_int64(i + 1, &on)) return;
      if (on < 0 || on > 1) return c.reply.error("ERR value is out of range, value must between 0 and 1");
      replica.image_only = on == 1;
    } else if (equal_ignoring_case(option, "rdb-filter-only")) {
      // There are no functions, so with or without them the image is one without keys.
      replica.without_keys = true;
      if (!value.empty() && !equal_ignoring_case(value, "functions"))
        return c.reply.errorf("ERR Unsupported rdb-filter-only option: %.*s", static_cast<int>(value.size()), value.data());
    } else {
      return c.reply.errorf("ERR Unrecognized REPLCONF option: %.*s", static_cast<int>(option.size()), option.data());
    }
  }
  c.reply.ok();
}

void Primary::role(exec::CommandContext& c) {
  const std::vector<ReplicaInfo> all = replicas();
  size_t online = 0;
  for (const ReplicaInfo& replica : all) online += replica.online ? 1 : 0;
  c.reply.array(3);
  c.reply.bulk("master");
  c.reply.integer(static_cast<int64_t>(offset()));
  c.reply.array(online);
  for (const ReplicaInfo& replica : all) {
    if (!replica.online) continue;
    c.reply.array(3);
    c.reply.bulk(replica.ip);
    c.reply.bulk(std::to_string(replica.port));
    c.reply.bulk(std::to_string(replica.acked));
  }
}

void Primary::wait(exec::CommandContext& c) {
  int64_t replicas, timeout_ms;
  if (!c.get_int64(1, &replicas)) return;
  const std::optional<int64_t> timeout = base::parse_int64(c.arg(2));
  if (!timeout) return c.reply.error("ERR timeout is not an integer or out of range");
  timeout_ms = *timeout;
  if (timeout_ms < 0) return c.reply.error("ERR timeout is negative");
  if (timeout_ms > LLONG_MAX - base::wall_ms()) return c.reply.error("ERR timeout is out of range");
  const uint64_t offset = c.session.last_write_offset;
  const auto have = static_cast<int64_t>(acknowledged(offset));
  if (have >= replicas || c.session.has(exec::session_flag::kInExec)) return c.reply.integer(have);
  // A wait beyond the clock's range is one without end.
  const int64_t now_us = base::monotonic_us();
  const int64_t deadline_us = timeout_ms == 0 || timeout_ms > (INT64_MAX - now_us) / 1000 ? 0 : now_us + timeout_ms * 1000;
  c.session.block(std::make_unique<AckWait>(*this, offset, replicas, deadline_us));
  request_acks(c.reactor.index);
}

void bind_replication_commands(exec::CommandTable& table, FindPrimary find) {
  find_primary = find;
  table.bind("sync", [](exec::CommandContext& c) { find_primary(c).sync(c); });
  table.bind("psync", [](exec::CommandContext& c) { find_primary(c).sync(c); });
  table.bind("replconf", [](exec::CommandContext& c) { find_primary(c).replconf(c); });
  table.bind("role", [](exec::CommandContext& c) { find_primary(c).role(c); });
  table.bind("wait", [](exec::CommandContext& c) { find_primary(c).wait(c); });
}

}  // namespace gyre::repl
