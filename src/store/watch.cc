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

void WatchTable::add(unsigned db, std::string_view key, Watcher* watcher) {
  keys_[make_name(db, key)].push_back(watcher);
}

void WatchTable::remove(unsigned db, std::string_view key, Watcher* watcher) {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return;
  auto& watchers = it->second;
  auto at = std::find(watchers.begin(), watchers.end(), watcher);
  if (at == watchers.end()) return;
  *at = watchers.back();
  watchers.pop_back();
  if (watchers.empty()) keys_.erase(it);
}

void WatchTable::touch(unsigned db, std::string_view key) {
  auto it = keys_.find(make_name(db, key));
  if (it == keys_.end()) return;
  for (Watcher* watcher : it->second) watcher->dirty.store(true, std::memory_order_release);
}

}  // namespace gyre::store
