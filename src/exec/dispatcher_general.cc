// What is rare: refusals, transactions, commands over several shards, waiting for locks and for the gate.
#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/numbers.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/exec/key_extraction.h"

namespace gyre::exec {

using Verdict = ParsedCommand::Verdict;

namespace {

constexpr size_t kPreviewBytes = 128;
/// How often a command lets its locks go because those who wait need more; then it takes everything.
constexpr unsigned kRoundsForWaiters = 4;

/// What Redis shows of an argument: up to the first zero byte.
std::string_view up_to_zero(std::string_view text) { return text.substr(0, text.find('\0')); }

/// The commands that act at once between MULTI and EXEC.
bool acts_inside_multi(const CommandRow& row) {
  const std::string_view n = row.full_name;
  return n == "exec" || n == "discard" || n == "multi" || n == "watch" || n == "quit" || n == "reset";
}

}  // namespace

void Dispatcher::count_failure(ReactorState& reactor, Session& session, const CommandRow& row) {
  ++reactor.stats.commands[row.id].failed;
  reactor.stats.count_error(session.reply.last_error_code());
}

void Dispatcher::reject(CommandContext& context) {
  if (context.session.has(session_flag::kMulti)) context.session.flags |= session_flag::kDirtyExec;
  if (context.row) ++context.reactor.stats.commands[context.row->id].rejected;
  context.reactor.stats.count_error(context.reply.last_error_code());
}

void Dispatcher::reply_unknown(CommandContext& context, Verdict verdict) {
  const CommandArgs args = context.args;
  if (equal_ignoring_case(args[0], "post") || equal_ignoring_case(args[0], "host:")) {
    hooks_.cross_protocol_request(context.session);
    context.session.flags |= session_flag::kCloseAfterReply;
    return;
  }
  auto clipped = [](std::string_view s) { return static_cast<int>(std::min(s.size(), kPreviewBytes)); };
  if (verdict == Verdict::kUnknownSubcommand) {
    std::string parent(context.row->name);
    for (char& c : parent) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    context.reply.errorf("ERR unknown subcommand '%.*s'. Try %s HELP.", clipped(args[1]), args[1].data(), parent.c_str());
    context.row = nullptr;
    return;
  }
  std::string preview;
  for (size_t i = 1; i < args.size() && preview.size() < kPreviewBytes; ++i) {
    preview += '\'';
    preview += up_to_zero(args[i]).substr(0, kPreviewBytes - preview.size() + 1);
    preview += "' ";
  }
  context.reply.error("ERR unknown command '" + std::string(up_to_zero(args[0]).substr(0, kPreviewBytes)) +
                      "', with args beginning with: " + preview);
}

Dispatcher::Check Dispatcher::refuse(CommandContext& context, std::string_view error) {
  if (context.row->full_name == "exec") {
    context.refusal = error;
    return Check::kAbortExec;
  }
  context.reply.error(error);
  reject(context);
  return Check::kHandled;
}

void Dispatcher::abort_exec(CommandContext& context) {
  discard_transaction(context.session);
  context.reply.error("EXECABORT Transaction discarded because of: " + std::string(context.refusal));
  reject(context);
}

Dispatcher::Check Dispatcher::check(CommandContext& context, Verdict verdict) {
  Session& session = context.session;
  if (verdict == Verdict::kArity && context.row->full_name == "exec")
    return refuse(context, "wrong number of arguments for 'exec' command");
  if (verdict != Verdict::kFine) {
    if (verdict == Verdict::kArity) {
      context.wrong_arity();
    } else {
      reply_unknown(context, verdict);
    }
    reject(context);
    return Check::kHandled;
  }
  const CommandRow& row = *context.row;
  if (row.has(flag::kProtected) && !hooks_.allow_protected(context)) {
    reject(context);
    return Check::kHandled;
  }
  const bool in_multi = session.has(session_flag::kMulti);
  if (in_multi && row.has(flag::kNoMulti)) return refuse(context, "ERR Command not allowed inside a transaction");
  if (conditions.load(std::memory_order_relaxed) != 0 || context.reactor.memory_due() ||
      session.has(session_flag::kUnauthenticated)) {
    switch (hooks_.admit(context)) {
      case DispatchHooks::Admission::kRun: break;
      case DispatchHooks::Admission::kPaused: return Check::kPaused;
      case DispatchHooks::Admission::kRefused: return refuse(context, context.refusal);
    }
  }
  if (in_multi && queue_in_transaction(context)) return Check::kHandled;
  return Check::kRun;
}

bool Dispatcher::queue_in_transaction(CommandContext& context) {
  if (acts_inside_multi(*context.row)) return false;
  Session& session = context.session;
  session.last_command = context.row;
  // Nothing of a transaction that will be aborted is kept.
  if (!session.has(session_flag::kDirtyExec) && !session.watcher.dirty.load(std::memory_order_acquire)) {
    Transaction& transaction = *session.transaction;
    if (context.arena) {
      transaction.commands.emplace_back(context.row, *context.arena, context.first_arg,
                                        static_cast<uint32_t>(context.args.size()));
    } else {
      transaction.commands.emplace_back(context.row, context.args);
    }
    transaction.footprint += transaction.commands.back().footprint();
  } else {
    session.transaction->commands.clear();
    session.transaction->footprint = 0;
  }
  context.reply.queued();
  return true;
}

void Dispatcher::add_transaction_locks(Session& session, LockSet* locks, KeyList* keys, bool* exclusive) {
  for (const OwnedCommand& command : session.transaction->commands) {
    // A walk that passes from shard to shard would meet those that the transaction itself holds.
    const bool walks = plans_[command.row()->id] == LockPlan::kCursor;
    if (walks || plan_locks(session, *command.row(), command.args(), locks, keys) == LockPlan::kExclusive) {
      *exclusive = true;
      return;
    }
  }
}

LockPlan Dispatcher::plan_locks(Session& session, const CommandRow& row, CommandArgs args, LockSet* locks, KeyList* keys) {
  bool exclusive = false;
  switch (plans_[row.id]) {
    case LockPlan::kNone: return LockPlan::kNone;
    case LockPlan::kExclusive: return LockPlan::kExclusive;
    case LockPlan::kSingle: locks->add_key(keyspace_, store::hash_key(args[row.single_key_index])); break;
    case LockPlan::kKeys:
      keys_of(row, args, *keys, {.include_not_keys = true, .partial = true});
      // Where specs may err the body's own way of reading counts.
      if (row.find_keys) row.find_keys(args, *keys);
      for (const KeyRef& key : *keys) locks->add_key(keyspace_, store::hash_key(args[key.position]));
      break;
    case LockPlan::kPlanned:
      keys->clear();
      if (!planners_[row.id](args, *keys)) return LockPlan::kExclusive;
      for (const KeyRef& key : *keys) locks->add_key(keyspace_, store::hash_key(args[key.position]));
      break;
    case LockPlan::kCursor: {
      const uint64_t cursor = base::parse_uint64(args[1]).value_or(0);
      locks->add(static_cast<unsigned>(cursor % keyspace_.shard_count()));
      break;
    }
    case LockPlan::kTransaction:
      if (session.transaction) add_transaction_locks(session, locks, keys, &exclusive);
      [[fallthrough]];
    case LockPlan::kWatched:
      for (const WatchedKey& key : session.watched) locks->add(keyspace_.shard_index(key.hash));
      break;
  }
  if (exclusive) return LockPlan::kExclusive;
  return locks->empty() ? LockPlan::kNone : LockPlan::kKeys;
}

void Dispatcher::end_command(Session& session, const base::OutBuffer::Mark* mark) {
  using namespace session_flag;
  // A reply that the client does not want is dropped; CLIENT REPLY itself decides by what it has just set.
  if (mark && (session.flags & (kReplyOff | kReplySkip | kReplySkipNext))) session.reply.out().rewind(*mark);
  if (session.flags & (kReplySkip | kReplySkipNext)) {
    const bool next = session.flags & kReplySkipNext;
    session.flags &= ~(kReplySkip | kReplySkipNext);
    if (next) session.flags |= kReplySkip;
  }
}

Dispatcher::Outcome Dispatcher::run_general(ReactorState& reactor, Session& session, const ParsedCommand& command,
                                            uint64_t* last_ticks) {
  CommandContext context(*this, reactor, session, store::Held::assume(), keyspace_, reactor.now_ms(*last_ticks));
  context.row = command.row;
  context.args = reactor.args.command(command.first_arg, command.arg_count);
  context.arena = &reactor.args;
  context.first_arg = command.first_arg;
  reactor.stats.live.slow_path.add();

  const base::OutBuffer::Mark mark = session.reply.out().mark();
  const Check verdict = check(context, command.verdict);
  switch (verdict) {
    case Check::kHandled: end_command(session, &mark); return Outcome::kRan;
    case Check::kPaused: return Outcome::kSuspend;
    case Check::kAbortExec:
    case Check::kRun: break;
  }
  reactor.locks.clear();
  const LockPlan plan = plan_locks(session, *command.row, context.args, &reactor.locks, &reactor.keys);
  if (plan == LockPlan::kExclusive && keyspace_.concurrent()) return Outcome::kSuspend;
  // With one reactor nobody else is inside: to be inside is to be alone.
  context.exclusive = plan == LockPlan::kExclusive;
  const bool locked = plan == LockPlan::kKeys && keyspace_.concurrent();
  if (locked) {
    reactor.locks.seal();
    if (!reactor.locks.try_lock(keyspace_)) return Outcome::kSuspend;
    if (LockSet more; waiters_need_more(reactor.locks, &more)) [[unlikely]] {
      reactor.locks.unlock(keyspace_);
      return Outcome::kSuspend;
    }
  }
  verdict == Check::kRun ? run_body(context, last_ticks) : abort_exec(context);
  if (context.effects & effect::kAwaited) [[unlikely]]
    serve_waiters(reactor, keyspace_.concurrent() ? &reactor.locks : nullptr);
  if (locked) reactor.locks.unlock(keyspace_);
  end_command(session, &mark);
  return Outcome::kRan;
}

coro::Task<void> Dispatcher::execute(ReactorState& reactor, Session& session, OwnedCommand command) {
  LockSet waiters;
  unsigned rounds = 0;
  for (;;) {
    LockSet locks;
    KeyList keys;
    const LockPlan plan = plan_locks(session, *command.row(), command.args(), &locks, &keys);
    // Those who wait for its keys come and go meanwhile, and each may add others.
    const bool exclusive =
        plan == LockPlan::kExclusive || (plan != LockPlan::kNone && rounds >= kRoundsForWaiters);
    const bool locked = !exclusive && plan == LockPlan::kKeys && keyspace_.concurrent();
    if (exclusive) {
      WaitList::Wait wait(reactor.waits, session, command.row(), WaitList::For::kClosedGate);
      co_await keyspace_.gate().close();
    } else {
      if (locked) {
        locks.add_all(waiters);
        locks.seal();
        WaitList::Wait wait(reactor.waits, session, command.row(), WaitList::For::kShards, &locks);
        co_await locks.lock(keyspace_);
      }
      // Whoever closes the gate takes no shards, so waiting for it with shards in hand is safe.
      while (!keyspace_.gate().try_enter(reactor.index)) {
        WaitList::Wait wait(reactor.waits, session, command.row(), WaitList::For::kOpenGate);
        co_await keyspace_.gate().opened();
      }
      if (LockSet more; locked && waiters_need_more(locks, &more)) [[unlikely]] {
        keyspace_.gate().leave(reactor.index);
        locks.unlock(keyspace_);
        waiters = more;
        ++rounds;
        continue;
      }
    }

    uint64_t last_ticks = base::ticks();
    CommandContext context(*this, reactor, session, store::Held::assume(), keyspace_, reactor.now_ms(last_ticks));
    context.row = command.row();
    context.args = command.args();
    context.owned = &command;
    context.exclusive = exclusive;
    const base::OutBuffer::Mark mark = session.reply.out().mark();
    const Check verdict = check(context, command.row()->accepts(command.args().size()) ? Verdict::kFine : Verdict::kArity);
    if (verdict == Check::kRun) {
      run_body(context, &last_ticks);
      reactor.stats.live.commands.add();
    } else if (verdict == Check::kAbortExec) {
      abort_exec(context);
    }
    if (context.effects & effect::kAwaited) [[unlikely]]
      serve_waiters(reactor, exclusive || !keyspace_.concurrent() ? nullptr : &locks);
    if (verdict != Check::kPaused) end_command(session, &mark);

    if (exclusive) {
      keyspace_.gate().open();
    } else {
      keyspace_.gate().leave(reactor.index);
      if (locked) locks.unlock(keyspace_);
    }
    if (verdict != Check::kPaused) co_return;
    co_await hooks_.unpaused();
  }
}

}  // namespace gyre::exec
