// What the data commands ask of the server's configuration. The server implements it and hands it to the
// dispatcher (Dispatcher::set_environment) before start; it outlives the dispatcher. Asked on any reactor, at
// any time.
#pragma once

#include <cstdint>

namespace gyre::cmd {

/// Up to which size a set is kept as an intset (all members are integers) or as a listpack.
struct SetLimits {
  uint64_t intset_entries = 512;
  uint64_t listpack_entries = 128;
  uint64_t listpack_value = 64;
};

/// Up to which size a hash or a sorted set is kept as a listpack.
struct PackedLimits {
  uint64_t entries = 128;
  uint64_t value_bytes = 64;
};

/// Up to which size a node of a stream grows; 0: no limit.
struct StreamNodeLimits {
  uint64_t bytes = 4096;
  uint64_t entries = 100;
};

class Environment {
 public:
  virtual ~Environment() = default;
  /// proto-max-bulk-len: no command makes a string longer than this.
  virtual int64_t max_string_bytes() const { return 512ll * 1024 * 1024; }
  /// hll-sparse-max-bytes: a larger HyperLogLog is made dense.
  virtual int64_t hll_sparse_max_bytes() const { return 3000; }
  /// lazyfree-lazy-user-del: DEL frees as UNLINK does.
  virtual bool lazyfree_user_del() const { return false; }
  /// lazyfree-lazy-user-flush: FLUSHALL and FLUSHDB without a word free in the background.
  virtual bool lazyfree_user_flush() const { return false; }
  /// lazyfree-lazy-server-del: where a command deletes a key by the way, UNLINK is propagated.
  virtual bool lazyfree_server_del() const { return false; }
  /// set-max-intset-entries, set-max-listpack-entries, set-max-listpack-value.
  virtual SetLimits set_limits() const { return {}; }
  /// zset-max-listpack-entries and -value.
  virtual PackedLimits zset_limits() const { return {}; }
  /// hash-max-listpack-entries and -value.
  virtual PackedLimits hash_limits() const { return {.entries = 512}; }
  /// list-max-listpack-size: elements of a node, or, when negative, its size class (-1: 4 kB, ... -5: 64 kB).
  virtual int list_max_listpack_size() const { return -2; }
  /// list-compress-depth: how many nodes at each end of a list are not compressed; 0 compresses none.
  virtual int list_compress_depth() const { return 0; }
  /// stream-node-max-bytes and -entries.
  virtual StreamNodeLimits stream_node_limits() const { return {}; }
  /// rdb-version: of what DUMP gives.
  virtual int rdb_version() const { return 10; }
  /// rdbcompression, for DUMP as well.
  virtual bool rdb_compression() const { return true; }
  /// sanitize-dump-payload yes or clients: what RESTORE is given is looked through for repetitions.
  virtual bool sanitize_restored() const { return false; }
  /// DEBUG SET-SKIP-CHECKSUM-VALIDATION: RESTORE believes that payloads are whole.
  virtual bool skip_checksum_validation() const { return false; }
  /// maxmemory-policy is one of the LFU policies: OBJECT FREQ answers, OBJECT IDLETIME does not.
  virtual bool lfu_policy() const { return false; }

  /// FLUSHALL has just dropped everything, with the gate closed: an older image must not come back.
  /// `uncounted`: changes of the command, which are still to be counted.
  virtual void all_dropped(uint64_t uncounted) const { (void)uncounted; }
};

}  // namespace gyre::cmd
