// The slow log: the last commands that took longer than slowlog-log-slower-than. Any reactor adds (rarely), SLOWLOG reads.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/exec/command_row.h"

namespace gyre::server {

class Slowlog {
 public:
  static constexpr size_t kMaxArgs = 32, kMaxArgBytes = 128;
  struct Item {
    uint64_t id;
    int64_t time_s;
    int64_t duration_us;
    std::vector<std::string> args;
    std::string peer, client_name;
  };
  /// Keeps at most kMaxArgs arguments of kMaxArgBytes, with a note about what was cut, as Redis does.
  void add(int64_t time_s, int64_t duration_us, exec::CommandArgs args, std::string peer, std::string client_name,
           size_t max_items);
  size_t size() const;
  void reset();
  /// The newest `count` items.
  std::vector<Item> newest(size_t count) const;
  void trim(size_t max_items);

 private:
  mutable std::mutex mutex_;
  std::deque<Item> items_;   // newest first
  uint64_t next_id_ = 0;
};

}  // namespace gyre::server
