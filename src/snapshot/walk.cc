// Beginning and end of a walk, and what its consumer calls.
#include "gyre/snapshot/walk.h"

#include <algorithm>

#include "gyre/base/check.h"
#include "gyre/store/db.h"
#include "walk_state.h"

namespace gyre::snapshot {

namespace {

/// Numbers of cuts rise over all walks of the process: tables remember them.
std::atomic<uint32_t> last_cut{0};

/// What comes before an object's value, unless the key is long.
constexpr size_t kObjectHead = 64;
constexpr size_t kPreImageCapacityMin = 1024, kPreImageCapacityMax = 16 * 1024;

/// One buffer is begun for each shard that changes: all of them together stay below a quarter of the bound.
size_t pre_image_capacity(uint64_t bound, unsigned shards) {
  return std::clamp<size_t>(bound / 4 / shards, kPreImageCapacityMin, kPreImageCapacityMax);
}

}  // namespace

Walk::Walk(store::Keyspace& keyspace, unsigned reactors)
    : keyspace_(keyspace),
      reactors_(reactors),
      shards_(std::make_unique<ShardState[]>(keyspace.shard_count())),
      workers_(std::make_unique<Worker[]>(reactors)) {
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) shards_[i].shard = &keyspace.shard(i);
}

Walk::~Walk() {
  for (unsigned i = 0; i < keyspace_.shard_count(); ++i) {
    ShardState& state = shards_[i];
    for (Part& part : state.parts) forget_part(part);
    if (state.shard->observer == this) state.shard->observer = state.previous;
  }
}

void Walk::add_part(ShardState& state, unsigned db, store::Database& database) {
  Part& part = state.parts.emplace_back();
  part.db = db;
  part.database = &database;
  database.note = &part;
  database.table.begin_snapshot(cut_);
  sizes_[db].keys += database.table.size();
  sizes_[db].with_expiry += database.with_expiry.get();
  keys_total_ += database.table.size();
  ++state.live_parts;
}

/// Takes the walk's hands off a database that it is not done with. Metadata of segments stays where it is.
void Walk::forget_part(Part& part) {
  if (part.progress.load(std::memory_order_relaxed) == Part::Progress::kLive) {
    part.database->table.end_snapshot();
    part.database->note = nullptr;
    part.progress.store(Part::Progress::kDone, std::memory_order_relaxed);
  } else if (part.own) {
    part.own->note = nullptr;
    store::free_later(std::move(part.own));
  }
}

void Walk::begin(const WalkOptions& options, int64_t now_ms) {
  GYRE_CHECK(state_ != State::kWalking);
  options_ = options;
  cut_ms_ = now_ms;
  cut_ = last_cut.fetch_add(1, std::memory_order_relaxed) + 1;
  sizes_.assign(keyspace_.database_count(), {});
  keys_total_ = 0;
  keys_done_.store(0, std::memory_order_relaxed);
  bytes_produced_.store(0, std::memory_order_relaxed);
  preserved_bytes_.store(0, std::memory_order_relaxed);
  uint64_t parts = 0;
  for (unsigned i = 0; i < keyspace_.shard_count(); ++i) {
    ShardState& state = shards_[i];
    for (Part& part : state.parts) forget_part(part);
    state.parts.clear();
    state.live_parts = 0;
    for (unsigned db = 0; db < keyspace_.database_count(); ++db) {
      store::Database* database = state.shard->find_database(db);
      if (database && !database->table.empty()) add_part(state, db, *database);
    }
    state.pre_images =
        rdb::ChunkBuilder(pre_image_capacity(options.max_pre_image_bytes, keyspace_.shard_count()));
    state.pre_image_db = -1;
    state.parts_left.store(state.live_parts, std::memory_order_relaxed);
    parts += state.live_parts;
    if (state.shard->observer != this) state.previous = state.shard->observer;
    state.shard->observer = state.live_parts != 0 ? this : state.previous;
  }
  for (unsigned r = 0; r < reactors_; ++r) {
    workers_[r] = Worker();
    workers_[r].at = static_cast<unsigned>(uint64_t{r} * keyspace_.shard_count() / reactors_);
  }
  failed_.store(false, std::memory_order_relaxed);
  outstanding_.store(parts, std::memory_order_relaxed);
  state_ = State::kWalking;
}

