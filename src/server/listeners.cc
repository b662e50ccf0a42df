#include "gyre/server/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"
#include "gyre/server/server.h"

namespace gyre::server {

using base::LogLevel;

namespace {

/// Descriptors that are no clients: listeners, log, files, rings (as Redis's CONFIG_MIN_RESERVED_FDS).
constexpr rlim_t kReservedDescriptors = 32;
constexpr int64_t kComplainEveryMs = 1000;

std::string error_text(int error) { return std::strerror(error); }

void set_option(int fd, int level, int option, int value) { (void)::setsockopt(fd, level, option, &value, sizeof(value)); }

void prepare_client_socket(int fd, bool unix_socket, int keepalive_s) {
  (void)::fcntl(fd, F_SETFD, FD_CLOEXEC);
  if (unix_socket) return;
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (keepalive_s <= 0) return;
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_s);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, keepalive_s / 3));
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
}

/// A listening TCP socket, or -1 and *error.
int listen_tcp(const std::string& address, int port, int backlog, std::string* error, int* error_number) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  hints.ai_family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  const bool any = address == "*" || address == "::*";
  const int status = ::getaddrinfo(any ? nullptr : address.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (status != 0) {
    *error = ::gai_strerror(status);
    *error_number = EADDRNOTAVAIL;
    return -1;
  }
  const int fd = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  bool ok = fd >= 0;
  if (ok) {
    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (found->ai_family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    ok = ::bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, backlog) == 0;
  }
  *error_number = errno;
  ::freeaddrinfo(found);
  if (ok) return fd;
  *error = error_text(*error_number);
  if (fd >= 0) ::close(fd);
  return -1;
}

}  // namespace

struct Listeners::Socket {
  Socket(int descriptor, bool is_unix) : fd(descriptor), unix_socket(is_unix) {}
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
  int fd;
  bool unix_socket;
  io::Reactor::Acceptor acceptor;
};

Listeners::Listeners(Server& server) : server_(server) {}
Listeners::~Listeners() = default;

bool Listeners::open(std::string* error) {
  if (server_.config().port != 0 && !open_tcp(&sockets_, error)) return false;
  if (!server_.config().unixsocket.get().empty() && !open_unix(error)) return false;
  if (sockets_.empty()) {
    *error = "Configured to not listen anywhere, exiting.";
    return false;
  }
  return true;
}

bool Listeners::open_tcp(Sockets* into, std::string* error) {
  const Config& config = server_.config();
  for (std::string address : config.bind.get()) {
    // "-address": its absence is no error.
    const bool optional = address.starts_with("-");
    if (optional) address.erase(0, 1);
    std::string reason;
    int number = 0;
    const int fd = listen_tcp(address, config.port, config.tcp_backlog, &reason, &number);
    if (fd >= 0) {
      into->push_back(std::make_unique<Socket>(fd, false));
      continue;
    }
    const bool absent = number == EADDRNOTAVAIL || number == EAFNOSUPPORT || number == EPROTONOSUPPORT;
    if (absent && (optional || number != EADDRNOTAVAIL)) continue;
    const std::string shown = address == "*" || address == "::*" ? address : address;
    base::log(LogLevel::kWarning, "Warning: Could not create server TCP listening socket %s:%d: bind: %s", shown.c_str(),
              config.port.get(), reason.c_str());
    *error = "Failed listening on port " + std::to_string(config.port.get()) + " (tcp), aborting.";
    return false;
  }
  return true;
}

bool Listeners::open_unix(std::string* error) {
  unix_path_ = server_.config().unixsocket.get();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (unix_path_.size() >= sizeof(address.sun_path)) {
    *error = "Failed opening Unix socket: path too long";
    return false;
  }
  std::memcpy(address.sun_path, unix_path_.c_str(), unix_path_.size() + 1);
  ::unlink(unix_path_.c_str());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd, server_.config().tcp_backlog) != 0) {
    *error = "Failed opening Unix socket: bind: " + error_text(errno);
    if (fd >= 0) ::close(fd);
    return false;
  }
  if (const unsigned permissions = server_.config().unixsocketperm) ::chmod(unix_path_.c_str(), permissions);
  sockets_.push_back(std::make_unique<Socket>(fd, true));
  return true;
}

