// Who waits for which keys of a shard, in order of arrival. The table belongs to the shard and is touched under its
// lock (I1); it is there only while somebody waits. What a waiter is is known above (exec::KeyWait).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gyre::store {

/// Registered until it is removed, which whoever destroys it sees to.
class KeyWaiter {
 protected:
  ~KeyWaiter() = default;
};

class WaitTable {
 public:
  struct Wait {
    unsigned db;
    std::string name;
    KeyWaiter* waiter;
    bool gone_too;  // also wants to know when the key goes
  };

  /// Behind those who wait for this key already.
  void add(unsigned db, std::string_view name, uint64_t hash, KeyWaiter* waiter, bool gone_too) {
    keys_[hash].push_back({db, std::string(name), waiter, gone_too});
  }
  void remove(unsigned db, std::string_view name, uint64_t hash, const KeyWaiter* waiter);
  /// Whether a change of the key, or its going, concerns anybody.
  bool concerns(unsigned db, std::string_view name, uint64_t hash, bool gone) const;
  /// Those who wait for the key at this moment, the first one first.
  std::vector<KeyWaiter*> waiters(unsigned db, std::string_view name, uint64_t hash) const;
  /// Waits for keys of this hash, in whichever database. Valid until the table changes.
  const std::vector<Wait>& of_hash(uint64_t hash) const {
    auto it = keys_.find(hash);
    return it == keys_.end() ? kNone : it->second;
  }
  /// Calls visit(wait, hash) for each wait.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [hash, waits] : keys_)
      for (const Wait& wait : waits) visit(wait, hash);
  }
  bool empty() const { return keys_.empty(); }

 private:
  static const std::vector<Wait> kNone;
  // By hash of the name: two keys share one as good as never, but the same name in several databases does.
  std::unordered_map<uint64_t, std::vector<Wait>> keys_;
};

}  // namespace gyre::store
