// From bytes to replies: parses a pipeline in two passes (parse, look up, hash and prefetch a whole batch; then run it),
// checks what Redis checks before a command, takes gate and locks, calls bodies, keeps statistics.
//
// One Dispatcher per server, immutable after start; one ReactorState per reactor. Nothing here suspends except execute(),
// the general path for commands that could not get a lock at once or need the gate closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gyre/base/memory.h"
#include "gyre/coro/task.h"
#include "gyre/exec/command_table.h"
#include "gyre/exec/context.h"
#include "gyre/exec/effects.h"
#include "gyre/exec/lock_set.h"
#include "gyre/exec/owned_command.h"
#include "gyre/exec/session.h"
#include "gyre/exec/stats.h"
#include "gyre/exec/wait_list.h"
#include "gyre/resp/arg_arena.h"
#include "gyre/resp/request_parser.h"
#include "gyre/store/keyspace.h"

namespace gyre::exec {

class KeyWait;

/// What a command needs of the keyspace before its body may run.
enum class LockPlan : uint8_t {
  kNone,        // nothing: its body uses only the session and the server
  kSingle,      // the shard of the one key at row.single_key_index
  kKeys,        // the shards of all its keys
  kCursor,      // SCAN: the shard named by the cursor in argument 1; inside MULTI everything
  kExclusive,   // everything: the gate closed
  kTransaction, // EXEC: the union over its commands and watched keys
  kWatched,     // UNWATCH, DISCARD, RESET: the shards of the session's watched keys
  kPlanned,     // what a function says of the command's arguments (set_planner)
};

/// Appends the keys that a command line needs, or returns false: it needs everything. Precondition: the arity fits.
using PlanKeys = bool (*)(CommandArgs args, KeyList& keys);

/// Questions and events for the server above; called on the reactor's thread.
class DispatchHooks {
 public:
  virtual ~DispatchHooks() = default;
  enum class Admission : uint8_t { kRun, kRefused, kPaused };
  /// Asked before each command while Dispatcher::conditions is not zero or ReactorState::memory_due(), and of sessions that gave no
  /// password. kRefused: context.refusal says why (out of memory, loading, ...). kPaused: the command waits for unpaused().
  virtual Admission admit(CommandContext& context) = 0;
  /// Completes when a pause that concerned this command may be over.
  virtual coro::Task<void> unpaused() = 0;
  /// A protected command (DEBUG): false and the error replied when this client may not.
  virtual bool allow_protected(CommandContext& context) = 0;
  /// A command took at least slowlog_ticks.
  virtual void slow_command(Session& session, const CommandRow& row, CommandArgs args, uint64_t ticks) = 0;
  /// lazyfree-lazy-expire, lazyfree-lazy-eviction: what the keyspace deletes by itself is propagated as UNLINK.
  virtual bool deletes_lazily(store::Deletion why) const { return false; }
  /// A line of an HTTP request came as a command, perhaps from a browser that somebody else's page controls: the connection
  /// ends without a reply, so that nothing of the rest of the request is run.
  virtual void cross_protocol_request(Session& session) {}
};

/// Conditions of the whole server that concern each command; zero in ordinary times, so one load decides.
namespace condition {
inline constexpr uint32_t kPaused = 1u << 1;      // CLIENT PAUSE
inline constexpr uint32_t kLoading = 1u << 2;
inline constexpr uint32_t kReadonly = 1u << 3;    // for replicas, later
inline constexpr uint32_t kFewReplicas = 1u << 4; // min-replicas-to-write
inline constexpr uint32_t kSyncBehind = 1u << 5;  // writers wait, so that a full sync can keep up
}  // namespace condition

/// A parsed command of the batch at work.
struct ParsedCommand {
  enum class Verdict : uint8_t { kFine, kUnknown, kUnknownSubcommand, kArity };
  const CommandRow* row;       // null: unknown
  uint64_t hash;               // of the single key, when plan is kSingle
  uint32_t first_arg, arg_count;
  uint32_t begin, end;         // offsets of its first byte, and behind its last, in the input
  LockPlan plan;
  Verdict verdict;
};

/// The state of one reactor: scratch memory of the batch, statistics, clock.
class ReactorState {
 public:
  static constexpr unsigned kBatch = 16;
  /// `dispatcher` null: of no server (tests).
  ReactorState(unsigned index, size_t rows, const Dispatcher* dispatcher = nullptr)
      : index(index), stats(rows), effects(*this, dispatcher) {}

