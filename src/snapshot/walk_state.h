// What a walk keeps for each part of the image, each shard and each reactor.
#pragma once

#include <deque>

#include "gyre/snapshot/walk.h"

namespace gyre::snapshot {

/// One database of one shard, as it was at the cut.
struct Walk::Part : store::DatabaseNote {
  /// live ──flush──▶ dropped ──▶ done;  live ──▶ done
  enum class Progress : uint8_t { kLive, kDropped, kDone };

  unsigned db = 0;  // its number at the cut
  store::Database* database = nullptr;
  std::unique_ptr<store::Database> own;  // kDropped: the same, ours
  std::atomic<Progress> progress{Progress::kLive};
  std::atomic<bool> busy{false};  // kDropped: the worker's lock, instead of the shard's
  uint64_t cursor = 0;               // of scan_places(); sweeping: a hash
  uint64_t done_below = 0;           // hashes
  bool sweeping = false;             // kLive: nothing is left to serialise

  void begin_sweep() {
    database->table.end_snapshot();
    sweeping = true;
    cursor = 0;
  }
};

/// Touched under the shard's lock or with the gate closed, except where it says otherwise.
struct Walk::ShardState {
  store::Shard* shard = nullptr;
  store::ChangeObserver* previous = nullptr;  // who observed before, and will again
  std::deque<Part> parts;                     // the container changes with the gate closed only
  unsigned live_parts = 0;                    // kLive: while there are any, the shard is observed
  std::atomic<unsigned> parts_left{0};        // not kDone; read by anyone inside the gate
  rdb::ChunkBuilder pre_images{0};
  int pre_image_db = -1;  // selected last in this batch
};

/// Of one reactor, on its thread.
struct alignas(64) Walk::Worker {
  rdb::ChunkBuilder batch;
  int batch_db = -1;
  bool open = false;      // a batch is begun: its buffer is held, and it counts as outstanding
  unsigned at = 0;        // the shard it works on
  uint64_t keys = 0;      // emitted and not yet in keys_done_
  int64_t resume_ns = 0;  // key_save_delay: not before
};

}  // namespace gyre::snapshot
