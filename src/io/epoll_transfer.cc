// How the epoll backend receives, accepts, sends and connects.
#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>

#include "backend_epoll.h"
#include "gyre/base/check.h"

namespace gyre::io {

// --- receiving

void EpollBackend::read_again(int fd) {
  Descriptor& d = at(fd);
  if (d.listed) return;
  d.listed = true;
  again_.push_back(fd);
}

void EpollBackend::receive(RecvOp& op, int fd) { receive_into(op, fd, nullptr, 0); }

void EpollBackend::receive_into(RecvOp& op, int fd, char* data, size_t bytes) {
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.reader);
  op.fd = fd;
  op.state = kReader;
  d.reader = &op;
  d.into = data;
  d.into_bytes = bytes;
  if (d.readable) read_again(fd);
}

void EpollBackend::accept(AcceptOp& op, int listen_fd) {
  ::fcntl(listen_fd, F_SETFL, ::fcntl(listen_fd, F_GETFL) | O_NONBLOCK);
  Descriptor& d = registered(listen_fd);
  GYRE_CHECK(!d.reader);
  op.fd = listen_fd;
  op.state = kReader;
  d.reader = &op;
  d.listening = true;
  if (d.readable) read_again(listen_fd);
}

void EpollBackend::do_read(int fd) {
  Descriptor& d = at(fd);
  if (!d.reader || !d.readable) return;
  if (d.listening)
    do_accept(fd);
  else
    do_receive(fd);
}

void EpollBackend::do_receive(int fd) {
  Descriptor& d = at(fd);
  Op& op = *d.reader;
  const bool once = d.into != nullptr;
  char* into = once ? d.into : scratch_.get();
  const size_t room = once ? d.into_bytes : kScratchBytes;
  ++counters_.system_calls;
  ssize_t n = ::recv(fd, into, room, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
    if (errno == EINTR)
      read_again(fd);
    else
      d.readable = false;
    return;
  }
  Completion completion{
      .result = n >= 0 ? static_cast<int32_t>(n) : -errno, .more = n > 0 && !once, .data = into};
  if (n > 0 && static_cast<size_t>(n) < room && !d.hung_up) d.readable = false;
  if (d.readable && completion.more)
    read_again(fd);  // one receive a turn: a busy peer must not starve others
  if (!completion.more) {
    d.reader = nullptr;
    d.into = nullptr;
    op.state = kNowhere;
  }
  ++counters_.completions;
  op.done(op, completion);  // may close the descriptor and destroy op
}

void EpollBackend::do_accept(int fd) {
  for (unsigned n = 0; n < kAcceptsPerTurn; ++n) {
    Descriptor& d = at(fd);
    if (!d.reader) return;
    Op& op = *d.reader;
    ++counters_.system_calls;
    int accepted = ::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0 && (errno == EAGAIN || errno == EINTR)) {
      if (errno == EAGAIN)
        d.readable = false;
      else
        read_again(fd);
      return;
    }
    Completion completion{.result = accepted >= 0 ? accepted : -errno, .more = accepted >= 0};
    if (!completion.more) {
      d.reader = nullptr;
      op.state = kNowhere;
    }
    ++counters_.completions;
    op.done(op, completion);
  }
  read_again(fd);
}

// --- sending

ssize_t EpollBackend::send_some(SendOp& op, int fd) {
  ++counters_.system_calls;
  ++counters_.sends;
  ssize_t n;
  if (op.iov_count == 1) {
    n = ::send(fd, op.iov[0].iov_base, op.iov[0].iov_len, MSG_DONTWAIT | MSG_NOSIGNAL);
  } else {
    op.message = {};
    op.message.msg_iov = op.iov;
    op.message.msg_iovlen = op.iov_count;
    n = ::sendmsg(fd, &op.message, MSG_DONTWAIT | MSG_NOSIGNAL);
  }
  return n >= 0 ? n : -errno;
}

void EpollBackend::send_attempt(SendOp& op, int fd) {
  op.fd = fd;
  ssize_t n = send_some(op, fd);
  size_t wanted = 0;
  for (unsigned i = 0; i < op.iov_count; ++i) wanted += op.iov[i].iov_len;
  bool mattered = result_matters_;
  finish(op, static_cast<int32_t>(n));
  if (n >= 0 && static_cast<size_t>(n) == wanted) result_matters_ = mattered;
}

void EpollBackend::send_when_ready(SendOp& op, int fd) {
  op.fd = fd;
  ssize_t n = send_some(op, fd);
  if (n != -EAGAIN && n != -EINTR) {
    finish(op, static_cast<int32_t>(n));
    return;
  }
  // Registered only now: an edge for what changed since the send comes in any case, as registering reports
  // the state, and so does a full socket that gets room.
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.writer);
  op.state = kWriter;
  d.writer = &op;
}

void EpollBackend::connect(ConnectOp& op, int fd) {
  op.fd = fd;
  ++counters_.system_calls;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&op.address), op.address_length) == 0) return finish(op, 0);
  if (errno != EINPROGRESS) return finish(op, -errno);
  Descriptor& d = registered(fd);
  GYRE_CHECK(!d.writer);
  op.state = kWriter;
  d.writer = &op;
  d.connecting = true;
}

void EpollBackend::do_write(int fd) {
  Descriptor& d = at(fd);
  if (!d.writer) return;
  Op& op = *d.writer;
  int32_t result;
  if (d.connecting) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    result = -error;
    d.connecting = false;
  } else {
    result = static_cast<int32_t>(send_some(static_cast<SendOp&>(op), fd));
    if (result == -EAGAIN || result == -EINTR) return;
  }
  d.writer = nullptr;
  op.state = kNowhere;
  ++counters_.completions;
  op.done(op, Completion{.result = result});
}

}  // namespace gyre::io
