// Stepping: which shard a reactor works on, the walk through a table, and the sweep after a walk was given
// up.
//
// Reactors begin at different shards and go round; whoever is through with its own so helps others. All that
// a part's progress consists of lies with the part, so any reactor can go on with it.
#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/base/clock.h"
#include "walk_state.h"

namespace gyre::snapshot {

namespace {

/// A batch is given out when less room than this is left in its buffer.
constexpr size_t kSpare = 512;
/// After so many bytes of one pair the time is looked at again.
constexpr size_t kLargePair = 2048;
/// Objects from this size up are frozen, and encoded without the lock: below, encoding takes some 50 us.
constexpr size_t kFreezeFrom = 16 * 1024;
/// Segments between two looks at the time when sweeping: about 50 ns each.
constexpr unsigned kSegmentsPerLook = 64;
/// Entries are fetched this many buckets ahead: about 500 ns of work.
constexpr uint32_t kBucketsAhead = 3;
constexpr int64_t kNsPerUs = 1000;

using Table = store::Table;

void prefetch_bucket_entries(const ds::Segment& segment, uint32_t bucket) {
  if (bucket >= segment.bucket_count) return;
  const ds::Bucket& ahead = segment.buckets[bucket];
  for (unsigned slot = 0; slot < ds::Bucket::kSlots && ahead.tags[slot] != 0; ++slot) {
    const auto* entry = static_cast<const char*>(ahead.pointer(slot));
    __builtin_prefetch(entry);
    __builtin_prefetch(entry + 63);
  }
}

}  // namespace

/// One call of step().
struct Walk::Slice {
  enum class Stop : uint8_t { kNone, kBudget, kBlocked, kPaced, kWanted };

  Worker& worker;
  uint64_t end_ticks;
  int64_t now_ns;
  int64_t budget_ns;
  const coro::Mutex* lock = nullptr;  // held
  const store::Gate* gate = nullptr;
  Stop stop = Stop::kNone;

