// Serving those who wait for keys (key_wait.h): what a command needs to hold for it, and the rounds after it.
#include <utility>

#include "gyre/base/clock.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/key_wait.h"
#include "gyre/store/wait_table.h"

namespace gyre::exec {

void Dispatcher::lock_keys(Session& session, const OwnedCommand& command, LockSet* locks) {
  KeyList keys;
  plan_locks(session, *command.row(), command.args(), locks, &keys);
  locks->seal();
}

bool Dispatcher::waiters_need_more(const LockSet& held, LockSet* more) {
  bool waited = false;
  for (size_t i = 0; i < held.size(); ++i) waited |= keyspace_.shard(held.shard(i)).waits != nullptr;
  if (!waited) [[likely]]
    return false;
  *more = held;
  bool grown = false;
  // By index: those who wait for what others push are found behind them.
  for (size_t i = 0; i < more->hashes().size(); ++i) {
    const uint64_t hash = more->hashes()[i];
    const store::Shard& shard = keyspace_.shard_of(hash);
    if (!held.covers_shard(shard.index()) || !shard.waits) continue;
    for (const store::WaitTable::Wait& wait : shard.waits->of_hash(hash)) {
      const LockSet& needed = static_cast<const KeyWait*>(wait.waiter)->locks();
      grown |= !held.covers(needed);
      more->add_all(needed);
    }
  }
  return grown;
}

void Dispatcher::serve_waiters(ReactorState& reactor, const LockSet* held) {
  std::vector<Effects::AwaitedKey>& awaited = reactor.effects.awaited_keys;
  // What is served may push, and so let others be served: they come behind.
  while (!awaited.empty()) {
    const std::vector<Effects::AwaitedKey> keys = std::exchange(awaited, {});
    for (const Effects::AwaitedKey& key : keys) serve_key(reactor, held, key);
  }
}

void Dispatcher::serve_key(ReactorState& reactor, const LockSet* held, const Effects::AwaitedKey& awaited) {
  store::Shard& shard = keyspace_.shard_of(awaited.hash);
  if (!shard.waits) return;
  const store::Key key{awaited.name, awaited.hash};
  for (store::KeyWaiter* waiter : shard.waits->waiters(awaited.db, key.name, key.hash)) {
    auto& wait = *static_cast<KeyWait*>(waiter);
    if (!wait.ready(awaited.db, key, reactor.now_ms(base::ticks()))) continue;
    if (held && !held->covers(wait.locks())) {
      wait.poke();
    } else {
      wait.run_again(reactor, /*exclusive=*/held == nullptr);
    }
  }
}

void Dispatcher::poke_waiters(unsigned db, const store::Key& key) const {
  const store::Shard& shard = keyspace_.shard_of(key.hash);
  if (!shard.waits) return;
  for (store::KeyWaiter* waiter : shard.waits->waiters(db, key.name, key.hash))
    static_cast<KeyWait*>(waiter)->poke();
}

coro::Task<void> Dispatcher::hold(ReactorState& reactor, const Session& session, const CommandRow* row,
                                  const LockSet& locks) {
  WaitList::Wait noted(reactor.waits, session, row, WaitList::For::kShards, &locks);
  if (keyspace_.concurrent()) co_await locks.lock(keyspace_);
  // Whoever closes the gate takes no shards, so waiting for it with shards in hand is safe.
  while (!keyspace_.gate().try_enter(reactor.index)) co_await keyspace_.gate().opened();
}

void Dispatcher::let_go(ReactorState& reactor, const LockSet& locks) {
  keyspace_.gate().leave(reactor.index);
  if (keyspace_.concurrent()) locks.unlock(keyspace_);
}

coro::Task<void> Dispatcher::end_wait(ReactorState& reactor, KeyWait& wait, Session& session) {
  const LockSet& locks = wait.locks();
  co_await hold(reactor, session, session.last_command, locks);
  wait.give_up();
  wait.finish(session);
  let_go(reactor, locks);
}

}  // namespace gyre::exec
