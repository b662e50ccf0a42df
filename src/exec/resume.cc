#include "gyre/exec/resume.h"

#include "gyre/base/clock.h"

namespace gyre::exec {

coro::Task<void> take(const HalfDone& command) {
  store::Keyspace& keyspace = command.dispatcher.keyspace();
  WaitList::Wait noted(command.reactor.waits, command.session, command.command.row(), WaitList::For::kShards,
                       &command.locks);
  if (keyspace.concurrent()) co_await command.locks.lock(keyspace);
  // Whoever closes the gate takes no shards, so waiting for it with shards in hand is safe.
  while (!keyspace.gate().try_enter(command.reactor.index)) co_await keyspace.gate().opened();
}

void let_go(const HalfDone& command) {
  store::Keyspace& keyspace = command.dispatcher.keyspace();
  keyspace.gate().leave(command.reactor.index);
  if (keyspace.concurrent()) command.locks.unlock(keyspace);
}

coro::Task<void> resume(const HalfDone& command) {
  co_await take(command);
  Dispatcher& dispatcher = command.dispatcher;
  Session& session = command.session;
  uint64_t ticks = command.begun_ticks;
  CommandContext context(dispatcher, command.reactor, session, store::Held::assume(), dispatcher.keyspace(),
                         command.reactor.now_ms(base::ticks()));
  context.row = command.command.row();
  context.args = command.command.args();
  context.owned = &command.command;
  // A command that waits is not counted.
  session.flags &= ~session_flag::kBlocked;
  const base::OutBuffer::Mark mark = session.reply.out().mark();
  dispatcher.run_body(context, &ticks);
  session.flags |= session_flag::kBlocked;
  if (command.unanswered) session.reply.out().rewind(mark);
  if (context.effects & effect::kAwaited)
    dispatcher.serve_waiters(command.reactor, dispatcher.keyspace().concurrent() ? &command.locks : nullptr);
  let_go(command);
}

}  // namespace gyre::exec
