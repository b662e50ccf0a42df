// What replication asks of the server, answered from the configuration.
#pragma once

#include "gyre/repl/settings.h"

namespace gyre::server {

class Server;

class ReplicationEnvironment final : public repl::Environment {
 public:
  explicit ReplicationEnvironment(Server& server) : server_(server) {}
  repl::Settings settings() const override;
  int64_t used_memory() const override;
  void conditions_changed() const override;

 private:
  Server& server_;
};

}  // namespace gyre::server
