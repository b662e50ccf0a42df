// What the producers of a walk have ready for its one consumer.
//
// Threads: any may push and look at the counters; one consumes. Producers push whole batches onto a stack
// with one compare-and-swap; the consumer takes all of it at once and turns it round, so nothing is ever
// popped that another may push again (no ABA), and nobody waits. A batch's pieces come out one after the
// other: each batch is complete in itself.
//
// Memory order: the push releases, the take acquires, so that the consumer sees the bytes that the pieces
// name.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gyre/rdb/chunk.h"

namespace gyre::snapshot {

enum class Origin : uint8_t { kWalk = 0, kPreImage = 1 };

class OutputQueue {
 public:
  OutputQueue() = default;
  ~OutputQueue() { clear(); }
  OutputQueue(const OutputQueue&) = delete;
  OutputQueue& operator=(const OutputQueue&) = delete;

  /// Takes what the builder holds. Its footprint has been held() before and is let go when the batch is
  /// consumed. True when nothing was waiting for the consumer.
  bool push(rdb::ChunkBuilder& builder, Origin origin);

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
    uint64_t footprint;
    Origin origin;
  };
  static size_t index(Origin origin) { return static_cast<size_t>(origin); }
  void take_all();

  std::atomic<Batch*> ready_{nullptr};
  std::array<std::atomic<uint64_t>, 2> held_{};
  // The consumer's.
  alignas(64) Batch* taken_ = nullptr;  // in order
  std::vector<rdb::Chunk> pieces_;      // of the batch being consumed
  size_t piece_ = 0;
};

}  // namespace gyre::snapshot
