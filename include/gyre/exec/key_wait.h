// Clients that wait for keys: BLPOP, BZPOPMIN, XREAD BLOCK and their kin.
//
// A body that finds nothing calls wait_for_keys() as its last act and writes no reply. The client is then
// registered with the shards of its keys, behind those who wait there already. When the outermost command of
// anybody has ended and has touched such a key (however: created, moved, renamed, swapped in; with
// `gone_too` also deleted), the body is run again, with the same arguments, while the locks of that command are
// still held: nobody comes between, and whoever came first is served first. It finds something and replies, or
// calls wait_for_keys() again, and goes on waiting in its place, with its deadline. So a body is written once,
// for both, and what it propagates is its own affair as always (BLPOP says LPOP).
//
//   waiting --run again, replied--------------------------> served
//           --timeout, CLIENT UNBLOCK, the client is gone-> over
//
// Thread: a wait belongs to its client's reactor, but whoever holds all shards of its command, or has the gate
// closed, may end it: registrations and state change only so. The body that is run again has a session of its
// own (database, protocol and id are the client's), whose reply is handed to the client afterwards: what the
// client's connection is sending meanwhile is not touched.
//
// Who wakes has to hold the shards of those who are woken, and of those who may be woken by these (BLMOVE
// pushes): a command that writes looks, once it has its locks, who waits for its keys, and takes more locks
// if need be (Dispatcher::waiters_need_more). Where keys go by themselves (expiry), the one who waits is told
// to look by itself, with the gate closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "gyre/coro/event.h"
#include "gyre/exec/context.h"
#include "gyre/exec/lock_set.h"
#include "gyre/store/value_form.h"
#include "gyre/store/wait_table.h"

namespace gyre::exec {

/// Whether a body may wait: not inside EXEC. Where it may not it replies as if its time were up.
bool may_block(const CommandContext& c);

struct KeyWaitRequest {
  store::Type type;           // of the values that are waited for: other values wake nobody
  size_t first_key;           // where the keys are among the arguments, in a row
  size_t keys;
  int64_t timeout_ms = 0;     // 0: none
  bool gone_too = false;      // a key that is deleted or becomes something else wakes, too (XREADGROUP)
  CommandArgs run_again = {};  // not empty: with these arguments instead ("$" of XREAD); keys where they were
};

/// The client waits. Requires may_block(), and that the shards of the keys are held, as they are for a command
/// whose row declares them. When the time is up, or CLIENT UNBLOCK ends the wait, the reply is a null array.
void wait_for_keys(CommandContext& c, const KeyWaitRequest& request);

/// The wait of a client. Bodies have no use for it.
class KeyWait final : public Blocked, public store::KeyWaiter {
 public:
  KeyWait(CommandContext& c, const KeyWaitRequest& request);
  ~KeyWait() override;

  coro::Task<void> wait(Session& session) override;
  bool unblock(bool with_error) override;
  bool waiting() const override { return state_.load(std::memory_order_acquire) == State::kWaiting; }
  bool has_deadline() const override { return deadline_us_ != 0; }

  store::Type type() const { return type_; }
  bool gone_too() const { return gone_too_; }
  /// All keys of the command, sealed.
  const LockSet& locks() const { return locks_; }

  // With locks() held or the gate closed.

  /// Whether the key in its present state may end the wait.
  bool ready(unsigned db, const store::Key& key, int64_t now_ms) const;
  /// Runs the body again. It may have ended afterwards, and is then not to be touched any more.
  void run_again(ReactorState& reactor, bool exclusive);
  /// The body that is run again goes on waiting.
  void goes_on() {
    goes_on_ = true;
    // So that this attempt is not counted.
    stand_in_.flags |= session_flag::kBlocked;
  }
  /// Ends the wait without a reply.
  void give_up();

  /// The one who waits is to look by itself. Any thread, with the shard of a key held.
  void poke();
  /// Hands over what the body replied, if the wait was served, or what stands for the end of the time. On the
  /// client's reactor, inside the gate, when it is over.
  void finish(Session& session);

 private:
  enum class State : uint8_t { kWaiting, kServed, kOver };

  void unregister();
  /// With the gate closed: ends the wait if one of its keys is ready.
  void look();
  void count_end();

  Dispatcher& dispatcher_;
  ReactorState& home_;
  base::OutBuffer out_;
  Session stand_in_;
  OwnedCommand command_;
  LockSet locks_;
  struct Waited {
    std::string name;
    uint64_t hash;
  };
  std::vector<Waited> keys_;
  const store::Type type_;
  const bool gone_too_, unanswered_;  // CLIENT REPLY: the reply is not wanted
  const int64_t deadline_us_;         // on the monotonic clock; 0: none
  bool goes_on_ = false;
  bool with_error_ = false, counted_ = false;
  std::atomic<State> state_{State::kWaiting};
  std::atomic<bool> poked_{false};
  coro::Event woken_;
};

}  // namespace gyre::exec
