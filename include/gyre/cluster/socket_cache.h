// Connections to servers that keys were moved to, for the next time: at most 64, each for ten seconds after
// its last use, as in Redis. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gyre::cluster {

/// A connected descriptor, closed when it is dropped.
class MigrateSocket {
 public:
  static constexpr int64_t kUnknownDb = -1;

  MigrateSocket() = default;
  explicit MigrateSocket(int fd) : fd_(fd) {}
  MigrateSocket(MigrateSocket&& other) noexcept;
  MigrateSocket& operator=(MigrateSocket&& other) noexcept;
  ~MigrateSocket();

  bool valid() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  /// The database that the other side has selected, as far as is known.
  int64_t last_db = kUnknownDb;

 private:
  int fd_ = -1;
};

class SocketCache {
 public:
  static constexpr size_t kMost = 64;
  static constexpr int64_t kKeptMs = 10'000;

  /// One to that address, which is the caller's from here on; an invalid one when there is none.
  MigrateSocket take(std::string_view address);
  /// One more to that address. When there are too many the one that was used longest ago goes.
  void put(std::string_view address, MigrateSocket socket, int64_t now_ms);
  void close_idle(int64_t now_ms);
  size_t size() const;

 private:
  struct Item {
    std::string address;
    MigrateSocket socket;
    int64_t used_ms;
  };
  mutable std::mutex mutex_;
  std::vector<Item> items_;  // by time of last use
};

}  // namespace gyre::cluster
