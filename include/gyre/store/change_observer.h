// What the keyspace tells those above it. Calls come under the shard's lock (or with the gate closed), before the change
// happens (I3), on the thread that makes it.
#pragma once

#include <memory>

namespace gyre::store {

class Entry;
class Shard;
struct Database;

/// What an observer keeps about one database of one shard: the base of its own type. It goes with the data when databases
/// are swapped.
struct DatabaseNote {};

class ChangeObserver {
 public:
  virtual ~ChangeObserver() = default;
  /// The entry is about to be changed in place, moved within its table, replaced or removed.
  virtual void before_change(Shard& shard, unsigned db, const Entry& entry) = 0;
  /// FLUSHDB, FLUSHALL, with the gate closed: the data is out of the shard already and belongs to the observer now, which
  /// frees it some time. `later`: not on this thread. The default frees it.
  virtual void dropped(Shard& shard, std::unique_ptr<Database> database, bool later);
};

}  // namespace gyre::store
