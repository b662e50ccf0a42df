// SHUTDOWN and what signals do: an orderly end of the process.
#pragma once

namespace gyre::server {

class Server;

struct ShutdownRequest {
  bool save = false, nosave = false, now = false, force = false;
  bool by_signal = false;
};

/// Saves when that was asked for or save points are set, then starts the end: clients and listeners are closed, reactors stop,
/// the process exits with 0. On a reactor, with the gate closed. False, with the reason in the log, when that would lose what
/// should be kept; the server then goes on.
bool shut_down(Server& server, const ShutdownRequest& request);
/// The same on the first reactor, for SIGINT (`interrupt`) or SIGTERM. Any thread.
void shut_down_by_signal(Server& server, bool interrupt);

}  // namespace gyre::server
