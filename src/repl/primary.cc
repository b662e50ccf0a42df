// The stream: writers, wake-ups, the list of replicas.
#include "gyre/repl/primary.h"

#include <algorithm>

#include "ack_wait.h"
#include "full_sync.h"
#include "local.h"
#include "gyre/base/clock.h"
#include "gyre/base/random.h"
#include "replica.h"
#include "gyre/repl/writer_pace.h"

namespace gyre::repl {

namespace {

constexpr std::string_view kGetAck = "*3\r\n$8\r\nREPLCONF\r\n$6\r\nGETACK\r\n$1\r\n*\r\n";

}  // namespace


Primary::Primary(store::Keyspace& keyspace, exec::Dispatcher& dispatcher, std::vector<io::Reactor*> reactors,
                 const Environment& environment)
    : keyspace_(keyspace),
      dispatcher_(dispatcher),
      reactors_(std::move(reactors)),
      environment_(environment),
      journal_(static_cast<unsigned>(reactors_.size())),
      locals_(std::make_unique<Local[]>(reactors_.size())),
      walk_(keyspace, static_cast<unsigned>(reactors_.size())),
      id_(base::random_hex(40)),
      second_id_(40, '0'),
      pace_(std::make_unique<WriterPace>()) {
  const Settings settings = environment_.settings();
  set_backlog_bytes(settings.backlog_bytes);
  set_sync_bandwidth(settings.sync_bytes_per_second);
  for (unsigned i = 0; i < reactors_.size(); ++i) {
    locals_[i].mail.run = [](coro::Resumption& self) {
      // Reads what the poster wrote, so that this turn sees what it committed before.
      static_cast<Local::Mail&>(self).posted.exchange(false, std::memory_order_acq_rel);
    };
  }
}

Primary::~Primary() = default;

// ---- writers ----

uint64_t Primary::propagate(unsigned reactor, const exec::EffectRecord& record) {
  return journal_.append(reactor, record);
}

/// Bytes that concern no database. Inside the gate.
void Primary::append_plain(unsigned reactor, std::string_view bytes) {
  const journal::Piece piece{bytes, {}};
  journal_.append(reactor, {.pieces = {&piece, 1}});
}

void Primary::request_acks(unsigned reactor) {
  if (replica_count() == 0 || !journal_.active()) return;
  // Who asked after the last write asked for everybody.
  if (asked_acks_at_.load(std::memory_order_relaxed) == journal_.head()) return;
  append_plain(reactor, kGetAck);
  asked_acks_at_.store(journal_.head(), std::memory_order_relaxed);
}

// ---- once a turn ----

bool Primary::turn(unsigned reactor) {
  const bool more = walk_slice(reactor);
  // Also what a history that has ended left behind.
  journal_.trim();
  pace_writers();
  if (!journal_.active()) return more;
  Local& local = locals_[reactor];
  const uint64_t committed = journal_.committed();
  if (committed == local.seen) return more;
  local.seen = committed;
  for (Replica* replica : local.replicas) replica->wake();
  for (unsigned i = 0; i < reactors_.size(); ++i)
    if (i != reactor && locals_[i].count.load(std::memory_order_relaxed) != 0) wake_reactor(i);
  return more;
}

void Primary::wake_reactor(unsigned reactor) {
  Local& local = locals_[reactor];
  if (!local.mail.posted.exchange(true, std::memory_order_acq_rel)) reactors_[reactor]->post(local.mail);
}

// ---- replicas ----

void Primary::add(Replica& replica) {
  const unsigned reactor = replica.reactor().index();
  locals_[reactor].replicas.push_back(&replica);
  locals_[reactor].count.fetch_add(1, std::memory_order_relaxed);
  std::lock_guard lock(mutex_);
  replicas_.push_back(&replica);
  replica_count_ = replicas_.size();
}

void Primary::remove(Replica& replica) {
  const unsigned reactor = replica.reactor().index();
  std::erase(locals_[reactor].replicas, &replica);
  locals_[reactor].count.fetch_sub(1, std::memory_order_relaxed);
  std::unique_lock lock(mutex_);
  std::erase(replicas_, &replica);
  replica_count_ = replicas_.size();
  if (replicas_.empty()) no_replicas_since_ms_ = base::wall_ms();
  lock.unlock();
  judge_replicas();
}

size_t Primary::acknowledged(uint64_t offset) {
  std::lock_guard lock(mutex_);
  size_t n = 0;
  for (const Replica* replica : replicas_)
    n += replica->state == Replica::State::kOnline && replica->acked.load(std::memory_order_acquire) >= offset ? 1 : 0;
  return n;
}

void Primary::note_ack() {
  if (wait_count_.load(std::memory_order_seq_cst) == 0) return;
  std::lock_guard lock(mutex_);
  for (AckWait* wait : waits_) wait->enough.set();
}

// ---- what is shown ----

uint64_t Primary::offset() { return journal_.active() ? journal_.head() : idle_offset_.load(std::memory_order_relaxed); }

std::vector<ReplicaInfo> Primary::replicas() {
  std::vector<ReplicaInfo> all;
  const int64_t now_ms = base::wall_ms();
  const uint64_t head = offset();
  std::lock_guard lock(mutex_);
  for (const Replica* replica : replicas_) {
    ReplicaInfo& info = all.emplace_back();
    info.ip = replica->ip();
    info.port = replica->port;
    info.acked = replica->acked;
    switch (replica->state.load()) {
      case Replica::State::kClient:
      case Replica::State::kWaits: info.state = "wait_bgsave"; break;
      // As Redis calls the time in which its child writes to the socket.
      case Replica::State::kReceives: info.state = replica->by_file ? "send_bulk" : "wait_bgsave"; break;
      case Replica::State::kOnline: info.state = "online"; break;
      case Replica::State::kDone: info.state = "rdb_transmitted"; break;
    }
    info.online = replica->state == Replica::State::kOnline;
    if (!info.online) continue;
    info.lag_s = (now_ms - replica->heard_ms) / 1000;
    info.lag_ms = age_of(info.acked, now_ms);
    info.behind = head - std::min(head, replica->sent.load());
  }
  return all;
}

/// How long ago the first byte behind `offset` was written: to the resolution of the cron's samples.
int64_t Primary::age_of(uint64_t offset, int64_t now_ms) const {
  for (const Sample& sample : samples_)
    if (sample.offset > offset) return now_ms - sample.ms;
  return 0;
}

void Primary::sample(int64_t now_ms) {
  std::lock_guard lock(mutex_);
  const uint64_t head = offset();
  if (!samples_.empty() && samples_.back().offset == head) return;
  samples_.push_back({head, now_ms});
  if (samples_.size() > kSamples) samples_.pop_front();
}

void Primary::set_backlog_bytes(uint64_t bytes) {
  backlog_bytes_ = bytes;
  journal_.set_backlog_bytes(bytes);
}

void Primary::reset_counters() {
  for (std::atomic<uint64_t>* counter :
       {&counters_.sync_full, &counters_.sync_partial_ok, &counters_.sync_partial_err, &counters_.limit_disconnections,
        &counters_.bytes_out, &counters_.bytes_copied})
    counter->store(0, std::memory_order_relaxed);
}

uint64_t Primary::backlog_first() const { return journal_.active() ? journal_.first() + 1 : 0; }

}  // namespace gyre::repl