  const unsigned index;
  Stats stats;
  resp::ArgArena args;
  ParsedCommand commands[kBatch];
  std::string_view input;   // that they were parsed from
  LockSet locks;
  KeyList keys;
  OwnedCommand suspended;   // for who called Dispatcher::run(), to be taken at once
  /// The command whose body runs at this moment, for reports; to be followed by this reactor's thread alone.
  std::atomic<CommandContext*> running{nullptr};
  WaitList waits;
  Effects effects;

  /// Wall time for commands, in whole milliseconds: the clock is read again when the millisecond should be over, at the
  /// latest after a quarter of one.
  int64_t now_ms(uint64_t ticks) {
    if (ticks - clock_ticks_ >= refresh_ticks_) [[unlikely]] refresh_clock(ticks);
    return clock_ms_;
  }
  /// With a memory limit: from this figure of base::thread_bytes() on each command is admitted by the hooks, which set it
  /// anew. So the limit is kept by every command, and costs almost nothing while it is far.
  std::atomic<int64_t> memory_stop{INT64_MAX};
  bool memory_due() const {
    const int64_t stop = memory_stop.load(std::memory_order_relaxed);
    return stop != INT64_MAX && base::thread_bytes() >= stop;
  }
  /// Stops the clock at a time of the test's choice.
  void freeze_clock(int64_t ms) {
    clock_ms_ = ms;
    refresh_ticks_ = UINT64_MAX;
  }

 private:
  void refresh_clock(uint64_t ticks);
  uint64_t clock_ticks_ = 0, refresh_ticks_ = 0;
  int64_t clock_ms_ = 0;
};

enum class RunStatus : uint8_t {
  kDone,          // all complete commands of the input were run
  kGateClosed,    // nothing run from `consumed` on: await gate().opened() and call again
  kSuspended,     // *suspended holds the command before `consumed` that must go through execute()
  kBlocked,       // the command before `consumed` called Session::block(): await it and call again
  kLargeBulk,     // see resp::ParseStatus::kLargeBulk; the result is in *parse
  kClose,         // the client is to be closed once its output has been sent
};
struct RunResult {
  RunStatus status = RunStatus::kDone;
  size_t consumed = 0;
};

class Dispatcher {
 public:
  Dispatcher(CommandTable& table, store::Keyspace& keyspace, DispatchHooks& hooks);

  /// Before start: a command's lock plan differs from what its keys say.
  void set_plan(std::string_view full_name, LockPlan plan);
  /// Before start: what a command needs depends on its arguments in its own way (SORT).
  void set_planner(std::string_view full_name, PlanKeys planner);
  /// For what handlers of other layers need (the server object, typed by those who set it).
  void set_host(void* host) { host_ = host; }
  template <class Host>
  Host& host() const { return *static_cast<Host*>(host_); }
  /// The same for what the data commands need to know (cmd::Environment): of exactly the type that was set.
  template <class Environment>
  void set_environment(const Environment* environment) { environment_ = environment; }
  template <class Environment>
  const Environment& environment() const { return *static_cast<const Environment*>(environment_); }

  const CommandTable& table() const { return table_; }
  store::Keyspace& keyspace() { return keyspace_; }

  /// Parses and runs what is complete in `input`. `parser` keeps the state of an incomplete command.
  RunResult run(ReactorState& reactor, Session& session, resp::RequestParser& parser, std::string_view input,
                const resp::RequestLimits& limits, resp::ParseResult* parse, OwnedCommand* suspended);

  /// Runs one command that needs to wait: takes locks or closes the gate, runs it, lets go.
  coro::Task<void> execute(ReactorState& reactor, Session& session, OwnedCommand command);

  /// Unregisters the watches of a session that ends or gave up its transaction. Waits for shard locks.
  coro::Task<void> unwatch(ReactorState& reactor, Session& session);
  /// The same with the shards held or the gate closed (EXEC, DISCARD, UNWATCH bodies).
  void unwatch_held(Session& session);

  /// Serves those who wait for keys that the outermost command has changed, with what that command still
  /// holds; null: everything (the gate closed, or one reactor).
  void serve_waiters(ReactorState& reactor, const LockSet* held);
  /// Those who wait for the key, whose shard is held, are to look by themselves.
  void poke_waiters(unsigned db, const store::Key& key) const;
  /// Takes sealed shards and enters the gate, outside of run() and execute(); let_go() before the next
  /// suspension. `row`: the command for which; null: none.
  coro::Task<void> hold(ReactorState& reactor, const Session& session, const CommandRow* row, const LockSet& locks);
  void let_go(ReactorState& reactor, const LockSet& locks);
  /// Takes everything that a wait's command needs, and finishes it there: also one that was served, as who served it may
  /// still be about to wake it.
  coro::Task<void> end_wait(ReactorState& reactor, KeyWait& wait, Session& session);
  /// Fills a sealed set with the shards of all keys of a command.
  void lock_keys(Session& session, const OwnedCommand& command, LockSet* locks);
  /// Calls the body and counts it. Public for KeyWait.
  void run_body(CommandContext& context, uint64_t* last_ticks);

