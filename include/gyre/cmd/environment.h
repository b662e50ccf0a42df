// What the data commands ask of the server's configuration. The server implements it and hands it to the
// dispatcher (Dispatcher::set_environment) before start; it outlives the dispatcher. Asked on any reactor, at
// any time.
#pragma once

#include <cstdint>

namespace gyre::cmd {

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
  /// maxmemory-policy is one of the LFU policies: OBJECT FREQ answers, OBJECT IDLETIME does not.
  virtual bool lfu_policy() const { return false; }
};

}  // namespace gyre::cmd
