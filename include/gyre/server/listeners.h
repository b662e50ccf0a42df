// The sockets on which clients connect: every `bind` address on `port`, and the unix socket. Accepting happens on the first
// reactor; Server::accepted hands connections out.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gyre/io/reactor.h"

namespace gyre::server {

class Server;

class Listeners {
 public:
  explicit Listeners(Server& server);
  ~Listeners();

  /// Opens what the configuration names. False and *error: an address cannot be had.
  bool open(std::string* error);
  /// Starts accepting; on the first reactor.
  void accept();
  /// CONFIG SET bind or port: leaves the old addresses and opens the new ones. False when that fails; the caller puts the
  /// old values back and calls again. Any reactor, with the gate closed.
  bool reopen();
  /// Stops accepting and closes; on the first reactor. The unix socket's file is removed.
  coro::Task<void> close();
  /// At start, before anything takes descriptors: false and *error when there are too few for even one client.
  bool allow_descriptors(std::string* error);
  /// maxclients needs descriptors; returns an error when the system does not give them.
  std::string raise_descriptor_limit();

 private:
  struct Socket;
  using Sockets = std::vector<std::unique_ptr<Socket>>;
  bool open_tcp(Sockets* into, std::string* error);
  coro::Task<void> stop(Sockets sockets);
  bool open_unix(std::string* error);
  void on_accept(int fd_or_error, bool unix_socket);

  Server& server_;
  std::mutex mutex_;   // reopen() against accept() and close()
  Sockets sockets_;
  std::string unix_path_;
  int64_t last_complaint_ms_ = 0;
};

}  // namespace gyre::server