  bool stopped() const { return stop != Stop::kNone; }
  void look_at_time() {
    if (base::ticks() >= end_ticks) stop = Stop::kBudget;
  }
  /// Background work lets go when somebody waits.
  void look_around() {
    look_at_time();
    if (gate->closed() || (lock && lock->contended())) stop = Stop::kWanted;
  }
};

StepResult Walk::step(unsigned reactor, int64_t now_us, int64_t budget_us) {
  store::Gate& gate = keyspace_.gate();
  if (!gate.try_enter(reactor)) return StepResult::kLater;
  Worker& worker = workers_[reactor];
  StepResult result = StepResult::kDone;
  if (state_ != State::kIdle && !failed()) {
    const auto budget_ticks = static_cast<uint64_t>(static_cast<double>(budget_us) * base::ticks_per_us());
    Slice slice{worker, base::ticks() + budget_ticks, now_us * kNsPerUs, budget_us * kNsPerUs};
    slice.gate = &gate;
    result = slice.now_ns < worker.resume_ns ? StepResult::kLater : step_inside(slice);
    keys_done_.fetch_add(std::exchange(worker.keys, 0), std::memory_order_relaxed);
  }
  gate.leave(reactor);
  return result;
}

StepResult Walk::step_inside(Slice& slice) {
  const unsigned shards = keyspace_.shard_count();
  bool worked = false;
  unsigned tried = 0;
  for (unsigned at = slice.worker.at; tried < shards; ++tried, at = at + 1 == shards ? 0 : at + 1) {
    ShardState& state = shards_[at];
    if (state.parts_left.load(std::memory_order_acquire) == 0) continue;
    if (!worked) slice.worker.at = at;  // those before it are done
    worked |= work_on(slice, state);
    switch (slice.stop) {
      case Slice::Stop::kNone:
        break;
      case Slice::Stop::kBudget:
        return StepResult::kMore;
      case Slice::Stop::kBlocked:
        return StepResult::kBlocked;
      case Slice::Stop::kPaced:
        return StepResult::kLater;
      case Slice::Stop::kWanted:
        if (slice.gate->closed()) return StepResult::kLater;
        slice.stop = Slice::Stop::kNone;  // on to the next shard; this one's turn comes again
        break;
    }
  }
  bool left = false;
  for (unsigned i = 0; i < shards && !left; ++i)
    left = shards_[i].parts_left.load(std::memory_order_acquire) != 0;
  if (left) return worked ? StepResult::kMore : StepResult::kLater;
  if (slice.worker.open) flush_batch(slice.worker);
  return StepResult::kDone;
}

/// False when the shard is at work for others.
bool Walk::work_on(Slice& slice, ShardState& state) {
  bool worked = false;
  for (Part& part : state.parts) {
    if (part.progress.load(std::memory_order_acquire) != Part::Progress::kDropped || slice.stopped())
      continue;
    if (part.busy.exchange(true, std::memory_order_acquire)) continue;
    if (part.progress.load(std::memory_order_relaxed) == Part::Progress::kDropped) {
      worked = true;
      advance(slice, part);
      if (!slice.stopped()) finish_dropped(state, part);
    }
    part.busy.store(false, std::memory_order_release);
  }
  if (slice.stopped()) return true;
  coro::Mutex* lock = keyspace_.concurrent() ? &state.shard->mutex() : nullptr;
  if (lock && !lock->try_lock()) return worked;
  slice.lock = lock;
  for (Part& part : state.parts) {
    if (slice.stopped()) break;
    if (part.progress.load(std::memory_order_relaxed) != Part::Progress::kLive) continue;
    if (!part.sweeping) {
      advance(slice, part);
      if (slice.stopped()) break;
      part.begin_sweep();
    }
    sweep(slice, part);
    if (!slice.stopped()) finish_part(state, part);
  }
  slice.lock = nullptr;
  if (lock) lock->unlock();
  return true;
}

/// Walks until the part is through or the slice is stopped.
void Walk::advance(Slice& slice, Part& part) {
  Table& table = part.database->table;
  for (;;) {
    const uint64_t at = Table::passed_below(part.cursor);
    ds::Segment* segment = table.segment_of(at);
    const uint64_t first = Table::first_hash(*segment, at), last = Table::last_hash(*segment, at);
    // What merged with a segment that had been left is met again.
    const bool again = first < part.done_below;
    ds::SnapshotMeta* meta = segment->bucket_count != 0 ? &table.snapshot_meta(*segment) : nullptr;
    uint32_t bucket_ahead = kBucketsAhead;
    const uint64_t next = table.scan_places(part.cursor, [&](const Table::Place& place, store::Entry* entry) {
      bucket_ahead = place.bucket + kBucketsAhead;
      if (slice.stopped() || meta->done(place.bucket, place.slot)) return;
      if (again && store::hash_key(entry->key()) < part.done_below) return;
      const bool large = entry->is_object() && entry->object().footprint() >= kFreezeFrom;
      if (large ? !emit_object(slice, part, *entry) : !open_batch(slice)) return;
      meta->set_done(place.bucket, place.slot, true);
      large ? pace(slice) : emit(slice, part, *entry);
    });
    if (slice.stopped()) return;  // the same place again
    if (next == 0 || Table::passed_below(next) != first) {
      table.drop_snapshot_meta(*segment);
      segment->version = cut_;
      part.done_below = std::max(part.done_below, last + 1);
    } else {
      prefetch_bucket_entries(*segment, bucket_ahead);
    }
    if (next == 0) return;
    part.cursor = next;
    slice.look_around();
    if (slice.stopped()) return;
  }
}

/// Drops what metadata is left: all that was ahead, when a walk is given up; little otherwise (a segment that merged with one
/// that had been left, was written to and split again before the walk came back).
void Walk::sweep(Slice& slice, Part& part) {
  Table& table = part.database->table;
  for (unsigned n = 1;; ++n) {
    ds::Segment* segment = table.segment_of(part.cursor);
    const uint64_t last = Table::last_hash(*segment, part.cursor);
    table.drop_snapshot_meta(*segment);
    if (last == ~uint64_t{0}) return;
    part.cursor = last + 1;
    if (n % kSegmentsPerLook == 0) slice.look_around();
    if (slice.stopped()) return;
  }
}

/// Holds memory for a batch when none is begun.
bool Walk::open_batch(Slice& slice) {
  Worker& worker = slice.worker;
  if (worker.open) return true;
  if (!output_.try_hold(Origin::kWalk, worker.batch.capacity(), options_.max_pending_bytes)) {
    slice.stop = Slice::Stop::kBlocked;
    return false;
  }
  worker.open = true;
  worker.batch_db = -1;
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

void Walk::emit(Slice& slice, const Part& part, const store::Entry& entry) {
  Worker& worker = slice.worker;
  const size_t before = worker.batch.bytes();
  if (worker.batch_db != static_cast<int>(part.db)) {
    rdb::select_db(worker.batch, part.db);
    worker.batch_db = static_cast<int>(part.db);
  }
  rdb::pair(worker.batch, entry, access_of(entry), {.version = options_.rdb_version, .compress = options_.compress});
  ++worker.keys;
  const size_t after = worker.batch.bytes();
  if (after - before > kLargePair) slice.look_at_time();
  if (after + kSpare > worker.batch.capacity()) flush_batch(worker);
  pace(slice);
}

/// An object is a batch of its own. False when the consumer has to take output first.
bool Walk::emit_object(Slice& slice, const Part& part, const store::Entry& entry) {
  Worker& worker = slice.worker;
  const uint64_t bytes = entry.object().footprint();
  bool held = output_.try_hold(Origin::kWalk, bytes, options_.max_pending_bytes);
  if (!held && worker.open) {
    // The batch that is begun must not be what it waits for.
    flush_batch(worker);
    held = output_.try_hold(Origin::kWalk, bytes, options_.max_pending_bytes);
  }
  if (!held) {
    slice.stop = Slice::Stop::kBlocked;
    return false;
  }
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  push_object(part.db, entry, Origin::kWalk, bytes);
  settle_one();
  ++worker.keys;
  slice.look_at_time();
  return true;
}

/// key_save_delay.
void Walk::pace(Slice& slice) {
  Worker& worker = slice.worker;
  if (const int64_t delay_us = options_.key_save_delay_us; delay_us != 0) [[unlikely]] {
    // Each reactor is that much slower, so that all together save a key each delay.
    const int64_t delay_ns = (delay_us > 0 ? delay_us * kNsPerUs : kNsPerUs / -delay_us) * reactors_;
    worker.resume_ns = std::max(worker.resume_ns, slice.now_ns) + delay_ns;
    if (worker.resume_ns > slice.now_ns + slice.budget_ns) slice.stop = Slice::Stop::kPaced;
  }
}

void Walk::flush_batch(Worker& worker) {
  const size_t capacity = worker.batch.capacity(), footprint = worker.batch.footprint();
  // A batch that took more than its first buffer.
  if (footprint > capacity) output_.hold(Origin::kWalk, footprint - capacity);
  push(worker.batch, Origin::kWalk);
  worker.open = false;
  settle_one();
}

/// Under the shard's lock: nothing of the part is left to do. The last one of a shard ends its observation.
void Walk::finish_part(ShardState& state, Part& part) {
  part.database->table.end_snapshot();
  part.database->note = nullptr;
  part.progress.store(Part::Progress::kDone, std::memory_order_release);
  leave_live(state);
  finish_any(state);
}

void Walk::finish_dropped(ShardState& state, Part& part) {
  part.own->note = nullptr;
  store::free_later(std::move(part.own));
  part.progress.store(Part::Progress::kDone, std::memory_order_release);
  finish_any(state);
}

void Walk::leave_live(ShardState& state) {
  if (--state.live_parts != 0) return;
  if (state_ == State::kWalking) flush_pre_images(state);
  state.shard->observer = state.previous;
}

void Walk::finish_any(ShardState& state) {
  state.parts_left.fetch_sub(1, std::memory_order_release);
  settle_one();
}

/// Releases what was pushed before to the consumer that sees 0.
void Walk::settle_one() {
  if (outstanding_.fetch_sub(1, std::memory_order_release) == 1) signal();
}

}  // namespace gyre::snapshot