void Listeners::accept() {
  std::lock_guard lock(mutex_);
  for (auto& socket : sockets_) {
    if (socket->acceptor.reactor) continue;
    socket->acceptor.on_accept = [this, is_unix = socket->unix_socket](int fd_or_error) { on_accept(fd_or_error, is_unix); };
    server_.reactor(0).start_accepting(socket->acceptor, socket->fd);
  }
}

void Listeners::on_accept(int fd_or_error, bool unix_socket) {
  if (fd_or_error >= 0) {
    prepare_client_socket(fd_or_error, unix_socket, server_.config().tcp_keepalive);
    server_.accepted(fd_or_error);
    return;
  }
  if (fd_or_error == -ECANCELED) return;
  const int64_t now = base::wall_ms();
  if (now - last_complaint_ms_ < kComplainEveryMs) return;
  last_complaint_ms_ = now;
  base::log(LogLevel::kWarning, "Accepting client connection: accept: %s", error_text(-fd_or_error).c_str());
}

bool Listeners::reopen() {
  Sockets fresh, old;
  std::string error;
  bool opened;
  {
    std::lock_guard lock(mutex_);
    // The old addresses are closed first, because the new ones may be among them.
    for (auto& socket : sockets_) (socket->unix_socket ? fresh : old).push_back(std::move(socket));
    sockets_ = std::move(fresh);
    for (auto& socket : old) ::shutdown(socket->fd, SHUT_RDWR);
    opened = server_.config().port == 0 || open_tcp(&sockets_, &error);
  }
  auto closing = std::make_shared<Sockets>(std::move(old));
  server_.reactor(0).call([this, closing] {
    server_.reactor(0).scope().spawn(stop(std::move(*closing)));
    accept();
  });
  return opened;
}

coro::Task<void> Listeners::stop(Sockets sockets) {
  for (auto& socket : sockets) {
    if (!socket->acceptor.reactor) continue;  // never started
    server_.reactor(0).stop_accepting(socket->acceptor);
    co_await socket->acceptor.ended;
    // Through the backend, which would take the next descriptor of this number for the listening one.
    server_.reactor(0).backend().close(std::exchange(socket->fd, -1));
  }
}

coro::Task<void> Listeners::close() {
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  unix_path_.clear();
  Sockets all;
  {
    std::lock_guard lock(mutex_);
    all = std::move(sockets_);
    sockets_.clear();
  }
  co_await stop(std::move(all));
}

bool Listeners::allow_descriptors(std::string* error) {
  if (raise_descriptor_limit().empty()) return true;
  rlimit limit{};
  (void)::getrlimit(RLIMIT_NOFILE, &limit);
  *error = "Your current 'ulimit -n' of " + std::to_string(limit.rlim_cur) +
           " is not enough for the server to start. Please increase your open file limit to at least " +
           std::to_string(server_.config().maxclients + kReservedDescriptors) + ". Exiting.";
  return false;
}

std::string Listeners::raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  const unsigned wanted_clients = server_.config().maxclients;
  const rlim_t wanted = wanted_clients + kReservedDescriptors;
  if (limit.rlim_cur >= wanted) return {};
  rlimit raised = limit;
  raised.rlim_cur = wanted;
  raised.rlim_max = std::max(limit.rlim_max, wanted);
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return {};
  // Not allowed to raise the hard limit: take what there is.
  raised = limit;
  raised.rlim_cur = limit.rlim_max;
  if (limit.rlim_max > limit.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  if (limit.rlim_cur >= wanted) return {};
  if (limit.rlim_cur <= kReservedDescriptors) return "The operating system is not able to handle the specified number of clients";
  const unsigned possible = static_cast<unsigned>(limit.rlim_cur - kReservedDescriptors);
  base::log(LogLevel::kWarning,
            "Server can't set maximum open files to %llu because of OS error. Current maximum open files is %llu. maxclients "
            "has been reduced to %u to compensate for low ulimit. If you need higher maxclients increase 'ulimit -n'.",
            static_cast<unsigned long long>(wanted), static_cast<unsigned long long>(limit.rlim_cur), possible);
  server_.config().maxclients.set(possible);
  return {};
}

}  // namespace gyre::server
