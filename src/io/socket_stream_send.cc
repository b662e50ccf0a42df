// The sending side of SocketStream.
#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "gyre/base/check.h"
#include "gyre/io/socket_stream.h"

namespace gyre::io {

/// A send by reference: owns its bytes until the notification.
struct SocketStream::ZeroCopySend : SendOp {
  SocketStream* stream = nullptr;
  base::OutBuffer chain;
  size_t bytes = 0;
  size_t footprint = 0;
  iovec iovecs[Reactor::kIovecs];
};

void SocketStream::flush() {
  if (failed_) {
    output_.clear();
    return;
  }
  if (dirty_ || sending_ || output_.empty()) return;  // a send's completion looks for more
  dirty_ = true;
  reactor_.mark_dirty(*this);
}

void SocketStream::send_now() {
  dirty_ = false;
  if (failed_) {
    output_.clear();
    // fail() left the telling to us. The drainer may destroy the stream. A waiting reader with no receive in
    // flight does not exist: waiting arms one.
    if (!sending_) wake_drainer();
    return;
  }
  if (sending_ || output_.empty()) return;
  in_flight_.swap(output_);
  in_flight_bytes_ = in_flight_.size();
  submit(/*attempt=*/true);
}

// Points op.iov at the front of the chain. Returns the number of pieces, *bytes what they hold.
unsigned SocketStream::fill(SendOp& op, base::OutBuffer& chain, size_t* bytes) {
  constexpr size_t kMostBytes = 1 << 30;  // what fits into the result of an operation
  unsigned count = 0;
  *bytes = 0;
  const bool zero_copy = op.zero_copy;
  unsigned room = zero_copy ? Reactor::kIovecs : std::size(op.inline_iov);
  if (!zero_copy) op.iov = op.inline_iov;
  for (base::OutBuffer::Piece* piece = chain.front();
       piece && count < Reactor::kIovecs && *bytes < kMostBytes; piece = piece->next) {
    if (piece->size == 0) continue;
    if (count == room) {
      if (zero_copy) break;
      iovec* larger = reactor_.allocate_iovecs();
      std::copy_n(op.iov, count, larger);
      op.iov = larger;
      room = Reactor::kIovecs;
    }
    const size_t size = std::min(piece->size, kMostBytes - *bytes);
    op.iov[count++] = {const_cast<char*>(piece->data), size};
    *bytes += size;
  }
  op.iov_count = count;
  return count;
}

void SocketStream::submit(bool attempt) {
  sending_ = true;
  in_flight_footprint_ += in_flight_.footprint();
  if (submit_zero_copy()) return;
  size_t bytes;
  fill(send_, in_flight_, &bytes);
  // An attempt that succeeds does not end the backend's wait: only when nobody waits to hear of it.
  if (attempt && !drainer_ && bytes == in_flight_bytes_ && output_.empty())
    reactor_.backend().send_attempt(send_, fd_);
  else
    reactor_.backend().send_when_ready(send_, fd_);
}

bool SocketStream::within_host() const {
  sockaddr_storage ends[2]{};
  for (int peer = 0; peer < 2; ++peer) {
    socklen_t length = sizeof ends[peer];
    if (reactor_.backend().address(fd_, peer == 1, &ends[peer], &length) != 0) return false;
  }
  if (ends[0].ss_family == AF_UNIX) return true;
  if (ends[0].ss_family != ends[1].ss_family) return false;
  if (ends[0].ss_family == AF_INET) {
    const in_addr_t own = reinterpret_cast<sockaddr_in&>(ends[0]).sin_addr.s_addr;
    return own == reinterpret_cast<sockaddr_in&>(ends[1]).sin_addr.s_addr || ntohl(own) >> 24 == IN_LOOPBACKNET;
  }
  return ends[0].ss_family == AF_INET6 && IN6_ARE_ADDR_EQUAL(&reinterpret_cast<sockaddr_in6&>(ends[0]).sin6_addr,
                                                             &reinterpret_cast<sockaddr_in6&>(ends[1]).sin6_addr);
}

bool SocketStream::submit_zero_copy() {
  const ReactorOptions& options = reactor_.options();
  // Within one host the kernel copies after all; worse, the large segments of such a send do not fit into a small receive
  // buffer, and each waits for a window probe (20 MB to a reader with 16 KB: 28 s instead of 3).
  if (options.zero_copy == ZeroCopy::kAuto && !zero_copy_checked_ && in_flight_bytes_ >= options.zero_copy_threshold) {
    zero_copy_checked_ = true;
    zero_copy_off_ = zero_copy_off_ || within_host();
  }
  if (options.zero_copy == ZeroCopy::kOff || zero_copy_off_ ||
      in_flight_bytes_ < options.zero_copy_threshold || !reactor_.backend().has_zero_copy())
    return false;
  auto* send = new ZeroCopySend;
  send->done = &SocketStream::on_zero_copy;
  send->stream = this;
  send->zero_copy = true;
  send->iov = send->iovecs;
  send->chain.swap(in_flight_);
  send->footprint = send->chain.footprint();
  fill(*send, send->chain, &send->bytes);
  // What does not fit into one vector goes with the next send.
  if (send->bytes < in_flight_bytes_) {
    // The chain cannot be cut while the kernel reads its front; such output goes by copy.
    in_flight_.swap(send->chain);
    delete send;
    return false;
  }
  ++zero_copy_held_;
  reactor_.backend().send_zero_copy(*send, fd_);
  return true;
}

void SocketStream::on_zero_copy(Op& op, const Completion& completion) {
  auto* send = static_cast<ZeroCopySend*>(static_cast<SendOp*>(&op));
  SocketStream& self = *send->stream;
  if (completion.notification) {
    if (completion.copied && self.reactor_.options().zero_copy == ZeroCopy::kAuto) self.zero_copy_off_ = true;
    --self.zero_copy_held_;
    self.in_flight_footprint_ -= send->footprint;
    delete send;
    if (self.closed_ && self.zero_copy_held_ == 0 && self.settling_)
      std::exchange(self.settling_, nullptr).resume();
    return;
  }
  const int32_t result = completion.result;
  // This kind of socket cannot (unix sockets): nothing was sent and nothing is held, so the same bytes go by
  // copy.
  const bool refused = result == -EOPNOTSUPP;
  if (refused) {
    self.zero_copy_off_ = true;
    self.in_flight_.swap(send->chain);
    self.in_flight_footprint_ -= std::exchange(send->footprint, 0);
  }
  // The backend sends all or fails.
  const bool whole = result >= 0 && static_cast<size_t>(result) == send->bytes;
  if (!completion.more) {
    --self.zero_copy_held_;
    self.in_flight_footprint_ -= send->footprint;
    delete send;
  }
  self.in_flight_bytes_ = refused ? self.in_flight_.size() : 0;
  if (refused) return self.after_send(0);
  if (result > 0) self.bytes_out_ += static_cast<size_t>(result);
  self.after_send(whole ? 0 : (result < 0 ? result : -EPIPE));
}

void SocketStream::on_sent(Op& op, const Completion& completion) {
  SocketStream& self = *static_cast<Send&>(static_cast<SendOp&>(op)).stream;
  if (self.send_.iov != self.send_.inline_iov) self.reactor_.free_iovecs(self.send_.iov);
  self.send_.iov = self.send_.inline_iov;
  self.in_flight_footprint_ -= self.in_flight_.footprint();
  int32_t result = completion.result;
  if (result > 0) {
    self.bytes_out_ += static_cast<size_t>(result);
    self.in_flight_.consume(static_cast<size_t>(result));
    self.in_flight_bytes_ = self.in_flight_.size();
    result = 0;
  } else if (result == -EAGAIN || result == -EINTR) {
    result = 0;
  }
  self.after_send(result);
}

// A send has ended (0 or -errno): sends what is left, or tells those who wait.
void SocketStream::after_send(int32_t error) {
  sending_ = false;
  if (error != 0 || failed_) {
    in_flight_.clear();
    in_flight_bytes_ = 0;
    if (error != 0) fail(-error);
  } else if (in_flight_bytes_ > 0) {
    submit(/*attempt=*/false);
  } else if (!output_.empty() && !dirty_) {
    dirty_ = true;
    reactor_.mark_dirty(*this);
  }
  wake_if_drained();
}

// Resumes at most one coroutine, as the last thing: it may destroy the stream.
void SocketStream::wake_if_drained() {
  if (resume_settled()) return;
  if (drainer_ && (failed_ || pending() <= drain_limit_)) wake_drainer();
}

}  // namespace gyre::io
