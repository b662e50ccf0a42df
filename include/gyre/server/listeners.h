// The sockets on which clients connect: every `bind` address on `port`, and the unix socket. Accepting happens on the first
// reactor; Server::accepted hands connections out.
#pragma once

#include <memory>
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
  /// CONFIG SET bind or port: opens the new addresses, then leaves the old ones. Returns the error, or an empty string and
  /// everything as before.
  std::string reopen();
  /// Stops accepting and closes; on the first reactor or after it has stopped. The unix socket's file is removed.
  void close();
  /// maxclients needs descriptors; returns an error when the system does not give them.
  std::string raise_descriptor_limit();

 private:
  struct Socket;
  bool open_tcp(std::vector<std::unique_ptr<Socket>>* into, std::string* error);
  bool open_unix(std::string* error);
  void on_accept(int fd_or_error, bool unix_socket);

  Server& server_;
  std::vector<std::unique_ptr<Socket>> sockets_;
  std::string unix_path_;
  int64_t last_complaint_ms_ = 0;
};

}  // namespace gyre::server
