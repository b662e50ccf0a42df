#include "gyre/snapshot/output_queue.h"

#include <memory>
#include <utility>

#include "gyre/store/keyspace.h"

namespace gyre::snapshot {

namespace {

/// Of an object at a time: with compression about 50 us of the consumer's thread.
constexpr size_t kObjectPieceBytes = (size_t{16} << 10) - 64;

}  // namespace

PendingObject::PendingObject(std::unique_ptr<store::Object> frozen, std::shared_ptr<store::ImageCost> cost,
                             bool compress, int version)
    : frozen_(std::move(frozen)), cost_(std::move(cost)), writer_(*frozen_, compress, version) {}

PendingObject::~PendingObject() { store::free_later(std::move(frozen_)); }

bool PendingObject::next(std::vector<rdb::Chunk>* pieces) {
  if (!more_) return false;
  rdb::ChunkBuilder builder(kObjectPieceBytes);
  more_ = writer_.step(builder, kObjectPieceBytes - kObjectPieceBytes / 8);
  *pieces = builder.take();
  return !pieces->empty();
}

bool OutputQueue::push(rdb::ChunkBuilder& builder, Origin origin, std::unique_ptr<PendingObject> object,
                       uint64_t object_bytes) {
  const uint64_t footprint = builder.footprint() + object_bytes;
  auto owned = std::make_unique<Batch>(nullptr, builder.take(), std::move(object), footprint, origin);
  Batch* batch = owned.release();
  Batch* before = ready_.load(std::memory_order_relaxed);
  do {
    batch->next = before;
  } while (
      !ready_.compare_exchange_weak(before, batch, std::memory_order_release, std::memory_order_relaxed));
  return before == nullptr;  // the batch may be consumed and gone by now
}

bool OutputQueue::try_hold(Origin origin, uint64_t bytes, uint64_t limit) {
  std::atomic<uint64_t>& held = held_[index(origin)];
  uint64_t before = held.load(std::memory_order_relaxed);
  do {
    if (before != 0 && before + bytes > limit) return false;
  } while (!held.compare_exchange_weak(before, before + bytes, std::memory_order_relaxed));
  return true;
}

void OutputQueue::take_all() {
  Batch* last = ready_.exchange(nullptr, std::memory_order_acquire);
  while (last) {
    Batch* before = last->next;
    last->next = taken_;
    taken_ = last;
    last = before;
  }
}

/// The pieces of the next batch; false when there is none.
bool OutputQueue::take_batch() {
  if (!taken_) take_all();
  if (!taken_) return false;
  batch_.reset(std::exchange(taken_, taken_->next));
  pieces_ = std::move(batch_->pieces);
  if (batch_->object) return true;
  let_go(batch_->origin, batch_->footprint);
  batch_.reset();
  return true;
}

/// Pieces of the object behind the batch; false when it is through.
bool OutputQueue::encode_more() {
  if (batch_->object->next(&pieces_)) {
    uint64_t bytes = 0;
    for (const rdb::Chunk& piece : pieces_) bytes += piece.size;
    encoded_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    return true;
  }
  let_go(batch_->origin, batch_->footprint);
  batch_.reset();
  return false;
}

bool OutputQueue::next(rdb::Chunk* out) {
  while (piece_ == pieces_.size()) {
    pieces_.clear();
    piece_ = 0;
    if (batch_ && encode_more()) break;
    if (!take_batch()) return false;
  }
  *out = std::move(pieces_[piece_++]);
  return true;
}

void OutputQueue::clear() {
  // A large value whose last reference this is takes its time to free.
  const auto drop_pieces = [this] {
    for (; piece_ < pieces_.size(); ++piece_) store::free_later(std::move(pieces_[piece_].blob));
    pieces_.clear();
    piece_ = 0;
  };
  do {
    drop_pieces();
  } while (take_batch());
  batch_.reset();
  for (auto& held : held_) held.store(0, std::memory_order_relaxed);
  encoded_bytes_.store(0, std::memory_order_relaxed);
}

}  // namespace gyre::snapshot
