// What the data commands ask of the configuration, answered from it.
#pragma once

#include "gyre/cmd/environment.h"
#include "gyre/server/config.h"

namespace gyre::server {

class ServerEnvironment final : public cmd::Environment {
 public:
  explicit ServerEnvironment(const Config& config) : config_(config) {}
  int64_t max_string_bytes() const override { return config_.proto_max_bulk_len; }
  int64_t hll_sparse_max_bytes() const override { return config_.hll_sparse_max_bytes; }
  bool lazyfree_user_del() const override { return config_.lazyfree_lazy_user_del; }
  bool lazyfree_user_flush() const override { return config_.lazyfree_lazy_user_flush; }
  bool lfu_policy() const override {
    const EvictionPolicy policy = config_.maxmemory_policy;
    return policy == EvictionPolicy::kAllkeysLfu || policy == EvictionPolicy::kVolatileLfu;
  }

 private:
  const Config& config_;
};

}  // namespace gyre::server
