#include "gyre/snapshot/output_queue.h"

#include <memory>
#include <utility>

#include "gyre/store/keyspace.h"

namespace gyre::snapshot {

bool OutputQueue::push(rdb::ChunkBuilder& builder, Origin origin) {
  const uint64_t footprint = builder.footprint();
  auto owned = std::make_unique<Batch>(nullptr, builder.take(), footprint, origin);
  Batch* batch = owned.release();
  Batch* before = ready_.load(std::memory_order_relaxed);
  do {
    batch->next = before;
  } while (!ready_.compare_exchange_weak(before, batch, std::memory_order_release, std::memory_order_relaxed));
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

bool OutputQueue::next(rdb::Chunk* out) {
  if (piece_ == pieces_.size()) {
    pieces_.clear();
    piece_ = 0;
    if (!taken_) take_all();
    if (!taken_) return false;
    const std::unique_ptr<Batch> batch(std::exchange(taken_, taken_->next));
    pieces_ = std::move(batch->pieces);
    let_go(batch->origin, batch->footprint);
  }
  *out = std::move(pieces_[piece_++]);
  return true;
}

void OutputQueue::clear() {
  rdb::Chunk chunk;
  // A large value whose last reference this is takes its time to free.
  while (next(&chunk)) store::free_later(std::move(chunk.blob));
  for (auto& held : held_) held.store(0, std::memory_order_relaxed);
}

}  // namespace gyre::snapshot
