// What a command body gets: its arguments, where to reply, its database, the moment at which it runs. A body is plain
// synchronous code that never suspends (I2); the dispatcher has taken what it needs before (I1).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "gyre/base/blob.h"
#include "gyre/exec/command_row.h"
#include "gyre/exec/effects.h"
#include "gyre/exec/ignore_case.h"
#include "gyre/exec/session.h"
#include "gyre/store/db.h"

namespace gyre::resp {
class ArgArena;
}

namespace gyre::exec {

class Dispatcher;
class KeyWait;
class ReactorState;
struct ParsedCommand;

class CommandContext {
 public:
  CommandContext(Dispatcher& dispatcher, ReactorState& reactor, Session& session, store::Held held,
                 store::Keyspace& keyspace, int64_t now_ms);

  CommandArgs args;                 // args[0] is the name as sent
  const CommandRow* row = nullptr;
  resp::ReplyWriter& reply;
  Session& session;
  Dispatcher& dispatcher;
  ReactorState& reactor;

  size_t argc() const { return args.size(); }
  std::string_view arg(size_t i) const { return args[i]; }
  /// The client's database at this moment, with the shards of the declared keys held.
  store::Db& db() { return db_; }
  int64_t now_ms() const { return db_.now_ms(); }

  /// Argument i as a key; the hash computed while the batch was parsed is used when it is that one.
  store::Key key(size_t i) const {
    if (i == hashed_position) [[likely]] return {args[i], hash};
    return store::make_key(args[i]);
  }
  /// The buffer behind argument i when it was received into its own memory; else empty.
  base::Blob arg_blob(size_t i) const;

  // ---- common replies ----
  void wrong_type() { reply.error("WRONGTYPE Operation against a key holding the wrong kind of value"); }
  void syntax_error() { reply.error("ERR syntax error"); }
  void not_an_integer() { reply.error("ERR value is not an integer or out of range"); }
  void wrong_arity();
  /// False and the error replied when argument i is not an integer.
  bool get_int64(size_t i, int64_t* value);

  // ---- what replicas are told (effects.h) ----
  // Without a word from the body a command that writes is propagated as sent when it changed something.

  /// The command changed the data set `n` times beyond what db() counted.
  void add_dirty(uint64_t n = 1) { dirty += n; }
  /// All that the body changed counts as `n` changes. Last in a body.
  void set_changes(uint64_t n) { dirty = n - db_.changes(); }
  /// Whether anybody is told: else a body need not prepare the arguments of the calls that follow.
  bool propagating() const;
  /// Another command is propagated instead of this one; called again: one more. The first argument is its name as stock
  /// would write it.
  void propagate_as(CommandArgs instead) {
    if (propagating()) [[unlikely]] replace_effect(instead);
  }
  void propagate_as(std::initializer_list<std::string_view> instead) {
    propagate_as(CommandArgs(instead.begin(), instead.size()));
  }
  /// The command is propagated with these arguments in place of those that were sent, or behind them.
  void propagate_with(std::initializer_list<ArgumentChange> changes) {
    if (propagating()) [[unlikely]] change_effect({changes.begin(), changes.size()});
  }
  /// The command deleted a key that is past its time already: DEL or UNLINK, as for keys that expire by themselves.
  void propagate_expired(std::string_view name);
  void propagate_nothing() { effects |= effect::kReplaced; }
  /// The command is propagated though it may have changed nothing.
  void force_propagation() { effects |= effect::kForced; }
  /// What was deleted up to now is handed over, because the body lets go of the shard where it happened. Only for commands
  /// that touch arbitrary keys.
  void hand_over_effects();

  // Set by the dispatcher.
  size_t hashed_position = 0;       // 0: none
  uint64_t hash = 0;
  uint64_t dirty = 0;               // modulo 2^64, to be added to what db() counted
  uint32_t effects = 0;             // effect::*
  uint32_t inner_errors = 0;        // error replies of commands that ran inside this one (EXEC), which have been counted
  std::string_view refusal;         // why the command is not run: an error reply's text; lives as long as the program
  bool exclusive = false;           // the gate is closed: the body may touch everything
  const resp::ArgArena* arena = nullptr;
  uint32_t first_arg = 0;           // of args in arena
  const OwnedCommand* owned = nullptr;
  KeyWait* run_again = nullptr;             // the wait for which the body is run again
  const ParsedCommand* in_batch = nullptr;  // of the reactor's batch, if it is run from there

 private:
  void replace_effect(CommandArgs instead);
  void change_effect(std::span<const ArgumentChange> changes);

  store::Db db_;
};

/// Whether argument i is this word, in any case.
inline bool is_word(const CommandContext& c, size_t i, std::string_view word) {
  return equal_ignoring_case(c.arg(i), word);
}
/// The reply to a subcommand whose arguments fit none of its forms.
void wrong_subcommand(CommandContext& c);

}  // namespace gyre::exec
