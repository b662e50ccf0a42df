#include "gyre/exec/key_wait.h"

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/io/reactor.h"
#include "gyre/io/stream.h"
#include "gyre/store/wait_table.h"

namespace gyre::exec {

namespace {

/// Waits without a deadline are waits of a day, again and again.
constexpr int64_t kLongestUs = 24ll * 3600 * 1000 * 1000;

int64_t deadline(int64_t timeout_ms) {
  if (timeout_ms <= 0) return 0;
  const int64_t now = base::monotonic_us();
  return timeout_ms > (INT64_MAX - now) / 1000 ? INT64_MAX : now + timeout_ms * 1000;
}

bool reply_unwanted(const Session& session) {
  return session.has(session_flag::kReplyOff | session_flag::kReplySkip);
}

}  // namespace

bool may_block(const CommandContext& c) { return !c.session.has(session_flag::kInExec); }

void wait_for_keys(CommandContext& c, const KeyWaitRequest& request) {
  if (c.run_again) return c.run_again->goes_on();
  c.session.block(std::make_unique<KeyWait>(c, request));
}

KeyWait::KeyWait(CommandContext& c, const KeyWaitRequest& request)
    : dispatcher_(c.dispatcher),
      home_(c.reactor),
      stand_in_(c.session.id, out_, c.session.handle),
      command_(c.row, request.run_again.empty() ? c.args : request.run_again),
      type_(request.type),
      gone_too_(request.gone_too),
      unanswered_(reply_unwanted(c.session)),
      deadline_us_(deadline(request.timeout_ms)) {
  stand_in_.db = c.session.db;
  stand_in_.flags = c.session.flags & session_flag::kNoTouch;
  stand_in_.reply.set_version(c.session.reply.version());
  if (!c.session.labels().name.empty()) stand_in_.own_labels().name = c.session.labels().name;
  dispatcher_.lock_keys(stand_in_, command_, &locks_);
  for (size_t i = 0; i < request.keys; ++i) {
    const store::Key key = c.key(request.first_key + i);
    if (std::any_of(keys_.begin(), keys_.end(), [&](const Waited& k) { return k.name == key.name; }))
      continue;
    keys_.push_back({std::string(key.name), key.hash});
    store::Shard& shard = c.db().shard_of(key);
    if (!shard.waits) shard.waits = std::make_unique<store::WaitTable>();
    shard.waits->add(stand_in_.db, key.name, key.hash, this, gone_too_);
    shard.has_listeners = true;
  }
}

KeyWait::~KeyWait() { GYRE_CHECK(!waiting()); }

void KeyWait::unregister() {
  for (const Waited& key : keys_) {
    store::Shard& shard = dispatcher_.keyspace().shard_of(key.hash);
    if (!shard.waits) continue;
    shard.waits->remove(stand_in_.db, key.name, key.hash, this);
    shard.update_listeners();
  }
}

bool KeyWait::ready(unsigned db, const store::Key& key, int64_t now_ms) const {
  if (gone_too_) return true;
  const store::Database* d = dispatcher_.keyspace().shard_of(key.hash).find_database(db);
  const store::Entry* entry = d ? d->table.find(key.hash, key.name) : nullptr;
  if (!entry || entry->type() != type_) return false;
  return !entry->has_expiry() || entry->expiry() >= now_ms;
}

void KeyWait::run_again(ReactorState& reactor, bool exclusive) {
  uint64_t ticks = base::ticks();
  CommandContext context(dispatcher_, reactor, stand_in_, store::Held::assume(), dispatcher_.keyspace(),
                         reactor.now_ms(ticks));
  context.row = command_.row();
  context.args = command_.args();
  context.owned = &command_;
  context.exclusive = exclusive;
  context.run_again = this;
  goes_on_ = false;
  dispatcher_.run_body(context, &ticks);
  stand_in_.flags &= ~session_flag::kBlocked;
  if (goes_on_) return;
  unregister();
  state_.store(State::kServed, std::memory_order_release);
  woken_.set();
}

void KeyWait::give_up() {
  if (!waiting()) return;
  unregister();
  state_.store(State::kOver, std::memory_order_release);
}

bool KeyWait::unblock(bool with_error) {
  if (!waiting()) return false;
  with_error_ = with_error;
  give_up();
  count_end();
  woken_.set();
  return true;
}

void KeyWait::poke() {
  poked_.store(true, std::memory_order_release);
  woken_.set();
}

void KeyWait::look() {
  for (const Waited& key : keys_) {
    if (!waiting()) return;
    if (ready(stand_in_.db, {key.name, key.hash}, home_.now_ms(base::ticks())))
      run_again(home_, /*exclusive=*/true);
  }
  dispatcher_.serve_waiters(home_, nullptr);
}

coro::Task<void> KeyWait::wait(Session& session) {
  io::Reactor& reactor = *session.handle.home();
  io::Stream& stream = *session.handle.stream();
  stream.tell_end(&woken_);
  while (waiting() && !stream.gone()) {
    const int64_t left = deadline_us_ == 0 ? kLongestUs : deadline_us_ - base::monotonic_us();
    if (left <= 0) break;
    if (co_await reactor.wait_for(woken_, std::min(left, kLongestUs))) woken_.reset();
    if (!poked_.exchange(false, std::memory_order_acq_rel) || !waiting()) continue;
    {
      WaitList::Wait noted(home_.waits, session, command_.row(), WaitList::For::kClosedGate);
      co_await dispatcher_.keyspace().gate().close();
    }
    look();
    dispatcher_.keyspace().gate().open();
  }
  stream.tell_end(nullptr);
  co_await dispatcher_.end_wait(home_, *this, session);
}

void KeyWait::finish(Session& session) {
  ++session.commands;
  if (state_.load(std::memory_order_acquire) == State::kServed) {
    if (stand_in_.last_write_offset != 0) session.last_write_offset = stand_in_.last_write_offset;
    if (!unanswered_) session.reply.out().splice(std::move(out_));
    return;
  }
  if (!counted_) count_end();
  const base::OutBuffer::Mark mark = session.reply.out().mark();
  if (with_error_) {
    session.reply.error("UNBLOCKED client unblocked via CLIENT UNBLOCK");
  } else {
    session.reply.null_array();
  }
  if (unanswered_) session.reply.out().rewind(mark);
}

/// A command whose time was up is one that was called.
void KeyWait::count_end() {
  counted_ = true;
  CommandStats& stats = home_.stats.commands[command_.row()->id];
  ++stats.calls;
  if (!with_error_) return;
  ++stats.failed;
  home_.stats.count_error("UNBLOCKED");
}

}  // namespace gyre::exec
