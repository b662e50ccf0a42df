// For commands whose client waits, for something else than keys, between two halves of their body: the first
// half calls Session::block(), and the coroutine of the wait (exec::Blocked) has the body run again for the
// second half.
#pragma once

#include "gyre/coro/task.h"
#include "gyre/exec/dispatcher.h"

namespace gyre::exec {

/// A command between its halves.
struct HalfDone {
  Dispatcher& dispatcher;
  ReactorState& reactor;
  Session& session;
  const OwnedCommand& command;
  const LockSet& locks;  // sealed: the shards of its keys
  uint64_t begun_ticks;  // when the command began
  bool unanswered;       // CLIENT REPLY: its client wants no reply

  /// Takes the shards, as Dispatcher::hold().
  coro::Task<void> hold() const { return dispatcher.hold(reactor, session, command.row(), locks); }
  void let_go() const { dispatcher.let_go(reactor, locks); }
};

/// Runs the body again with the shards: the second half, with which the command ends and is counted.
coro::Task<void> resume(const HalfDone& command);
/// Whether this is the second half: then the wait is still there.
inline bool is_resumed(const CommandContext& c) {
  return c.session.labels().blocked != nullptr && !c.session.has(session_flag::kBlocked);
}

}  // namespace gyre::exec
