// The two passes over a pipeline. What an ordinary command goes through is all in this file; what is rare (transactions,
// refusals, waiting) is in dispatcher_general.cc.
#include "gyre/exec/dispatcher.h"

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/store/hash.h"

namespace gyre::exec {

using Verdict = ParsedCommand::Verdict;

Dispatcher::Dispatcher(CommandTable& table, store::Keyspace& keyspace, DispatchHooks& hooks)
    : table_(table), keyspace_(keyspace), hooks_(hooks), plans_(table.id_count(), LockPlan::kNone),
      planners_(table.id_count(), nullptr) {
  for (const CommandRow& row : table.all()) {
    if (row.key_shape == KeyShape::kSingle) plans_[row.id] = LockPlan::kSingle;
    if (row.key_shape == KeyShape::kSpecs) plans_[row.id] = LockPlan::kKeys;
    if (row.has(flag::kTouchesArbitraryKeys)) plans_[row.id] = LockPlan::kExclusive;
  }
}

const CommandRow& Dispatcher::row_named(std::string_view full_name) const {
  // Not by what it is called: that may have been changed.
  for (const CommandRow& row : table_.all())
    if (row.full_name == full_name) return row;
  base::check_failed(__FILE__, __LINE__, ("no row " + std::string(full_name)).c_str());
}

void Dispatcher::set_plan(std::string_view full_name, LockPlan plan) { plans_[row_named(full_name).id] = plan; }

void Dispatcher::set_planner(std::string_view full_name, PlanKeys planner) {
  const uint16_t id = row_named(full_name).id;
  plans_[id] = LockPlan::kPlanned;
  planners_[id] = planner;
}

ReactorState& Dispatcher::add_reactor() {
  reactors_.push_back(std::make_unique<ReactorState>(static_cast<unsigned>(reactors_.size()), table_.id_count(), this));
  return *reactors_.back();
}

void ReactorState::refresh_clock(uint64_t ticks) {
  // Until the millisecond is over, so that a key is not seen after its time; and at most this long, as the rates of the
  // two clocks differ and the wall clock may be set.
  constexpr int64_t kTrustUs = 250;
  const int64_t now_us = base::wall_us();
  clock_ticks_ = ticks;
  clock_ms_ = now_us / 1000;
  refresh_ticks_ = static_cast<uint64_t>(base::ticks_per_us() * static_cast<double>(std::min(kTrustUs, 1000 - now_us % 1000)));
}

void Dispatcher::look_up(Session& session, CommandArgs args, ParsedCommand* command) {
  const CommandRow* row = table_.find(args[0]);
  command->row = row;
  command->plan = LockPlan::kNone;
  if (!row) [[unlikely]] {
    command->verdict = Verdict::kUnknown;
    return;
  }
  if (row->is_container() && args.size() > 1) [[unlikely]] {
    const CommandRow* sub = CommandTable::find_sub(*row, args[1]);
    if (!sub) {
      command->verdict = Verdict::kUnknownSubcommand;
      return;
    }
    command->row = row = sub;
  }
  if (!row->accepts(args.size())) [[unlikely]] {
    command->verdict = Verdict::kArity;
    return;
  }
  command->verdict = Verdict::kFine;
  command->plan = plans_[row->id];
  if (command->plan == LockPlan::kSingle) [[likely]] {
    command->hash = store::hash_key_inline(args[row->single_key_index]);
    keyspace_.prefetch_bucket(session.db, command->hash);
  }
}

unsigned Dispatcher::parse_batch(ReactorState& reactor, Session& session, resp::RequestParser& parser,
                                 std::string_view input, size_t* at, const resp::RequestLimits& limits,
                                 resp::ParseResult* last) {
  // Before authentication each command may change the limits of the next.
  const unsigned most = limits.authenticated ? ReactorState::kBatch : 1;
  unsigned count = 0;
  last->status = resp::ParseStatus::kEmpty;
  reactor.args.clear();
  reactor.input = input;
  while (count < most && *at < input.size()) {
    const resp::ParseResult r = parser.parse(input.substr(*at), limits, reactor.args);
    if (r.status == resp::ParseStatus::kCommand) [[likely]] {
      ParsedCommand& command = reactor.commands[count++];
      command.begin = static_cast<uint32_t>(*at);
      *at += r.consumed;
      command.first_arg = r.first_arg;
      command.arg_count = r.arg_count;
      command.end = static_cast<uint32_t>(*at);
      look_up(session, reactor.args.command(r.first_arg, r.arg_count), &command);
    } else if (r.status == resp::ParseStatus::kEmpty) {
      *at += r.consumed;
    } else {
      *last = r;
      break;
    }
  }
  return count;
}

RunResult Dispatcher::run(ReactorState& reactor, Session& session, resp::RequestParser& parser, std::string_view input,
                          const resp::RequestLimits& limits, resp::ParseResult* parse, OwnedCommand* suspended) {
  if (!keyspace_.gate().try_enter(reactor.index)) [[unlikely]] {
    reactor.stats.live.gate_waits.add();
    return {RunStatus::kGateClosed, 0};
  }
  RunResult result;
  size_t at = 0;
  bool more = true;
  while (more) {
    const unsigned count = parse_batch(reactor, session, parser, input, &at, limits, parse);
    result = run_batch(reactor, session, count, suspended);
    if (result.status != RunStatus::kDone) {
      // What follows is parsed again later, from its beginning.
      parser.reset();
      break;
    }
    result.consumed = at;
    more = parse->status == resp::ParseStatus::kEmpty && at < input.size() && limits.authenticated;
  }
  keyspace_.gate().leave(reactor.index);
  if (result.status != RunStatus::kDone) return result;
  if (parse->status == resp::ParseStatus::kLargeBulk) result.status = RunStatus::kLargeBulk;
  if (parse->status == resp::ParseStatus::kError) [[unlikely]] {
    session.reply.errorf("ERR %.*s", static_cast<int>(parse->error.size()), parse->error.data());
    reactor.stats.count_error("ERR");
    session.flags |= session_flag::kCloseAfterReply;
    result.status = RunStatus::kClose;
  }
  return result;
}

RunResult Dispatcher::run_batch(ReactorState& reactor, Session& session, unsigned count, OwnedCommand* suspended) {
  for (unsigned i = 0; i < count; ++i) {
    const ParsedCommand& command = reactor.commands[i];
    if (command.plan == LockPlan::kSingle) keyspace_.prefetch_entry(session.db, command.hash);
  }
  uint64_t last_ticks = base::ticks();
  for (unsigned i = 0; i < count; ++i) {
    const ParsedCommand& command = reactor.commands[i];
    const bool ordinary = command.verdict == Verdict::kFine && command.plan <= LockPlan::kSingle &&
                          !session.has(session_flag::kSlowPath) && !command.row->has(flag::kProtected) &&
                          conditions.load(std::memory_order_relaxed) == 0 && !reactor.memory_due();
    const Outcome outcome = ordinary ? run_fast(reactor, session, command, &last_ticks)
                                     : run_general(reactor, session, command, &last_ticks);
    if (outcome == Outcome::kSuspend) [[unlikely]] {
      *suspended = OwnedCommand(command.row, reactor.args, command.first_arg, command.arg_count);
      reactor.stats.live.commands.add(i);
      reactor.stats.live.lock_waits.add();
      return {RunStatus::kSuspended, command.end};
    }
    if (session.has(session_flag::kEndsBatch)) [[unlikely]] {
      reactor.stats.live.commands.add(i + 1);
      return {session.has(session_flag::kCloseAfterReply) ? RunStatus::kClose : RunStatus::kBlocked, command.end};
    }
  }
  reactor.stats.live.commands.add(count);
  return {};
}

Dispatcher::Outcome Dispatcher::run_fast(ReactorState& reactor, Session& session, const ParsedCommand& command,
                                         uint64_t* last_ticks) {
  CommandContext context(*this, reactor, session, store::Held::assume(), keyspace_, reactor.now_ms(*last_ticks));
  context.row = command.row;
  context.args = reactor.args.command(command.first_arg, command.arg_count);
  context.arena = &reactor.args;
  context.first_arg = command.first_arg;
  context.in_batch = &command;
  if (command.plan == LockPlan::kNone) {
    run_body(context, last_ticks);
    return Outcome::kRan;
  }
  context.hashed_position = command.row->single_key_index;
  context.hash = command.hash;
  if (!keyspace_.concurrent()) {
    run_body(context, last_ticks);
    if (context.effects & effect::kAwaited) [[unlikely]]
      serve_waiters(reactor, nullptr);
    return Outcome::kRan;
  }
  store::Shard& shard = keyspace_.shard_of(command.hash);
  coro::Mutex& mutex = shard.mutex();
  // Suspending copies the command and parses what follows once more; most holders are gone sooner.
  if (!mutex.try_lock() && !mutex.spin_lock()) [[unlikely]]
    return Outcome::kSuspend;
  // Those who wait for the key may need more than its shard, and are served with what is held.
  if (shard.waits && command.row->has(flag::kWrite)) [[unlikely]] {
    LockSet held, more;
    held.add_key(keyspace_, command.hash);
    if (waiters_need_more(held, &more)) {
      mutex.unlock();
      return Outcome::kSuspend;
    }
  }
  run_body(context, last_ticks);
  if (context.effects & effect::kAwaited) [[unlikely]] {
    LockSet held;
    held.add(shard.index());
    serve_waiters(reactor, &held);
  }
  mutex.unlock();
  return Outcome::kRan;
}

void Dispatcher::run_body(CommandContext& context, uint64_t* last_ticks) {
  Session& session = context.session;
  const CommandRow& row = *context.row;
  const uint32_t errors = session.reply.error_count();
  // TOUCH means it even then.
  if (session.has(session_flag::kNoTouch)) [[unlikely]] context.db().set_no_touch(row.full_name != "touch");
  if (conditions.load(std::memory_order_relaxed) & condition::kPaused) [[unlikely]]
    context.db().set_keep_expired(!row.has(flag::kWrite | flag::kMayReplicate));
  // EXEC's own context comes back when a command of its queue has run.
  CommandContext* outer = context.reactor.running.load(std::memory_order_relaxed);
  context.reactor.running.store(&context, std::memory_order_relaxed);
  row.handler(context);
  context.reactor.running.store(outer, std::memory_order_relaxed);
  if (const uint64_t changes = context.dirty + context.db().changes(); (changes | context.effects) != 0) {
    // What runs inside EXEC is counted with EXEC.
    if (!session.has(session_flag::kInExec)) context.reactor.stats.live.changes.add(changes);
    // Before the shards are let go and the reply leaves.
    if (propagating.load(std::memory_order_relaxed)) [[unlikely]]
      context.reactor.effects.end_command(context, changes, outer == nullptr);
  }
  session.last_command = &row;
  // It is counted when it has ended.
  if (session.has(session_flag::kBlocked)) [[unlikely]]
    return;

  // One clock read a command: the end of one is the beginning of the next.
  const uint64_t now = base::ticks();
  const uint64_t taken = now - *last_ticks;
  *last_ticks = now;
  CommandStats& stats = context.reactor.stats.commands[row.id];
  ++stats.calls;
  stats.ticks += taken;
  if (latency_tracking.load(std::memory_order_relaxed)) [[likely]] {
    if (!stats.latency) [[unlikely]] stats.latency = std::make_unique<LatencyHistogram>();
    stats.latency->add(taken);
  }
  ++session.commands;
  if (session.reply.error_count() != errors + context.inner_errors) [[unlikely]]
    count_failure(context.reactor, session, row);
  if (taken >= slowlog_ticks.load(std::memory_order_relaxed) && !row.has(flag::kSkipSlowlog)) [[unlikely]]
    hooks_.slow_command(session, row, context.args, taken);
}

}  // namespace gyre::exec
