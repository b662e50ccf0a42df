#include "gyre/store/wait_table.h"

#include <algorithm>

namespace gyre::store {

const std::vector<WaitTable::Wait> WaitTable::kNone;

void WaitTable::remove(unsigned db, std::string_view name, uint64_t hash, const KeyWaiter* waiter) {
  auto it = keys_.find(hash);
  if (it == keys_.end()) return;
  std::erase_if(it->second,
                [&](const Wait& w) { return w.waiter == waiter && w.db == db && w.name == name; });
  if (it->second.empty()) keys_.erase(it);
}

bool WaitTable::concerns(unsigned db, std::string_view name, uint64_t hash, bool gone) const {
  const std::vector<Wait>& waits = of_hash(hash);
  return std::any_of(waits.begin(), waits.end(),
                     [&](const Wait& w) { return w.db == db && (!gone || w.gone_too) && w.name == name; });
}

std::vector<KeyWaiter*> WaitTable::waiters(unsigned db, std::string_view name, uint64_t hash) const {
  std::vector<KeyWaiter*> found;
  for (const Wait& w : of_hash(hash))
    if (w.db == db && w.name == name) found.push_back(w.waiter);
  return found;
}

}  // namespace gyre::store
