#include "gyre/io/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gyre/base/check.h"
#include "gyre/base/log.h"

namespace gyre::io {
namespace {

Listening failed(const char* call, int fd = -1) {
  Listening result;
  result.error = errno;
  result.reason = std::string(call) + ": " + std::strerror(errno);
  if (fd >= 0) ::close(fd);
  return result;
}

Listening listen_on(const addrinfo& address, int backlog) {
  int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;
  if (fd < 0) return failed("socket");
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  // An IPv6 socket must leave IPv4 alone: "* -::*" binds both to one port.
  if (address.ai_family == AF_INET6 && ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0)
    return failed("setsockopt", fd);
  if (::bind(fd, address.ai_addr, address.ai_addrlen) != 0) return failed("bind", fd);
  if (::listen(fd, backlog) != 0) return failed("listen", fd);
  Listening result;
  result.fd = fd;
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length);
  result.port = ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                                  : reinterpret_cast<sockaddr_in&>(bound).sin_port);
  return result;
}

}  // namespace

bool Listening::unavailable() const {
  return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EPFNOSUPPORT ||
         error == EPROTONOSUPPORT || error == ESOCKTNOSUPPORT || error == ENOPROTOOPT;
}

Listening open_tcp(const std::string& host, uint16_t port, int backlog) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = host == "*" ? AF_INET : host == "::*" ? AF_INET6 : AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  const bool any = host == "*" || host == "::*";
  int error = ::getaddrinfo(any ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &found);
  Listening result;
  if (error != 0) {
    result.reason = ::gai_strerror(error);
    if (error == EAI_SYSTEM) result.error = errno;
    if (error == EAI_FAMILY || error == EAI_ADDRFAMILY) result.error = EAFNOSUPPORT;
    return result;
  }
  // The first address that works, as a name may have several.
  for (addrinfo* address = found; address && result.fd < 0; address = address->ai_next)
    result = listen_on(*address, backlog);
  ::freeaddrinfo(found);
  return result;
}

Listening open_unix(const std::string& path, unsigned mode, int backlog) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return failed("bind");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed("socket");
  ::unlink(path.c_str());
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return failed("bind", fd);
  if (mode != 0) ::chmod(path.c_str(), mode);
  if (::listen(fd, backlog) != 0) return failed("listen", fd);
  Listening result;
  result.fd = fd;
  result.is_unix = true;
  return result;
}

void configure_connection(int fd, int keepalive_s) {
  int one = 1;
  if (::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0) return;  // not TCP
  if (keepalive_s <= 0) return;
  int interval_s = std::max(keepalive_s / 3, 1), count = 3;
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &keepalive_s, sizeof keepalive_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

struct Acceptor::Source {
  Listening listening;
  size_t index = 0;
  Reactor::Acceptor accepting;
};

Acceptor::Acceptor(std::vector<Reactor*> reactors, int keepalive_s, OnConnection on_connection)
    : reactors_(std::move(reactors)),
      counts_(new std::atomic<uint32_t>[reactors_.size()]()),
      keepalive_s_(keepalive_s),
      on_connection_(std::move(on_connection)) {
  GYRE_CHECK(!reactors_.empty());
}

Acceptor::~Acceptor() { GYRE_CHECK(sources_.empty()); }

size_t Acceptor::add(Listening listening) {
  GYRE_CHECK(listening.fd >= 0);
  auto source = std::make_unique<Source>();
  source->listening = std::move(listening);
  source->index = sources_.size();
  source->accepting.on_accept = [this, raw = source.get()](int fd_or_error) { on_accept(*raw, fd_or_error); };
  reactors_[0]->start_accepting(source->accepting, source->listening.fd);
  sources_.push_back(std::move(source));
  return sources_.size() - 1;
}

coro::Task<void> Acceptor::stop() {
  for (auto& source : sources_) {
    reactors_[0]->stop_accepting(source->accepting);
    co_await source->accepting.ended;
    reactors_[0]->backend().close(source->listening.fd);
  }
  sources_.clear();
}

size_t Acceptor::choose() {
  size_t best = next_ % reactors_.size();
  for (size_t n = 1; n < reactors_.size(); ++n) {
    const size_t candidate = (next_ + n) % reactors_.size();
    if (connections(candidate) < connections(best)) best = candidate;
  }
  next_ = best + 1;
  return best;
}

void Acceptor::on_accept(Source& source, int fd_or_error) {
  if (fd_or_error < 0) {
    // The reactor pauses and accepts again by itself; the peers wait in the backlog.
    if (reactors_[0]->now_us() < quiet_until_us_) return;
    quiet_until_us_ = reactors_[0]->now_us() + 1'000'000;
    base::log(base::LogLevel::kWarning, "Accepting client connection: accept: %s",
              std::strerror(-fd_or_error));
    return;
  }
  if (!source.listening.is_unix) configure_connection(fd_or_error, keepalive_s_);
  const size_t chosen = choose();
  counts_[chosen].fetch_add(1, std::memory_order_relaxed);
  Reactor* reactor = reactors_[chosen];
  if (chosen == 0) {
    on_connection_(*reactor, fd_or_error, source.index);
  } else {
    reactor->call(
        [this, reactor, fd_or_error, index = source.index] { on_connection_(*reactor, fd_or_error, index); });
  }
}

void Acceptor::ended(const Reactor& reactor) {
  for (size_t i = 0; i < reactors_.size(); ++i)
    if (reactors_[i] == &reactor) counts_[i].fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace gyre::io
