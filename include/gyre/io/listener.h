// Listening sockets, and the fair hand-out of what they accept to the reactors.
//
// Thread: open_*() anywhere. Acceptor: the first reactor's thread (or before that one runs), except ended().
// A connection's descriptor is handed over once and then belongs to whom on_connection() gave it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gyre/io/reactor.h"

namespace gyre::io {

/// A bound and listening socket, or why not. `error` is an errno value (0 when the name could not be
/// resolved) and `reason` the text of the log line ("bind: Address already in use").
struct Listening {
  int fd = -1;
  int error = 0;
  std::string reason;
  bool is_unix = false;
  uint16_t port = 0;  // the one in use; of interest when 0 was asked for
  /// The address family or the address is not there; what a leading '-' in `bind` forgives.
  bool unavailable() const;
};

/// `host` as in the `bind` directive without its '-': an address, a name, "*" (all of IPv4) or "::*" (all of
/// IPv6, and only that). SO_REUSEADDR is set.
Listening open_tcp(const std::string& host, uint16_t port, int backlog);
/// Replaces a socket file that is in the way. `mode` 0 leaves the permissions to the umask.
Listening open_unix(const std::string& path, unsigned mode, int backlog);

/// TCP_NODELAY, and keepalive probes after keepalive_s seconds (0: off) as Redis sets them: every third of
/// it, three times. Does nothing to unix sockets.
void configure_connection(int fd, int keepalive_s);

class Acceptor {
 public:
  /// On the chosen reactor's thread. `listening` is the index that add() returned.
  using OnConnection = std::function<void(Reactor& reactor, int fd, size_t listening)>;

  /// Accepts on reactors[0]; every reactor must outlive this.
  Acceptor(std::vector<Reactor*> reactors, int keepalive_s, OnConnection on_connection);
  Acceptor(const Acceptor&) = delete;
  ~Acceptor();  // CHECK: stopped

  /// Starts accepting; the descriptor is now ours.
  size_t add(Listening listening);
  /// Stops accepting and closes the listening sockets. What was accepted is still handed over.
  coro::Task<void> stop();
  void set_keepalive(int keepalive_s) { keepalive_s_ = keepalive_s; }

  /// A connection that was given to this reactor has ended. Any thread.
  void ended(const Reactor& reactor);
  /// Connections that the reactor has, for INFO and tests.
  uint32_t connections(size_t reactor) const { return counts_[reactor].load(std::memory_order_relaxed); }

 private:
  struct Source;
  void on_accept(Source& source, int fd_or_error);
  size_t choose();

  std::vector<Reactor*> reactors_;
  std::unique_ptr<std::atomic<uint32_t>[]> counts_;
  int keepalive_s_;
  OnConnection on_connection_;
  std::vector<std::unique_ptr<Source>> sources_;
  size_t next_ = 0;             // who is asked first; breaks ties in turn
  int64_t quiet_until_us_ = 0;  // accept errors are logged once a second
};

}  // namespace gyre::io
