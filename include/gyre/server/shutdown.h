// SHUTDOWN and what signals do: an orderly end of the process.
#pragma once

namespace gyre::server {

class Server;

struct ShutdownRequest {
  bool save = false, nosave = false, now = false, force = false;
  bool by_signal = false;
};

/// Starts the end: clients and listeners are closed, reactors stop, the process exits with 0. On a reactor. False, with the
/// reason in the log, when that would lose what was asked to be kept; the server then goes on.
bool shut_down(Server& server, const ShutdownRequest& request);

}  // namespace gyre::server
