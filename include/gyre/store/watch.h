// WATCH: who looks at which key of a shard. A watcher is a client's flag that any write to a watched key
// raises; EXEC reads it. The table belongs to the shard; the flag is atomic because other threads raise it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gyre::store {

/// Lives in the client's session; outlives its registrations (the session unregisters under the shards'
/// locks).
struct Watcher {
  std::atomic<bool> dirty{false};
};

/// What a database holds under a name, when databases are exchanged.
enum class Presence : uint8_t { kAbsent, kExpired, kPresent };

/// A key that had expired when it began to be watched counts as absent already: its deletion is no change.
/// The table remembers that for each watcher.
class WatchTable {
 public:
  void add(unsigned db, std::string_view key, Watcher* watcher, bool expired);
  void remove(unsigned db, std::string_view key, Watcher* watcher);
  /// Whether the key counts as absent for this watcher, though it may still be there.
  bool expired(unsigned db, std::string_view key, const Watcher* watcher) const;
  /// The key changes: marks everybody who watches it.
  void touch(unsigned db, std::string_view key);
  /// The key is deleted: marks everybody but those for whom it was absent already.
  void touch_deleted(unsigned db, std::string_view key);
  /// The database is emptied and filled with something else (FLUSHDB, SWAPDB): marks everybody who watches a
  /// key that was in it or comes in. `before` and `after` tell a key's Presence.
  template <class Before, class After>
  void touch_replaced(unsigned db, Before&& before, After&& after) {
    for (auto& [name, watches] : keys_)
      if (db_of(name) == db) replaced(watches, before(key_of(name)), after(key_of(name)));
  }
  bool empty() const { return keys_.empty(); }

 private:
  // The map's key is four bytes of database number and the key's name.
  static std::string make_name(unsigned db, std::string_view key);
  static unsigned db_of(std::string_view name);
  static std::string_view key_of(std::string_view name) { return name.substr(4); }
  struct Watch {
    Watcher* watcher;
    bool expired;
  };
  using Watches = std::vector<Watch>;
  static void raise(Watch& watch) { watch.watcher->dirty.store(true, std::memory_order_release); }
  static void replaced(Watches& watches, Presence before, Presence after);

  std::unordered_map<std::string, Watches> keys_;
};

}  // namespace gyre::store