void Walk::end() {
  if (state_ != State::kWalking) return;
  uint64_t left = 0;
  for (unsigned i = 0; i < keyspace_.shard_count(); ++i) {
    ShardState& state = shards_[i];
    for (Part& part : state.parts) {
      const auto progress = part.progress.load(std::memory_order_relaxed);
      if (progress == Part::Progress::kDone) continue;
      if (progress == Part::Progress::kDropped) {
        finish_dropped(state, part);
        continue;
      }
      // The note stays: swapped or flushed, the database is found by the sweep.
      part.begin_sweep();
      ++left;
    }
    state.parts_left.store(state.live_parts, std::memory_order_relaxed);
    state.pre_images.clear();
  }
  for (unsigned r = 0; r < reactors_; ++r) workers_[r] = Worker();
  output_.clear();
  outstanding_.store(left, std::memory_order_relaxed);
  failed_.store(false, std::memory_order_relaxed);
  state_ = left == 0 ? State::kIdle : State::kSweeping;
}

bool Walk::next(rdb::Chunk* out) {
  // Costs of images grow also where nothing is observed any more.
  if (state_ == State::kWalking) check_pre_images();
  return !failed() && output_.next(out);
}

bool Walk::finished() const { return outstanding_.load(std::memory_order_acquire) == 0 && !failed(); }

void Walk::push(rdb::ChunkBuilder& builder, Origin origin, std::unique_ptr<PendingObject> object,
                uint64_t object_bytes) {
  bytes_produced_.fetch_add(builder.bytes(), std::memory_order_relaxed);
  if (output_.push(builder, origin, std::move(object), object_bytes)) signal();
}

void Walk::signal() {
  if (options_.on_output && state_ == State::kWalking) options_.on_output(options_.on_output_context);
}

/// A batch of the pair's head and the object as it is now, of which `held` bytes are held already. What writers copy because
/// of it counts.
void Walk::push_object(unsigned db, const store::Entry& entry, Origin origin, uint64_t held) {
  rdb::ChunkBuilder head(kObjectHead);
  rdb::select_db(head, db);
  rdb::pair_head(head, entry, access_of(entry), {.version = options_.rdb_version, .compress = options_.compress});
  output_.hold(origin, head.footprint());
  store::Object& object = entry.object();
  auto cost = std::make_shared<store::ImageCost>(output_.image_costs());
  object.set_image_cost(cost);
  push(head, origin,
       std::make_unique<PendingObject>(object.freeze(), std::move(cost), options_.compress, options_.rdb_version), held);
}

rdb::Access Walk::access_of(const store::Entry& entry) const {
  using Kind = rdb::Access::Kind;
  // Keys are used after the cut too. Their clocks are ahead of it, which looks like nearly a whole turn
  // behind.
  constexpr int64_t kClockTurnSeconds = int64_t{1} << 24, kDaySeconds = 86400;
  constexpr uint32_t kMinutesMask = 0xffff, kDayMinutes = 1440;
  if (options_.access == Kind::kNone) return {};
  // What counts is the entry, whose shard is held; nothing is looked up.
  const store::Db db(store::Held::assume(), keyspace_, 0, cut_ms_, nullptr);
  if (options_.access == Kind::kIdleSeconds) {
    const int64_t idle = db.idle_seconds(entry);
    return {Kind::kIdleSeconds, idle > kClockTurnSeconds - kDaySeconds ? 0 : static_cast<uint64_t>(idle)};
  }
  const uint32_t elapsed = (static_cast<uint32_t>(cut_ms_ / 60000) - (entry.access() >> 8)) & kMinutesMask;
  return {Kind::kFrequency,
          elapsed > kMinutesMask - kDayMinutes ? entry.access() & 0xff : db.frequency(entry)};
}

}  // namespace gyre::snapshot
