// WATCH: who looks at which key of a shard. A watcher is a client's flag that any write to a watched key raises; EXEC
// reads it. The table belongs to the shard; the flag is atomic because other threads raise it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gyre::store {

/// Lives in the client's session; outlives its registrations (the session unregisters under the shards' locks).
struct Watcher {
  std::atomic<bool> dirty{false};
};

class WatchTable {
 public:
  void add(unsigned db, std::string_view key, Watcher* watcher);
  void remove(unsigned db, std::string_view key, Watcher* watcher);
  /// Marks everybody who watches the key.
  void touch(unsigned db, std::string_view key);
  /// Marks everybody who watches any key of the database for which `existed(key)` holds (FLUSHDB, SWAPDB).
  template <class Existed>
  void touch_all(unsigned db, Existed&& existed) {
    for (auto& [name, watchers] : keys_)
      if (db_of(name) == db && existed(key_of(name)))
        for (Watcher* w : watchers) w->dirty.store(true, std::memory_order_release);
  }
  bool empty() const { return keys_.empty(); }

 private:
  // The map's key is four bytes of database number and the key's name.
  static std::string make_name(unsigned db, std::string_view key);
  static unsigned db_of(std::string_view name);
  static std::string_view key_of(std::string_view name) { return name.substr(4); }
  std::unordered_map<std::string, std::vector<Watcher*>> keys_;
};

}  // namespace gyre::store
