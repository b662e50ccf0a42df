// What a walk does when commands change what it has not serialised yet.
#include "gyre/store/db.h"
#include "walk_state.h"

namespace gyre::snapshot {

namespace {
/// A batch is given out when less room than this is left in its buffer.
constexpr size_t kSpare = 256;
/// A command about to change a value of this size waits for a count of references rather than for a copy, and for the
/// freezing of an object rather than for its encoding.
constexpr size_t kPreImageReferenceFrom = 4096;
}  // namespace

void Walk::before_change(store::Shard& shard, unsigned db, const store::Entry& entry) {
  ShardState& state = shards_[shard.index()];
  if (state.previous) state.previous->before_change(shard, db, entry);
  store::Database* database = shard.find_database(db);
  if (!database->note || state_ != State::kWalking || failed()) return;
  preserve(state, static_cast<Part&>(*database->note), *database, entry);
}

void Walk::preserve(ShardState& state, Part& part, store::Database& database, const store::Entry& entry) {
  const uint64_t hash = store::hash_key(entry.key());
  if (hash < part.done_below) return;
  const ds::SegmentTableBase::Place place = database.table.place(database.table.slot_of(hash, &entry));
  ds::SnapshotMeta& meta = database.table.snapshot_meta(*place.segment);
  if (meta.done(place.bucket, place.slot)) return;
  meta.set_done(place.bucket, place.slot, true);

  keys_done_.fetch_add(1, std::memory_order_relaxed);
  if (entry.is_object() && entry.object().footprint() >= kPreImageReferenceFrom) {
    push_object(part.db, entry, Origin::kPreImage, 0);
    return check_pre_images();
  }
  const uint64_t before = state.pre_images.footprint(), bytes_before = state.pre_images.bytes();
  if (state.pre_image_db != static_cast<int>(part.db)) {
    rdb::select_db(state.pre_images, part.db);
    state.pre_image_db = static_cast<int>(part.db);
  }
  // Not compressed: that would be the command's time, and saves little in what is bounded and soon sent.
  rdb::pair(state.pre_images, entry, access_of(entry), {options_.rdb_version, /*compress=*/false, kPreImageReferenceFrom});
  output_.hold(Origin::kPreImage, state.pre_images.footprint() - before);
  preserved_bytes_.fetch_add(state.pre_images.bytes() - bytes_before, std::memory_order_relaxed);
  check_pre_images();
  if (state.pre_images.bytes() + kSpare > state.pre_images.capacity()) flush_pre_images(state);
}

/// Gives the walk up when they take too much.
void Walk::check_pre_images() {
  if (pre_image_bytes() < options_.max_pre_image_bytes) return;
  if (!failed_.exchange(true, std::memory_order_release)) signal();
}

void Walk::flush_pre_images(ShardState& state) {
  if (!state.pre_images.empty()) push(state.pre_images, Origin::kPreImage);
  state.pre_image_db = -1;
}

void Walk::dropped(store::Shard& shard, std::unique_ptr<store::Database> database, bool later) {
  ShardState& state = shards_[shard.index()];
  auto* part = static_cast<Part*>(database->note);
  // The data has one owner, so who observed before is not told when it is the walk.
  if (part && !part->sweeping && state_ == State::kWalking && !failed()) {
    part->own = std::move(database);
    part->progress.store(Part::Progress::kDropped, std::memory_order_relaxed);
    leave_live(state);
    return;
  }
  if (part) {  // its metadata goes with it
    database->note = nullptr;
    finish_part(state, *part);
  }
  store::ChangeObserver* previous = state.previous;
  if (previous) return previous->dropped(shard, std::move(database), later);
  ChangeObserver::dropped(shard, std::move(database), later);
}

}  // namespace gyre::snapshot
