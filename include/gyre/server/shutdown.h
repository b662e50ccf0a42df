// SHUTDOWN and what signals do: an orderly end of the process.
#pragma once

namespace gyre::server {

class Server;

struct ShutdownRequest {
  bool save = false, nosave = false, now = false, force = false;
  bool by_signal = false;
};

/// Starts the end: clients and listeners are closed, reactors stop, the process exits with 0. On a reactor.
void shut_down(Server& server, const ShutdownRequest& request);

}  // namespace gyre::server
