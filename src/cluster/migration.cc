#include "migration.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "gyre/base/clock.h"
#include "gyre/base/numbers.h"
#include "gyre/cmd/dump_payload.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/ignore_case.h"

namespace gyre::cluster {

namespace {

using exec::CommandContext;
using exec::equal_ignoring_case;

constexpr int64_t kDefaultTimeoutMs = 1000;
constexpr size_t kFirstOption = 6;

bool is_error(std::string_view line) { return line.starts_with('-'); }

/// The words behind the timeout. False and the error replied.
bool parse_options(CommandContext& c, MigrateArguments* a) {
  for (size_t i = kFirstOption; i < c.argc(); ++i) {
    const size_t more = c.argc() - 1 - i;
    if (equal_ignoring_case(c.arg(i), "copy")) {
      a->copy = true;
    } else if (equal_ignoring_case(c.arg(i), "replace")) {
      a->replace = true;
    } else if (equal_ignoring_case(c.arg(i), "auth") && more >= 1) {
      a->password = c.arg(++i);
    } else if (equal_ignoring_case(c.arg(i), "auth2") && more >= 2) {
      a->user = c.arg(++i);
      a->password = c.arg(++i);
    } else if (equal_ignoring_case(c.arg(i), "keys")) {
      if (!c.arg(3).empty()) {
        c.reply.error("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
        return false;
      }
      a->first_key = i + 1;
      a->keys = more;
      return true;
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

}  // namespace

bool parse_arguments(CommandContext& c, MigrateArguments* a) {
  a->host = c.arg(1);
  a->port = c.arg(2);
  if (!parse_options(c, a) || !c.get_int64(5, &a->timeout_ms) || !c.get_int64(4, &a->db)) return false;
  if (a->timeout_ms <= 0) a->timeout_ms = kDefaultTimeoutMs;
  return true;
}

int Migration::port() const { return std::atoi(arguments_.port.c_str()); }

void Migration::make_payloads(store::Db& db, const std::vector<std::string>& names,
                              const cmd::Environment& environment, bool watch) {
  const std::string_view restore = owner_.settings().cluster ? "RESTORE-ASKING" : "RESTORE";
  for (const std::string& name : names) {
    const store::Key key = store::make_key(name);
    const store::Entry* entry = db.peek(key);
    if (!entry) continue;
    const int64_t ttl_ms = entry->has_expiry() ? std::max<int64_t>(1, entry->expiry() - db.now_ms()) : 0;
    body_.begin(arguments_.replace ? 5 : 4);
    body_.argument(restore);
    body_.argument(name);
    body_.argument(base::to_string(ttl_ms));
    body_.argument(cmd::dump_payload(*entry, environment));
    if (arguments_.replace) body_.argument("REPLACE");

    Moved& moved = keys_.emplace_back();
    moved.name = name;
    if (!watch) continue;
    store::Shard& shard = db.shard_of(key);
    if (!shard.watches) shard.watches = std::make_unique<store::WatchTable>();
    shard.watches->add(db.index(), name, &moved.watcher, /*expired=*/false);
    shard.has_listeners = true;
    moved.watched = true;
  }
}

Exchange Migration::exchange(const MigrateSocket& socket) {
  head_ = {};
  if (arguments_.password) {
    head_.begin(arguments_.user ? 3 : 2);
    head_.argument("AUTH");
    if (arguments_.user) head_.argument(*arguments_.user);
    head_.argument(*arguments_.password);
  }
  selects_ = socket.last_db != arguments_.db;
  if (selects_) {
    head_.begin(2);
    head_.argument("SELECT");
    head_.argument(base::to_string(arguments_.db));
  }
  std::vector<std::string_view> pieces = head_.pieces();
  for (const std::string_view piece : body_.pieces()) pieces.push_back(piece);
  return Exchange(socket.fd(), std::move(pieces), heads() + keys_.size());
}

/// What came in answer to AUTH, SELECT and each RESTORE, as far as it came. An error of the first two is one
/// of all keys; the first error is the one that is told.
void Migration::note_replies(const std::vector<std::string>& lines) {
  size_t at = 0;
  std::string_view head_error;
  for (; at < heads() && at < lines.size(); ++at)
    if (head_error.empty() && is_error(lines[at])) head_error = lines[at];
  for (Moved& key : keys_) {
    if (at == lines.size()) return;
    const std::string_view reply = lines[at++];
    const std::string_view error = !head_error.empty() ? head_error
                                   : is_error(reply)   ? reply
                                                       : std::string_view();
    key.acknowledged = error.empty();
    if (error.empty() || refused_) continue;
    refused_ = true;
    error_ = "ERR Target instance replied with error: " + std::string(error.substr(1));
  }
}

bool Migration::conclude(const Exchange& exchange, MigrateSocket socket) {
  const bool failed = exchange.state() == Exchange::State::kFailed;
  // Nothing was done as yet, so far as is known: the socket may just have been kept for too long.
  if (failed && exchange.lines().size() <= heads() && exchange.error() != ETIMEDOUT &&
      !std::exchange(retried_, true))
    return true;
  note_replies(exchange.lines());
  if (failed) {
    if (!refused_)
      error_ = exchange.failed_writing() ? "IOERR error or timeout writing to target instance"
                                         : "IOERR error or timeout reading to target instance";
    return false;
  }
  socket.last_db = refused_ ? MigrateSocket::kUnknownDb : arguments_.db;
  owner_.sockets().put(address(), std::move(socket), base::wall_ms());
  return false;
}

bool Migration::changed(store::Db& db, Moved& key) {
  if (!key.watched) return false;
  store::Shard& shard = db.shard_of(store::make_key(key.name));
  if (shard.watches) {
    shard.watches->remove(db.index(), key.name, &key.watcher);
    shard.update_listeners();
  }
  return key.watcher.dirty.load(std::memory_order_acquire);
}

void Migration::finish(CommandContext& c) {
  std::vector<std::string_view> deletion{"DEL"};
  bool kept = false;
  for (Moved& key : keys_) {
    const bool has_changed = changed(c.db(), key);
    if (!key.acknowledged || arguments_.copy) continue;
    const store::Key name = store::make_key(key.name);
    store::Entry* entry = c.db().write(name);
    if (!entry) continue;
    if (has_changed) {
      kept = true;
      continue;
    }
    c.db().erase(name, entry);
    deletion.push_back(key.name);
  }
  c.set_changes(deletion.size() - 1);
  if (deletion.size() > 1) c.propagate_as(deletion);
  if (keys_.empty()) return c.reply.simple("NOKEY");
  if (!error_.empty()) return c.reply.error(error_);
  if (kept)
    return c.reply.error(
        "ERR A key changed while it was on its way. It was kept, and the target instance has it as it was");
  c.reply.ok();
}

}  // namespace gyre::cluster
