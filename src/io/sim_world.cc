#include <algorithm>
#include <cerrno>
#include <cstring>

#include "backend_sim.h"
#include "gyre/base/check.h"

namespace gyre::io {

SimWorld::SimWorld(const SimOptions& options) : options_(options), random_(options.seed) {}
SimWorld::~SimWorld() { GYRE_CHECK(backends_.empty()); }

std::unique_ptr<Backend> SimWorld::make_backend() { return std::make_unique<SimBackend>(*this); }

SimWorld::Socket* SimWorld::find(int fd) {
  auto found = sockets_.find(fd);
  return found == sockets_.end() ? nullptr : found->second.get();
}

int SimWorld::add(std::unique_ptr<Socket> socket) {
  socket->fd = next_fd_++;
  return sockets_.emplace(socket->fd, std::move(socket)).first->first;
}

void SimWorld::at(int64_t time_us, SimBackend* owner, std::function<void()> run) {
  events_.emplace(When{std::max(time_us, now_us_), sequence_++}, Event{owner, std::move(run)});
}

// To the next thing that happens to anybody, but not beyond the limit.
void SimWorld::advance(int64_t limit_us) {
  int64_t next_us = limit_us;
  if (!events_.empty()) next_us = std::min(next_us, events_.begin()->first.first);
  for (SimBackend* backend : backends_) next_us = std::min(next_us, backend->deadline_us());
  if (next_us != INT64_MAX) now_us_ = std::max(now_us_, next_us);
}

int SimWorld::listen(const sockaddr_storage& address, socklen_t length) {
  auto socket = std::make_unique<Socket>();
  socket->listening = true;
  socket->local = address;
  socket->local_length = length;
  return add(std::move(socket));
}

std::pair<int, int> SimWorld::pair() {
  int first = add(std::make_unique<Socket>()), second = add(std::make_unique<Socket>());
  find(first)->peer = second;
  find(second)->peer = first;
  return {first, second};
}

size_t SimWorld::room(const Socket& from) {
  Socket* to = find(from.peer);
  if (!to) return 0;
  const size_t used = to->arrived.size() + to->transit_bytes;
  return used < options_.window_bytes ? options_.window_bytes - used : 0;
}

// Takes bytes of the vector from `offset` on, as far as there is room, and sends them on their way.
size_t SimWorld::push(Socket& from, const SendOp& op, size_t offset) {
  size_t limit = room(from);
  if (limit == 0) return 0;
  limit = part(limit);
  std::string bytes;
  for (unsigned i = 0; i < op.iov_count && bytes.size() < limit; ++i) {
    const iovec& piece = op.iov[i];
    if (offset >= piece.iov_len) {
      offset -= piece.iov_len;
      continue;
    }
    bytes.append(static_cast<const char*>(piece.iov_base) + offset,
                 std::min(piece.iov_len - offset, limit - bytes.size()));
    offset = 0;
  }
  if (bytes.empty()) return 0;
  Socket& to = *find(from.peer);
  // In order: never before what was sent earlier.
  const int64_t arrives_us = std::max(now_us_ + delay(), to.transit.empty() ? 0 : to.transit.back().arrives_us);
  const size_t taken = bytes.size();
  to.transit_bytes += taken;
  to.transit.push_back({arrives_us, std::move(bytes)});
  at(arrives_us, to.backend, [this, fd = to.fd] { deliver(fd); });
  if (chance(options_.cut)) cut(from.fd);
  return taken;
}

// Moves what has arrived by now to the reader.
void SimWorld::deliver(int fd) {
  Socket* socket = find(fd);
  if (!socket || socket->held) return;
  while (!socket->transit.empty()) {
    const Transit& next = socket->transit.front();
    if (next.ticket != 0 || next.arrives_us > now_us_) break;
    socket->transit_bytes -= next.bytes.size();
    if (!socket->shut_down) socket->arrived += next.bytes;
    socket->transit.pop_front();
  }
  if (socket->backend) socket->backend->look_at_receiver(fd);
}

// Tells the peer that nothing more comes.
void SimWorld::finish_write_side(Socket& from) {
  if (from.write_closed) return;
  from.write_closed = true;
  Socket* to = find(from.peer);
  if (!to) return;
  to->end_in_transit = true;
  to->end_at_us = std::max(now_us_ + delay(), to->transit.empty() ? 0 : to->transit.back().arrives_us);
  at(to->end_at_us, to->backend, [this, fd = to->fd] { deliver(fd); });
}

void SimWorld::half_close(int fd) {
  if (Socket* socket = find(fd)) finish_write_side(*socket);
}

void SimWorld::reset(Socket& socket) {
  socket.error = ECONNRESET;
  socket.arrived.clear();
  socket.transit.clear();
  socket.transit_bytes = 0;
  if (!socket.backend) return;
  at(now_us_, socket.backend, [backend = socket.backend, fd = socket.fd] {
    backend->look_at_receiver(fd);
    backend->look_at_sender(fd);
  });
}

void SimWorld::cut(int fd) {
  Socket* socket = find(fd);
  if (!socket) return;
  if (Socket* peer = find(socket->peer)) reset(*peer);
  reset(*socket);
}

void SimWorld::hold(int fd, bool held) {
  Socket* socket = find(fd);
  if (!socket) return;
  for (Socket* end : {socket, find(socket->peer)}) {
    if (!end) continue;
    end->held = held;
    if (!held) at(now_us_, end->backend, [this, number = end->fd] { deliver(number); });
  }
}

}  // namespace gyre::io
