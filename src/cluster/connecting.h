// Reaching the other server of a MIGRATE by host and port.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gyre/cluster/socket_cache.h"
#include "gyre/coro/task.h"

namespace gyre::io {
class Reactor;
}

namespace gyre::cluster {

class Migrations;

struct Address {
  sockaddr_storage storage;
  socklen_t length;
};

/// The addresses of a host, or of a numeric address; none when there are none. Asks the system's resolver,
/// which may take seconds, unless `numeric_only`.
std::vector<Address> resolve(const std::string& host, int port, bool numeric_only);

/// A socket that has begun to connect, or an invalid one and *error.
MigrateSocket begin_connect(const Address& address, int* error);
/// Once it is writable: 0, or an errno value.
int end_connect(const MigrateSocket& socket);

/// How soon it is noticed that the server ends.
constexpr int64_t kLookMs = 100;

/// Connects, for as long as `timeout_ms` to each address, and gives up when the server ends; an invalid
/// socket and *error (errno values) when that did not work.
coro::Task<MigrateSocket> connect_to(io::Reactor& reactor, const Migrations& owner, std::string host,
                                     int port, int64_t timeout_ms, int* error);
/// The same; the thread waits.
MigrateSocket connect_waiting(const std::string& host, int port, int64_t timeout_ms, int* error);

}  // namespace gyre::cluster
