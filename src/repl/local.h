// What the primary keeps for each reactor.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "gyre/coro/executor.h"
#include "gyre/repl/primary.h"

namespace gyre::repl {

struct alignas(64) Primary::Local {
  /// A turn of the reactor is all that is wanted; on its way at most once.
  struct Mail : coro::Resumption {
    std::atomic<bool> posted{false};
  };

  std::vector<Replica*> replicas;  // whose connections live there; its own thread
  uint64_t seen = 0;               // committed bytes that its senders know of
  std::atomic<uint32_t> count{0};  // of replicas, for others
  Mail mail;
  uint64_t walk_done = 0;  // nothing is left to do in this turn of walk_turn_; its own thread
};

}  // namespace gyre::repl
