// One MIGRATE: its arguments, the keys and their payloads, what the other side said, what is deleted in the
// end. Who runs it decides how to wait (migrate.cc).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/cluster/exchange.h"
#include "gyre/cluster/migrations.h"
#include "gyre/cluster/socket_cache.h"
#include "gyre/store/watch.h"

namespace gyre::cmd {
class Environment;
}

namespace gyre::cluster {

struct MigrateArguments {
  std::string host, port;
  int64_t db = 0, timeout_ms = 0;
  bool copy = false, replace = false;
  std::optional<std::string> user, password;
  size_t first_key = 3, keys = 1;
};

/// False and the error replied when they are no good.
bool parse_arguments(exec::CommandContext& c, MigrateArguments* arguments);

class Migration {
 public:
  Migration(Migrations& owner, MigrateArguments arguments)
      : owner_(owner), arguments_(std::move(arguments)) {}

  const MigrateArguments& arguments() const { return arguments_; }

  /// Makes the payloads of those keys that are there. `watch`: changes from now on are noticed until
  /// finish(). With the keys' shards held.
  void make_payloads(store::Db& db, const std::vector<std::string>& names,
                     const cmd::Environment& environment, bool watch);
  /// None was there.
  bool empty() const { return keys_.empty(); }

  // ---- the transfer: any number of attempts ----
  std::string address() const { return arguments_.host + ":" + arguments_.port; }
  int port() const;
  void could_not_connect() { error_ = "IOERR error or timeout connecting to the client"; }
  Exchange exchange(const MigrateSocket& socket);
  /// Takes note of how the exchange ended. True: to be tried again, with another socket. Else the socket is
  /// kept for the next time, if it is still good.
  bool conclude(const Exchange& exchange, MigrateSocket socket);

  /// Deletes what was acknowledged, and replies. With the keys' shards held.
  void finish(exec::CommandContext& c);

 private:
  struct Moved {
    std::string name;
    bool watched = false, acknowledged = false;
    store::Watcher watcher;
  };
  /// Replies before that of the first RESTORE.
  size_t heads() const { return (arguments_.password ? 1 : 0) + (selects_ ? 1 : 0); }
  void note_replies(const std::vector<std::string>& lines);
  /// Whether it has changed since its payload was made.
  static bool changed(store::Db& db, Moved& key);

  Migrations& owner_;
  const MigrateArguments arguments_;
  std::deque<Moved> keys_;
  Pipeline head_, body_;  // AUTH and SELECT, which differ from socket to socket; RESTORE...
  bool selects_ = false, retried_ = false, refused_ = false;
  std::string error_;
};

}  // namespace gyre::cluster
