// What the data commands ask of the configuration, answered from it.
#pragma once

#include <atomic>

#include "gyre/cmd/environment.h"
#include "gyre/server/config.h"

namespace gyre::server {

class Persistence;

class ServerEnvironment final : public cmd::Environment {
 public:
  explicit ServerEnvironment(const Config& config) : config_(config) {}
  int64_t max_string_bytes() const override { return config_.proto_max_bulk_len; }
  int64_t hll_sparse_max_bytes() const override { return config_.hll_sparse_max_bytes; }
  bool lazyfree_user_del() const override { return config_.lazyfree_lazy_user_del; }
  bool lazyfree_user_flush() const override { return config_.lazyfree_lazy_user_flush; }
  bool lazyfree_server_del() const override { return config_.lazyfree_lazy_server_del; }
  cmd::SetLimits set_limits() const override {
    return {.intset_entries = config_.set_max_intset_entries,
            .listpack_entries = config_.set_max_listpack_entries,
            .listpack_value = config_.set_max_listpack_value};
  }
  cmd::PackedLimits zset_limits() const override {
    return {.entries = config_.zset_max_listpack_entries, .value_bytes = config_.zset_max_listpack_value};
  }
  cmd::PackedLimits hash_limits() const override {
    return {.entries = config_.hash_max_listpack_entries, .value_bytes = config_.hash_max_listpack_value};
  }
  int list_max_listpack_size() const override { return config_.list_max_listpack_size; }
  int list_compress_depth() const override { return config_.list_compress_depth; }
  cmd::StreamNodeLimits stream_node_limits() const override {
    return {.bytes = static_cast<uint64_t>(config_.stream_node_max_bytes),
            .entries = static_cast<uint64_t>(config_.stream_node_max_entries)};
  }
  int rdb_version() const override { return config_.rdb_version; }
  bool rdb_compression() const override { return config_.rdbcompression; }
  bool sanitize_restored() const override {
    const SanitizePayload sanitize = config_.sanitize_dump_payload;
    return sanitize != SanitizePayload::kNo;
  }
  bool skip_checksum_validation() const override { return skip_checksums.load(std::memory_order_relaxed); }
  bool lfu_policy() const override {
    const EvictionPolicy policy = config_.maxmemory_policy;
    return policy == EvictionPolicy::kAllkeysLfu || policy == EvictionPolicy::kVolatileLfu;
  }

  void all_dropped(uint64_t uncounted) const override;

  Persistence* persistence = nullptr;        // set before start
  std::atomic<bool> skip_checksums{false};  // DEBUG SET-SKIP-CHECKSUM-VALIDATION

 private:
  const Config& config_;
};

}  // namespace gyre::server
