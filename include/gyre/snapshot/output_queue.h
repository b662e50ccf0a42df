// What the producers of a walk have ready for its one consumer.
//
// Threads: any may push and look at the counters; one consumes. Producers push whole batches onto a stack
// with one compare-and-swap; the consumer takes all of it at once and turns it round, so nothing is ever
// popped that another may push again (no ABA), and nobody waits. A batch's pieces come out one after the
// other: each batch is complete in itself.
//
// A batch may end with an object: its value follows the batch's pieces, encoded only when the consumer comes
// to it, a piece at a time, so that one of any size is neither encoded under a lock nor kept in memory twice.
//
// Memory order: the push releases, the take acquires, so that the consumer sees the bytes that the pieces
// name.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "gyre/rdb/chunk.h"
#include "gyre/rdb/object_writer.h"
#include "gyre/store/object.h"

namespace gyre::snapshot {

enum class Origin : uint8_t { kWalk = 0, kPreImage = 1 };

/// A frozen object whose value is still to be encoded.
class PendingObject {
 public:
  /// `cost`: ends when this does. `version`: of the format.
  PendingObject(std::unique_ptr<store::Object> frozen, std::shared_ptr<store::ImageCost> cost, bool compress,
                int version);
  ~PendingObject();
  PendingObject(const PendingObject&) = delete;
  PendingObject& operator=(const PendingObject&) = delete;

  /// The next pieces: false when there are none.
  bool next(std::vector<rdb::Chunk>* pieces);

 private:
  std::unique_ptr<store::Object> frozen_;
  std::shared_ptr<store::ImageCost> cost_;
  rdb::ObjectWriter writer_;
  bool more_ = true;
};

class OutputQueue {
 public:
  OutputQueue() = default;
  ~OutputQueue() { clear(); }
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  /// Takes what the builder holds, and an object behind it. The builder's footprint, and `object_bytes`, have
  /// been held before and are let go when the batch's pieces are given out, or, with an object, when that has
  /// been. True when nothing was waiting for the consumer.
  bool push(rdb::ChunkBuilder& builder, Origin origin, std::unique_ptr<PendingObject> object = nullptr,
            uint64_t object_bytes = 0);

  /// Bytes of objects that were encoded for the consumer.
  uint64_t encoded_bytes() const { return encoded_bytes_.load(std::memory_order_relaxed); }
  /// Memory of copies that writers made because an object here is held (store/object.h).
  store::ImageCost::Sum& image_costs() { return image_costs_; }
  uint64_t image_costs() const { return image_costs_.load(std::memory_order_relaxed); }

  /// Bytes of memory held for the output, from before they are written until their batch is consumed.
  uint64_t held(Origin origin) const { return held_[index(origin)].load(std::memory_order_relaxed); }
  void hold(Origin origin, uint64_t bytes) {
    held_[index(origin)].fetch_add(bytes, std::memory_order_relaxed);
  }
  void let_go(Origin origin, uint64_t bytes) {
    held_[index(origin)].fetch_sub(bytes, std::memory_order_relaxed);
  }
  /// Holds `bytes` unless that would pass `limit`; what is alone may pass it.
  bool try_hold(Origin origin, uint64_t bytes, uint64_t limit);

  // ---- the consumer ----
  /// False: nothing at the moment.
  bool next(rdb::Chunk* out);
  /// Drops everything, with what is held. Requires that nobody pushes.
  void clear();

 private:
  struct Batch {
    Batch* next;
    std::vector<rdb::Chunk> pieces;
    std::unique_ptr<PendingObject> object;
    uint64_t footprint;
    Origin origin;
  };
  static size_t index(Origin origin) { return static_cast<size_t>(origin); }
  void take_all();
  bool take_batch();
  bool encode_more();

  std::atomic<Batch*> ready_{nullptr};
  std::array<std::atomic<uint64_t>, 2> held_{};
  std::atomic<uint64_t> encoded_bytes_{0};
  store::ImageCost::Sum image_costs_{0};
  // The consumer's.
  alignas(64) Batch* taken_ = nullptr;  // in order
  std::vector<rdb::Chunk> pieces_;      // to be given out
  size_t piece_ = 0;
  std::unique_ptr<Batch> batch_;  // whose object follows
};

}  // namespace gyre::snapshot
