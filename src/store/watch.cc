#include "gyre/store/watch.h"

#include <algorithm>
#include <cstring>

namespace gyre::store {

std::string WatchTable::make_name(unsigned db, std::string_view key) {
  std::string name(4 + key.size(), '\0');
  std::memcpy(name.data(), &db, 4);
  if (!key.empty()) std::memcpy(name.data() + 4, key.data(), key.size());
  return name;
}

unsigned WatchTable::db_of(std::string_view name) {
  unsigned db;
  std::memcpy(&db, name.data(), 4);
  return db;
}

void WatchTable::add(unsigned db, std::string_view key, Watcher* watcher, bool expired) {
  keys_[make_name(db, key)].push_back({watcher, expired});
}

void WatchTable::remove(unsigned db, std::string_view key, Watcher* watcher) {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return;
  Watches& watches = it->second;
  auto at =
      std::find_if(watches.begin(), watches.end(), [=](const Watch& w) { return w.watcher == watcher; });
  if (at == watches.end()) return;
  *at = watches.back();
  watches.pop_back();
  if (watches.empty()) keys_.erase(it);
}

bool WatchTable::expired(unsigned db, std::string_view key, const Watcher* watcher) const {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return false;
  return std::any_of(it->second.begin(), it->second.end(),
                     [=](const Watch& w) { return w.watcher == watcher && w.expired; });
}

void WatchTable::touch(unsigned db, std::string_view key) {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return;
  for (Watch& watch : it->second) raise(watch);
}

void WatchTable::touch_deleted(unsigned db, std::string_view key) {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return;
  for (Watch& watch : it->second) {
    if (!watch.expired) raise(watch);
    watch.expired = false;
  }
}

void WatchTable::replaced(Watches& watches, Presence before, Presence after) {
  if (before == Presence::kAbsent && after == Presence::kAbsent) return;
  for (Watch& watch : watches) {
    if (watch.expired && after == Presence::kAbsent) {
      watch.expired = false;
    } else if (watch.expired && after == Presence::kExpired) {
      continue;
    } else if (before == Presence::kAbsent && after == Presence::kExpired) {
      watch.expired = true;
    } else {
      raise(watch);
    }
  }
}

}  // namespace gyre::store
