// One reactor's part of background expiry.
#pragma once

#include "gyre/server/server.h"

namespace gyre::server {

/// The shards that the reactor looks after, and where it is among them.
struct Server::ExpiryState {
  explicit ExpiryState(store::Keyspace& keyspace) : expiry(keyspace) {}
  store::ActiveExpiry expiry;
  unsigned next_shard = 0;
  bool working = false;  // a round is in progress
  int64_t next_round_us = 0;
};

}  // namespace gyre::server
