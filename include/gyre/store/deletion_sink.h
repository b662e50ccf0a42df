// Who hears of keys that the keyspace removes by itself: because their time has come, or to make room.
// Nobody's command asked for it, so whoever follows the data set (replicas) has to be told of each. And who
// hears that a key has changed for which somebody waits.
#pragma once

#include <cstdint>
#include <string_view>

namespace gyre::store {

enum class Deletion : uint8_t { kExpired, kEvicted };

class DeletionSink {
 public:
  virtual ~DeletionSink() = default;
  /// Called with the key's shard held or the gate closed, on the thread that removes the key, before it is
  /// gone. `key` may be the entry's own bytes.
  virtual void deleted(unsigned db, std::string_view key, Deletion why) = 0;
  /// A key has changed, or is about to go (`gone`), and somebody waits for that (WaitTable). As above, for
  /// whatever reason it changes.
  virtual void awaited(unsigned /*db*/, std::string_view /*key*/, uint64_t /*hash*/) {}
};

}  // namespace gyre::store
