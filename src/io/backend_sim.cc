#include "backend_sim.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gyre/base/check.h"

namespace gyre::io {

SimBackend::SimBackend(SimWorld& world) : world_(world) { world_.backends_.insert(this); }

SimBackend::~SimBackend() {
  world_.backends_.erase(this);
  std::erase_if(world_.events_, [this](auto& entry) { return entry.second.owner == this; });
  for (auto& [fd, socket] : world_.sockets_)
    if (socket->backend == this) socket->backend = nullptr;
}

unsigned SimBackend::turn(bool may_block) {
  ++counters_.turns;
  ++world_.now_us_;  // nothing takes no time at all; and nobody can spin in one instant
  auto mine = [this](const auto& entry) {
    return entry.first.first <= world_.now_us_ &&
           (entry.second.owner == this || entry.second.owner == nullptr);
  };
  const bool due =
      std::any_of(world_.events_.begin(), world_.events_.upper_bound({world_.now_us_, UINT64_MAX}), mine);
  if (may_block && !due && !woken_.exchange(false, std::memory_order_acquire)) world_.advance(deadline_us_);
  woken();
  // What these events bring about for this same instant is for the next turn, as with a kernel.
  std::vector<SimWorld::When> now;
  for (auto it = world_.events_.begin(); it != world_.events_.end() && it->first.first <= world_.now_us_;
       ++it)
    if (mine(*it)) now.push_back(it->first);
  for (const SimWorld::When& when : now) {
    auto found = world_.events_.find(when);
    if (found == world_.events_.end()) continue;
    auto run = std::move(found->second.run);
    world_.events_.erase(found);
    run();
  }
  counters_.completions += now.size();
  return static_cast<unsigned>(now.size());
}

void SimBackend::finish(Op& op, Completion completion, int64_t after_us) {
  op.state = kFinishing;
  world_.at(world_.now_us_ + after_us, this, [&op, completion] {
    op.state = kNone;
    op.done(op, completion);
  });
}

// --- receiving

void SimBackend::receive_into(RecvOp& op, int fd, char* data, size_t bytes) {
  op.fd = fd;
  Socket* socket = world_.find(fd);
  if (!socket) return finish(op, {.result = -EBADF});
  GYRE_CHECK(!socket->receiver);
  op.state = kWaiting;
  socket->backend = this;
  socket->receiver = &op;
  socket->into = data;
  socket->into_bytes = bytes;
  look_at_receiver(fd);
}

void SimBackend::look_at_receiver(int fd) {
  world_.at(world_.now_us_, this, [this, fd] { show_arrivals(fd); });
}

void SimBackend::show_arrivals(int fd) {
  Socket* socket = world_.find(fd);
  if (!socket || !socket->receiver) return;
  RecvOp& op = *socket->receiver;
  const bool once = socket->into != nullptr;
  auto end = [&](int32_t result) {
    socket->receiver = nullptr;
    socket->into = nullptr;
    op.state = kNone;
    op.done(op, Completion{.result = result});
  };
  if (socket->error != 0) return end(-socket->error);
  if (socket->arrived.empty()) {
    const bool ended =
        socket->end_in_transit && socket->transit.empty() && socket->end_at_us <= world_.now_us_;
    if (ended || socket->shut_down) end(0);
    return;
  }
  size_t bytes = std::min(socket->arrived.size(), once ? socket->into_bytes : kReceiveBufferBytes);
  bytes = world_.part(bytes);
  const std::string taken = socket->arrived.substr(0, bytes);
  socket->arrived.erase(0, bytes);
  if (Socket* peer = world_.find(socket->peer); peer && peer->backend)
    peer->backend->look_at_sender(peer->fd);
  if (once) {
    std::memcpy(socket->into, taken.data(), bytes);
    return end(static_cast<int32_t>(bytes));
  }
  look_at_receiver(fd);  // for the rest, in a later turn
  op.done(op, Completion{.result = static_cast<int32_t>(bytes), .more = true, .data = taken.data()});
}

// --- sending

int SimBackend::send_error(const Socket& socket) const {
  if (socket.error != 0) return socket.error;
  if (socket.write_closed || socket.shut_down) return EPIPE;
  const Socket* peer = world_.find(socket.peer);
  return !peer || peer->shut_down ? EPIPE : 0;
}

void SimBackend::send_attempt(SendOp& op, int fd) {
  ++counters_.sends;
  op.fd = fd;
  Socket* socket = world_.find(fd);
  if (!socket) return finish(op, {.result = -EBADF});
  socket->backend = this;
  if (int error = send_error(*socket)) return finish(op, {.result = -error});
  const size_t taken = world_.push(*socket, op, 0);
  finish(op, {.result = taken > 0 ? static_cast<int32_t>(taken) : -EAGAIN});
}

void SimBackend::send_when_ready(SendOp& op, int fd) {
  ++counters_.sends;
  op.fd = fd;
  Socket* socket = world_.find(fd);
  if (!socket) return finish(op, {.result = -EBADF});
  GYRE_CHECK(!socket->sender);
  op.state = kWaiting;
  socket->backend = this;
  socket->sender = &op;
  socket->sender_offset = 0;
  look_at_sender(fd);
}

void SimBackend::look_at_sender(int fd) {
  world_.at(world_.now_us_, this, [this, fd] {
    Socket* socket = world_.find(fd);
    if (!socket || !socket->sender) return;
    SendOp& op = *socket->sender;
    int32_t result = -send_error(*socket);
    size_t wanted = 0;
    for (unsigned i = 0; i < op.iov_count; ++i) wanted += op.iov[i].iov_len;
    const bool held = result == 0 && op.zero_copy && world_.holds_notifications_ && socket->sender_offset == 0;
    if (held) {
      if (world_.room(*socket) == 0) return;
      world_.hold_send(*socket, op, wanted);
      result = static_cast<int32_t>(wanted);
    } else if (result == 0) {
      const size_t taken = world_.push(*socket, op, socket->sender_offset);
      if (taken == 0 && wanted > 0) return;  // the reader's progress calls us again
      socket->sender_offset += taken;
      if (op.zero_copy && socket->sender_offset < wanted) return look_at_sender(fd);
      result = static_cast<int32_t>(socket->sender_offset);
    }
    socket->sender = nullptr;
    op.state = kNone;
    op.zero_copy ? finish_zero_copy(op, result, held) : op.done(op, Completion{.result = result});
  });
}

// --- connections

void SimBackend::accept(AcceptOp& op, int listen_fd) {
  op.fd = listen_fd;
  Socket* socket = world_.find(listen_fd);
  if (!socket || !socket->listening) return finish(op, {.result = -EBADF});
  op.state = kWaiting;
  socket->backend = this;
  socket->acceptor = &op;
  look_at_acceptor(listen_fd);
}

void SimBackend::look_at_acceptor(int fd) {
  world_.at(world_.now_us_, this, [this, fd] {
    Socket* socket = world_.find(fd);
    if (!socket || !socket->acceptor || socket->backlog.empty()) return;
    const int accepted = socket->backlog.front();
    socket->backlog.pop_front();
    look_at_acceptor(fd);
    socket->acceptor->done(*socket->acceptor, Completion{.result = accepted, .more = true});
  });
}

void SimBackend::connect(ConnectOp& op, int fd) {
  op.fd = fd;
  op.state = kWaiting;
  const uint64_t token = ++op.token;
  world_.at(world_.now_us_ + world_.delay(), this, [this, &op, fd, token] {
    if (op.token != token || op.state != kWaiting) return;
    op.state = kNone;
    Socket* socket = world_.find(fd);
    for (auto& [number, listener] : world_.sockets_) {
      if (!listener->listening || listener->local_length != op.address_length ||
          std::memcmp(&listener->local, &op.address, op.address_length) != 0)
        continue;
      auto other = std::make_unique<Socket>();
      other->peer = fd;
      other->local = socket->remote = listener->local;
      other->local_length = socket->remote_length = listener->local_length;
      other->remote = socket->local;
      other->remote_length = socket->local_length;
      Socket& listening = *listener;
      socket->peer = world_.add(std::move(other));
      listening.backlog.push_back(socket->peer);
      if (listening.backend) listening.backend->look_at_acceptor(listening.fd);
      return op.done(op, Completion{});
    }
    op.done(op, Completion{.result = -ECONNREFUSED});
  });
}

void SimBackend::poll(PollOp& op, int, uint32_t) {
  finish(op, {.result = -EOPNOTSUPP});
}  // nothing foreign in here

void SimBackend::cancel(Op& op) {
  if (op.state != kWaiting) return;  // its completion is on the way
  ++op.token;
  if (Socket* socket = world_.find(op.fd)) {
    if (socket->receiver == &op) socket->receiver = nullptr, socket->into = nullptr;
    if (socket->sender == &op) socket->sender = nullptr;
    if (socket->acceptor == &op) socket->acceptor = nullptr;
  }
  Completion completion{.result = -ECANCELED};
  finish(op, completion);
}

void SimBackend::close(int fd) {
  Socket* socket = world_.find(fd);
  if (!socket) return;
  GYRE_CHECK(!socket->receiver && !socket->sender && !socket->acceptor);
  for (int waiting : socket->backlog) world_.cut(waiting);
  // Closing with unread bytes, or when asked to, resets the connection, as TCP does.
  Socket* peer = world_.find(socket->peer);
  if (peer && (socket->reset_on_close || !socket->arrived.empty()) && !socket->shut_down)
    world_.reset(*peer);
  else
    world_.finish_write_side(*socket);
  if (peer) peer->peer = -1;
  if (peer && peer->backend) peer->backend->look_at_sender(peer->fd);
  world_.sockets_.erase(fd);
}

int SimBackend::socket(int) {
  auto socket = std::make_unique<Socket>();
  auto& address = reinterpret_cast<sockaddr_in&>(socket->local);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(world_.next_port_++);
  socket->local_length = sizeof address;
  return world_.add(std::move(socket));
}

void SimBackend::shutdown(int fd) {
  Socket* socket = world_.find(fd);
  if (!socket || socket->shut_down) return;
  world_.finish_write_side(*socket);
  socket->shut_down = true;
  socket->arrived.clear();
  look_at_receiver(fd);
  look_at_sender(fd);
  if (Socket* peer = world_.find(socket->peer); peer && peer->backend)
    peer->backend->look_at_sender(peer->fd);
}

void SimBackend::reset_on_close(int fd) {
  if (Socket* socket = world_.find(fd)) socket->reset_on_close = true;
}

int SimBackend::address(int fd, bool peer, sockaddr_storage* out, socklen_t* length) const {
  const Socket* socket = world_.find(fd);
  if (!socket) return -EBADF;
  *out = peer ? socket->remote : socket->local;
  *length = peer ? socket->remote_length : socket->local_length;
  return 0;
}

// --- files

void SimBackend::file(FileOp& op) {
  op.state = kFinishing;
  world_.at(world_.now_us_ + world_.delay(), this, [this, &op] {
    op.state = kNone;
    const int32_t result = world_.disk_.run(op, world_.random_, world_.options_);
    op.done(op, Completion{.result = result});
  });
}

}  // namespace gyre::io
