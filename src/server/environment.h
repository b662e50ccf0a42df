// What the data commands ask of the configuration, answered from it.
#pragma once

#include "gyre/cmd/environment.h"
#include "gyre/server/config.h"

namespace gyre::server {

class ServerEnvironment final : public cmd::Environment {
 public:
  explicit ServerEnvironment(const Config& config) : config_(config) {}
  int64_t max_string_bytes() const override { return config_.proto_max_bulk_len; }
  bool lazyfree_user_del() const override { return config_.lazyfree_lazy_user_del; }
  bool lazyfree_user_flush() const override { return config_.lazyfree_lazy_user_flush; }
  bool lfu_policy() const override {
    const EvictionPolicy policy = config_.maxmemory_policy;
    return policy == EvictionPolicy::kAllkeysLfu || policy == EvictionPolicy::kVolatileLfu;
  }
  uint64_t zset_max_listpack_entries() const override { return config_.zset_max_listpack_entries; }
  uint64_t zset_max_listpack_value() const override { return config_.zset_max_listpack_value; }

 private:
  const Config& config_;
};

}  // namespace gyre::server
