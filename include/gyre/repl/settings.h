// What replication asks of the server around it.
//
// Asked at any time on any reactor, seldom (once a second, or when a replica comes).
#pragma once

#include <cstdint>
#include <string>

#include "gyre/rdb/encoder.h"

namespace gyre::repl {

struct Settings {
  // Full syncs.
  bool diskless = true;
  int64_t diskless_delay_s = 5;
  int64_t diskless_max_replicas = 0;  // 0: wait the whole delay
  int64_t sync_bytes_per_second = 0;  // for each replica; 0: no limit
  uint64_t pre_image_bytes = 256 << 20;  // memory for what is overwritten during one
  std::string dir = ".";              // for files between, where replicas need one
  // The image.
  int rdb_version = 10;
  bool compress = true;
  bool checksum = true;
  int64_t key_save_delay_us = 0;  // negative: that many keys a microsecond
  rdb::Access::Kind access = rdb::Access::Kind::kNone;  // what is saved of each key's use
  // The stream.
  uint64_t backlog_bytes = 1 << 20;
  int64_t backlog_ttl_s = 3600;  // 0: for ever
  int64_t timeout_s = 60;
  int64_t ping_period_s = 10;
  bool disable_nodelay = false;
  // client-output-buffer-limit replica; 0: none.
  uint64_t hard_limit_bytes = 256 << 20, soft_limit_bytes = 64 << 20;
  int64_t soft_limit_s = 60;
  bool slow_writers = true;  // before a replica is dropped at one of them
  // Writes are refused with fewer replicas than this that were heard of at most max_lag_s ago.
  int64_t min_replicas = 0;
  int64_t max_lag_s = 10;
};

class Environment {
 public:
  virtual ~Environment() = default;
  virtual Settings settings() const = 0;
  virtual int64_t used_memory() const = 0;
  /// Primary::refusing_writes() or Primary::slowing_writes() may answer differently now. Any reactor.
  virtual void conditions_changed() const = 0;
};

}  // namespace gyre::repl
