// What the keyspace tells those above it. Calls come under the shard's lock (or with the gate closed), before the change
// happens (I3), on the thread that makes it.
#pragma once

namespace gyre::store {

class Entry;
class Shard;

class ChangeObserver {
 public:
  virtual ~ChangeObserver() = default;
  /// The entry is about to be changed in place, moved within its table, replaced or removed.
  virtual void before_change(Shard& shard, unsigned db, const Entry& entry) = 0;
};

}  // namespace gyre::store
