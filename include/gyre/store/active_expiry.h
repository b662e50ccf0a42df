// Background deletion of keys whose time has come: one shard and one slice at a time, driven by the reactor that looks
// after the shard.
#pragma once

#include <cstdint>
#include <vector>

#include "gyre/store/deletion_sink.h"
#include "gyre/store/keyspace.h"

namespace gyre::store {

class ActiveExpiry {
 public:
  explicit ActiveExpiry(Keyspace& keyspace) : keyspace_(keyspace) {}

  /// Handles at most about `max_items` due items of one shard in all its databases, and a little compaction of the expiry
  /// index. Requires I1 for the shard. `deletions` hears of each key that goes (null: nobody does). True when more is due now.
  bool run_shard(Held, Shard& shard, int64_t now_ms, size_t max_items, DeletionSink* deletions);

 private:
  Keyspace& keyspace_;
  std::vector<uint64_t> due_;
};

}  // namespace gyre::store
