#include "gyre/exec/transaction_commands.h"

#include "gyre/base/clock.h"
#include "gyre/store/watch.h"

namespace gyre::exec {

namespace {

using namespace session_flag;

void multi(CommandContext& c) {
  if (c.session.has(kMulti)) return c.reply.error("ERR MULTI calls can not be nested");
  c.session.flags |= kMulti;
  c.session.transaction = std::make_unique<Transaction>();
  c.reply.ok();
}

void discard(CommandContext& c) {
  if (!c.session.has(kMulti)) return c.reply.error("ERR DISCARD without MULTI");
  c.dispatcher.discard_transaction(c.session);
  c.reply.ok();
}

/// A watched key whose time has come since it was watched has changed, though nobody has deleted it yet.
bool watched_key_expired(CommandContext& c) {
  for (const WatchedKey& watched : c.session.watched) {
    const store::Shard& shard = c.db().keyspace().shard_of(watched.hash);
    const store::Database* d = shard.find_database(watched.db);
    if (!d) continue;
    const store::Entry* entry = d->table.find(watched.hash, watched.name);
    if (!entry || !entry->has_expiry() || entry->expiry() >= c.now_ms()) continue;
    if (!shard.watches->expired(watched.db, watched.name, &c.session.watcher)) return true;
  }
  return false;
}

void exec_command(CommandContext& c) {
  Session& session = c.session;
  if (!session.has(kMulti)) return c.reply.error("ERR EXEC without MULTI");
  const bool broken = session.has(kDirtyExec);
  if (broken || session.watcher.dirty.load(std::memory_order_acquire) || watched_key_expired(c)) {
    broken ? c.reply.error("EXECABORT Transaction discarded because of previous errors.") : c.reply.null_array();
    c.dispatcher.discard_transaction(session);
    return;
  }
  std::unique_ptr<Transaction> transaction = std::move(session.transaction);
  c.dispatcher.discard_transaction(session);
  session.flags |= kInExec;
  c.reply.array(transaction->commands.size());
  for (const OwnedCommand& command : transaction->commands) c.dispatcher.call(c, command);
  session.flags &= ~kInExec;
}

void watch(CommandContext& c) {
  Session& session = c.session;
  if (session.has(kMulti)) return c.reply.error("ERR WATCH inside MULTI is not allowed");
  // A transaction that is already doomed needs no more witnesses.
  if (session.watcher.dirty.load(std::memory_order_acquire)) return c.reply.ok();
  for (size_t i = 1; i < c.argc(); ++i) {
    const store::Key key = c.key(i);
    bool known = false;
    for (const WatchedKey& w : session.watched) known |= w.db == session.db && w.name == key.name;
    if (known) continue;
    store::Shard& shard = c.db().shard_of(key);
    if (!shard.watches) shard.watches = std::make_unique<store::WatchTable>();
    store::Database* d = shard.find_database(session.db);
    store::Entry* entry = d ? d->table.find(key.hash, key.name) : nullptr;
    const bool expired = entry && entry->has_expiry() && entry->expiry() < c.now_ms();
    shard.watches->add(session.db, key.name, &session.watcher, expired);
    shard.has_listeners = true;
    session.watched.push_back({session.db, std::string(key.name), key.hash});
  }
  c.reply.ok();
}

void unwatch(CommandContext& c) {
  c.dispatcher.unwatch_held(c.session);
  c.reply.ok();
}

}  // namespace

void bind_transaction_commands(CommandTable& table) {
  table.bind("multi", multi);
  table.bind("exec", exec_command);
  table.bind("discard", discard);
  table.bind("watch", watch);
  table.bind("unwatch", unwatch);
}

void plan_transaction_commands(Dispatcher& dispatcher) {
  dispatcher.set_plan("exec", LockPlan::kTransaction);
  dispatcher.set_plan("discard", LockPlan::kWatched);
  dispatcher.set_plan("unwatch", LockPlan::kWatched);
}

// ---- the dispatcher's part of them ----

void Dispatcher::call(CommandContext& exec, const OwnedCommand& command) {
  CommandContext context(*this, exec.reactor, exec.session, store::Held::assume(), keyspace_, exec.now_ms());
  context.row = command.row();
  context.args = command.args();
  context.owned = &command;
  context.exclusive = exec.exclusive;
  uint64_t last_ticks = base::ticks();
  const uint32_t errors = exec.reply.error_count();
  run_body(context, &last_ticks);
  exec.inner_errors += exec.reply.error_count() - errors;
  exec.dirty += context.dirty + context.db().changes();
  exec.effects |= context.effects & (effect::kGathered | effect::kAwaited);
}

void Dispatcher::unwatch_held(Session& session) {
  for (const WatchedKey& key : session.watched) {
    store::Shard& shard = keyspace_.shard_of(key.hash);
    if (!shard.watches) continue;
    shard.watches->remove(key.db, key.name, &session.watcher);
    shard.update_listeners();
  }
  session.watched.clear();
  session.watcher.dirty.store(false, std::memory_order_relaxed);
}

void Dispatcher::discard_transaction(Session& session) {
  session.transaction.reset();
  session.flags &= ~(session_flag::kMulti | session_flag::kDirtyExec);
  unwatch_held(session);
}

coro::Task<void> Dispatcher::unwatch(ReactorState& reactor, Session& session) {
  if (session.watched.empty()) co_return;
  LockSet locks;
  for (const WatchedKey& key : session.watched) locks.add(keyspace_.shard_index(key.hash));
  locks.seal();
  co_await hold(reactor, session, nullptr, locks);
  unwatch_held(session);
  let_go(reactor, locks);
}

}  // namespace gyre::exec
