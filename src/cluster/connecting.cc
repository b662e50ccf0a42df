#include "connecting.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <thread>

#include "gyre/cluster/migrations.h"
#include "gyre/coro/event.h"
#include "gyre/io/reactor.h"

namespace gyre::cluster {

namespace {

/// A question to the resolver that a thread of its own asks.
struct Question {
  std::string host;
  int port;
  std::vector<Address> answer;
  coro::Event answered;
};

coro::Task<std::vector<Address>> resolve_aside(std::string host, int port) {
  std::vector<Address> numeric = resolve(host, port, /*numeric_only=*/true);
  if (!numeric.empty()) co_return numeric;
  Question question{.host = std::move(host), .port = port};
  std::thread resolver([&question] {
    question.answer = resolve(question.host, question.port, /*numeric_only=*/false);
    question.answered.set();
  });
  co_await question.answered;
  resolver.join();
  co_return std::move(question.answer);
}

}  // namespace

std::vector<Address> resolve(const std::string& host, int port, bool numeric_only) {
  if (port < 0 || port > UINT16_MAX) return {};
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | (numeric_only ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return {};
  std::vector<Address> addresses;
  for (const addrinfo* info = found; info; info = info->ai_next) {
    Address& address = addresses.emplace_back();
    address.length = info->ai_addrlen;
    std::memcpy(&address.storage, info->ai_addr, info->ai_addrlen);
  }
  ::freeaddrinfo(found);
  return addresses;
}

MigrateSocket begin_connect(const Address& address, int* error) {
  *error = 0;
  MigrateSocket socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) {
    *error = errno;
    return {};
  }
  const int on = 1;
  ::setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) == 0)
    return socket;
  if (errno == EINPROGRESS) return socket;
  *error = errno;
  return {};
}

int end_connect(const MigrateSocket& socket) {
  int error = 0;
  socklen_t length = sizeof error;
  if (::getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

coro::Task<MigrateSocket> connect_to(io::Reactor& reactor, const Migrations& owner, std::string host,
                                     int port, int64_t timeout_ms, int* error) {
  *error = EHOSTUNREACH;
  const std::vector<Address> addresses = co_await resolve_aside(std::move(host), port);
  for (const Address& address : addresses) {
    MigrateSocket socket = begin_connect(address, error);
    if (!socket.valid()) continue;
    int ready = -ETIMEDOUT;
    for (int64_t left_ms = timeout_ms; ready == -ETIMEDOUT && left_ms > 0 && !owner.stopping();
         left_ms -= kLookMs)
      ready = co_await reactor.poll(socket.fd(), POLLOUT, std::min(left_ms, kLookMs) * 1000);
    *error = ready < 0 ? -ready : end_connect(socket);
    if (*error == 0) co_return socket;
  }
  co_return MigrateSocket();
}

MigrateSocket connect_waiting(const std::string& host, int port, int64_t timeout_ms, int* error) {
  *error = EHOSTUNREACH;
  for (const Address& address : resolve(host, port, /*numeric_only=*/false)) {
    MigrateSocket socket = begin_connect(address, error);
    if (!socket.valid()) continue;
    pollfd waited{socket.fd(), POLLOUT, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::min<int64_t>(timeout_ms, INT_MAX)));
    *error = ready == 0 ? ETIMEDOUT : ready < 0 ? errno : end_connect(socket);
    if (*error == 0) return socket;
  }
  return {};
}

}  // namespace gyre::cluster