  /// Runs a queued command inside EXEC, whose locks cover it.
  void call(CommandContext& exec, const OwnedCommand& command);
  /// Ends the transaction of the context's session: forgets queued commands and watches (shards held).
  void discard_transaction(Session& session);

  /// All reactors' states (with the gate closed).
  std::span<const std::unique_ptr<ReactorState>> reactors() const { return reactors_; }
  ReactorState& add_reactor();

  // Read on each command or batch, relaxed.
  std::atomic<uint32_t> conditions{0};
  std::atomic<uint64_t> slowlog_ticks{UINT64_MAX};
  std::atomic<bool> latency_tracking{true};
  /// Whether effects are gathered for `propagation`. Changed before start or with the gate closed, so never while a command
  /// runs; never true without a `propagation`.
  std::atomic<bool> propagating{false};
  /// Set before start.
  Propagation* propagation = nullptr;

  /// How the keyspace's own deletions are propagated.
  std::string_view deletion_name(store::Deletion why) const { return hooks_.deletes_lazily(why) ? "UNLINK" : "DEL"; }

 private:
  const CommandRow& row_named(std::string_view full_name) const;
  enum class Outcome : uint8_t { kRan, kSuspend };
  struct Terminal;
  /// Pass one: parses up to kBatch commands from input[*at..), looks them up, hashes keys, prefetches buckets.
  unsigned parse_batch(ReactorState& reactor, Session& session, resp::RequestParser& parser, std::string_view input,
                       size_t* at, const resp::RequestLimits& limits, resp::ParseResult* last);
  void look_up(Session& session, CommandArgs args, ParsedCommand* command);
  /// Pass two.
  RunResult run_batch(ReactorState& reactor, Session& session, unsigned count, OwnedCommand* suspended);
  Outcome run_fast(ReactorState& reactor, Session& session, const ParsedCommand& command, uint64_t* last_ticks);
  Outcome run_general(ReactorState& reactor, Session& session, const ParsedCommand& command, uint64_t* last_ticks);

  /// What Redis checks before a command runs, transactions included. kRun: go on to the body.
  /// kAbortExec: EXEC is refused for context.refusal; with the locks of its plan the transaction is to be discarded.
  enum class Check : uint8_t { kRun, kHandled, kPaused, kAbortExec };
  Check check(CommandContext& context, ParsedCommand::Verdict verdict);
  /// Replies the refusal; for EXEC that is left to abort_exec().
  Check refuse(CommandContext& context, std::string_view error);
  void abort_exec(CommandContext& context);
  bool queue_in_transaction(CommandContext& context);
  void reject(CommandContext& context);
  void reply_unknown(CommandContext& context, ParsedCommand::Verdict verdict);

  /// Fills the lock set of a command; the plan that remains is kNone, kKeys (take `locks`) or kExclusive.
  LockPlan plan_locks(Session& session, const CommandRow& row, CommandArgs args, LockSet* locks, KeyList* keys);
  void add_transaction_locks(Session& session, LockSet* locks, KeyList* keys, bool* exclusive);

  /// Whether those who wait for the keys of a held set, or for what these will push, need other shards: then
  /// *more is the set with them, so far as is known.
  bool waiters_need_more(const LockSet& held, LockSet* more);
  void serve_key(ReactorState& reactor, const LockSet* held, const Effects::AwaitedKey& key);
  void count_failure(ReactorState& reactor, Session& session, const CommandRow& row);
  void end_command(Session& session, const base::OutBuffer::Mark* mark);

  CommandTable& table_;
  store::Keyspace& keyspace_;
  DispatchHooks& hooks_;
  void* host_ = nullptr;
  const void* environment_ = nullptr;
  std::vector<LockPlan> plans_;
  std::vector<std::unique_ptr<ReactorState>> reactors_;
  std::vector<PlanKeys> planners_;  // of those whose plan is kPlanned
};

inline CommandContext::CommandContext(Dispatcher& dispatcher, ReactorState& reactor, Session& session, store::Held held,
                                      store::Keyspace& keyspace, int64_t now_ms)
    : reply(session.reply), session(session), dispatcher(dispatcher), reactor(reactor),
      db_(held, keyspace, session.db, now_ms, &reactor.effects) {}

inline bool CommandContext::propagating() const { return dispatcher.propagating.load(std::memory_order_relaxed); }

}  // namespace gyre::exec
