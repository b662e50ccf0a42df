#include "gyre/io/backend.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "backend_epoll.h"
#include "backend_uring.h"
#include "gyre/base/clock.h"

namespace gyre::io {

int64_t Backend::monotonic_us() const { return base::monotonic_us(); }
int64_t Backend::wall_us() const { return base::wall_us(); }

int Backend::socket(int family) {
  int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return fd >= 0 ? fd : -errno;
}

void Backend::shutdown(int fd) { ::shutdown(fd, SHUT_RDWR); }

void Backend::reset_on_close(int fd) {
  linger immediately{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &immediately, sizeof immediately);
}

int Backend::address(int fd, bool peer, sockaddr_storage* out, socklen_t* length) const {
  *length = sizeof *out;
  auto* address = reinterpret_cast<sockaddr*>(out);
  int result = peer ? ::getpeername(fd, address, length) : ::getsockname(fd, address, length);
  return result == 0 ? 0 : -errno;
}

std::unique_ptr<Backend> make_backend(BackendKind kind, const BackendOptions& options, std::string* note) {
  std::string reason;
  if (kind == BackendKind::kAuto || kind == BackendKind::kUring) {
    if (auto backend = make_uring_backend(options, &reason)) return backend;
    if (kind == BackendKind::kUring) {
      if (note) *note = "io_uring is not available: " + reason;
      return nullptr;
    }
    if (note) *note = "io_uring is not available (" + reason + "), using epoll";
  }
  if (auto backend = make_epoll_backend(options, &reason)) return backend;
  if (note) *note = "epoll is not available: " + reason;
  return nullptr;
}

}  // namespace gyre::io
