// MIGRATE: keys that go to another server.
//
// In Redis the whole server stands still meanwhile. Here the client waits, and so does whoever names one of
// the keys, or changes the data set without naming keys (FLUSHALL, SWAPDB): nobody sees such a key in a state
// that he would not see if the server had stood still, and everything else goes on.
//
//   1. The keys are in transit from here on (Transit). The condition kKeysInTransit makes the dispatcher ask
//   about each
//      command, which is put off (Admission::kPaused) when it is concerned. Closing the gate once makes sure
//      that everybody has seen it: a command that did not has ended. Two migrations of one key come one after
//      the other.
//   2. With the keys' shards: their payloads are made. Nothing is held from here on.
//   3. Connection, AUTH, SELECT, RESTORE..., replies.
//   4. With the keys' shards, as the second half of the same command: what was acknowledged is deleted, and
//   propagated as
//      DEL. Then the keys are no more in transit.
//
// What no command asks for may still happen to a key between 2 and 4. It may expire or be evicted: then it is
// gone, as was wanted. A client that waited (BLMOVE) and is served by a command on another key may push to
// it: such a key, recognised as WATCH would, is kept, so that no write is lost, and the reply is an error
// that says so.
//
// Inside EXEC nothing may suspend (I2): there the reactor's thread waits for the other server, with the
// transaction's shards held, up to the given time for each step, as the whole of Redis does. Other threads go
// on until they need those shards or the gate.
//
// Threads: any; the lists have a mutex.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "gyre/exec/context.h"

namespace gyre::exec {
class CommandTable;
}

namespace gyre::cluster {

class SocketCache;

/// The names of keys that are on their way. A name is in transit in all databases, which concerns more than
/// it need, and nobody notices.
class Transit {
 public:
  /// All of them, or none and false when one of them is in transit already.
  bool begin(const std::vector<std::string>& names);
  void end(const std::vector<std::string>& names);
  bool any() const { return count_.load(std::memory_order_seq_cst) != 0; }
  bool has(std::string_view name) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_set<std::string> names_;
  std::atomic<size_t> count_{0};
};

struct MigrationSettings {
  /// In cluster mode: RESTORE-ASKING instead of RESTORE.
  bool cluster = false;
  /// Called when keys begin or end to be in transit. Any reactor.
  std::function<void()> transit_changed;
};

class Migrations {
 public:
  explicit Migrations(MigrationSettings settings);
  ~Migrations();
  Migrations(const Migrations&) = delete;
  Migrations& operator=(const Migrations&) = delete;

  /// The body of MIGRATE.
  void migrate(exec::CommandContext& c);

  /// Whether keys are in transit: then each command is to be asked about.
  bool any_in_transit() const { return transit_.any(); }
  /// Whether the command has to wait, because a key that it names is in transit, or it changes keys without
  /// naming them. For EXEC: whether one that was queued has to.
  bool puts_off(const exec::CommandContext& c) const;

  /// Closes connections that nobody has used for ten seconds. About ten times a second.
  void cron();
  /// The server ends: transfers give up.
  void stop() { stopping_.store(true, std::memory_order_relaxed); }
  bool stopping() const { return stopping_.load(std::memory_order_relaxed); }
  size_t cached_sockets() const;

  // For the parts of this module.
  const MigrationSettings& settings() const { return settings_; }
  Transit& transit() { return transit_; }
  SocketCache& sockets() { return *sockets_; }

 private:
  bool puts_off(const exec::CommandRow& row, exec::CommandArgs args) const;

  const MigrationSettings settings_;
  Transit transit_;
  std::unique_ptr<SocketCache> sockets_;
  std::atomic<bool> stopping_{false};
};

/// The command table has no place for what a body needs: `find` tells it from the context. Once, before
/// start.
using FindMigrations = Migrations& (*)(exec::CommandContext& c);
void bind_migration_commands(exec::CommandTable& table, FindMigrations find);

}  // namespace gyre::cluster
