#include "gyre/cluster/socket_cache.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace gyre::cluster {

MigrateSocket::MigrateSocket(MigrateSocket&& other) noexcept
    : last_db(other.last_db), fd_(std::exchange(other.fd_, -1)) {}

MigrateSocket& MigrateSocket::operator=(MigrateSocket&& other) noexcept {
  std::swap(fd_, other.fd_);
  last_db = other.last_db;
  return *this;
}

MigrateSocket::~MigrateSocket() {
  if (fd_ >= 0) ::close(fd_);
}

MigrateSocket SocketCache::take(std::string_view address) {
  std::lock_guard lock(mutex_);
  // The one that was used last is the most likely to be alive.
  for (size_t i = items_.size(); i-- > 0;) {
    if (items_[i].address != address) continue;
    MigrateSocket socket = std::move(items_[i].socket);
    items_.erase(items_.begin() + static_cast<ptrdiff_t>(i));
    return socket;
  }
  return {};
}

void SocketCache::put(std::string_view address, MigrateSocket socket, int64_t now_ms) {
  std::lock_guard lock(mutex_);
  if (items_.size() == kMost) items_.erase(items_.begin());
  items_.push_back({std::string(address), std::move(socket), now_ms});
}

void SocketCache::close_idle(int64_t now_ms) {
  std::lock_guard lock(mutex_);
  std::erase_if(items_, [now_ms](const Item& item) { return now_ms - item.used_ms > kKeptMs; });
}

size_t SocketCache::size() const {
  std::lock_guard lock(mutex_);
  return items_.size();
}

}  // namespace gyre::cluster
