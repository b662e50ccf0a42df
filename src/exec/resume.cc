#include "gyre/exec/resume.h"

#include "gyre/base/clock.h"

namespace gyre::exec {

coro::Task<void> resume(const HalfDone& command) {
  co_await command.hold();
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
  command.let_go();
}

}  // namespace gyre::exec
