// Puts what an RDB image has into the keyspace: at start, for DEBUG RELOAD, and for a replica's first sync.
//
// Threads: the caller's, who sees to it that nobody else touches keys (nothing but the loader does while a
// server loads, or the gate is closed), and gives the decoder slices as small as the time it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gyre/rdb/decoder.h"
#include "gyre/store/db.h"

namespace gyre::snapshot {

struct LoadOptions {
  int64_t now_ms = 0;
  /// Keys past their time are left out. A replica keeps them: deleting is its primary's affair.
  bool drop_expired = true;
  /// A key that is there is replaced; else it is an error.
  bool replace = false;
};

struct LoadCounts {
  uint64_t loaded = 0, expired = 0, empty = 0;
};

/// Where the replication stream stood when the image was made.
struct LoadedReplication {
  int64_t stream_db = 0;
  std::string id;
  int64_t offset = -1;
};

class Loader final : public rdb::DecoderSink {
 public:
  /// The keyspace outlives it.
  Loader(store::Keyspace& keyspace, const LoadOptions& options) : keyspace_(keyspace), options_(options) {}

  // ---- rdb::DecoderSink ----
  std::string aux(std::string_view name, std::string_view value) override;
  std::string select_db(uint64_t db) override;
  void resize_db(uint64_t, uint64_t) override {}  // tables grow without stalling anybody
  std::string function(std::string_view code) override;
  std::string pair(std::string_view key, rdb::Value& value, const rdb::PairInfo& info) override;
  void empty_key(std::string_view key) override;

  const LoadCounts& counts() const { return counts_; }
  /// Present when the image has all of it.
  std::optional<LoadedReplication> replication() const;
  /// What the server that made the image used; 0: the image does not say.
  int64_t used_memory() const { return used_memory_; }

 private:
  store::Keyspace& keyspace_;
  const LoadOptions options_;
  unsigned db_ = 0;
  LoadCounts counts_;
  std::optional<std::string> replication_id_;
  std::optional<int64_t> replication_offset_, replication_db_;
  int64_t used_memory_ = 0;
};

/// Logs why an image could not be read, as Redis does: what the decoder says, or else that the bytes end too early.
void log_decode_error(const rdb::Decoder& decoder);

}  // namespace gyre::snapshot
