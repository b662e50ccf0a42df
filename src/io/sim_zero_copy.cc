// Zero-copy sends of the simulation, and notifications that a test holds back.
#include <utility>

#include "backend_sim.h"
#include "gyre/base/check.h"

namespace gyre::io {

void SimBackend::send_zero_copy(SendOp& op, int fd) {
  ++counters_.zero_copy_sends;
  send_when_ready(op, fd);
}

// The result, and, unless the world holds it, some time later the notification.
void SimBackend::finish_zero_copy(SendOp& op, int32_t result, bool held) {
  if (!held) {
    // The kernel keeps the memory until the peer has acknowledged.
    const bool copied = world_.chance(0.2);
    if (result > 0)
      (copied ? counters_.zero_copy_copied_bytes : counters_.zero_copy_bytes) +=
          static_cast<uint64_t>(result);
    world_.at(world_.now_us_ + world_.delay(), this,
              [&op, copied] { op.done(op, Completion{.copied = copied, .notification = true}); });
  }
  op.done(op, Completion{.result = result, .more = true});
}

// Its bytes have their place in the stream, and are read when the notification is released.
void SimWorld::hold_send(Socket& from, SendOp& op, size_t bytes) {
  Socket& to = *find(from.peer);
  const uint64_t ticket = ++last_ticket_;
  to.transit_bytes += bytes;
  to.transit.push_back({now_us_, {}, ticket});
  held_sends_.push_back({&op, from.backend, to.fd, ticket, bytes});
}

void SimWorld::release_notification(size_t index) {
  GYRE_CHECK(index < held_sends_.size());
  const HeldSend send = held_sends_[index];
  held_sends_.erase(held_sends_.begin() + static_cast<std::ptrdiff_t>(index));
  // Also when nobody is there any more to get them: the device reads what it was given.
  std::string bytes;
  bytes.reserve(send.bytes);
  for (unsigned i = 0; i < send.op->iov_count; ++i)
    bytes.append(static_cast<const char*>(send.op->iov[i].iov_base), send.op->iov[i].iov_len);
  GYRE_CHECK(bytes.size() == send.bytes);
  if (Socket* to = find(send.to)) {
    for (Transit& part : to->transit) {
      if (part.ticket != send.ticket) continue;
      part = {now_us_ + delay(), std::move(bytes)};
      at(part.arrives_us, to->backend, [this, fd = to->fd] { deliver(fd); });
      break;
    }
  }
  at(now_us_, send.owner, [op = send.op] { op->done(*op, Completion{.notification = true}); });
}

}  // namespace gyre::io
