// What the io_uring backend submits.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "backend_uring.h"
#include "file_pool.h"
#include "gyre/base/check.h"
#include "gyre/base/log.h"

namespace gyre::io {

io_uring_sqe* UringBackend::sqe(uint64_t user_data) {
  const unsigned entries = ring_.sq.ring_entries;
  while (tail_ - submitted_head() >= entries) {
    // A full queue is submitted early, without waiting.
    if (!enabled_) enable();
    enter_kernel(0);
  }
  io_uring_sqe* entry = &ring_.sq.sqes[tail_ & (entries - 1)];
  ++tail_;
  std::memset(entry, 0, sizeof *entry);
  entry->user_data = user_data;
  return entry;
}

void UringBackend::enter_kernel(unsigned min_complete) {
  __atomic_store_n(ring_.sq.ktail, tail_, __ATOMIC_RELEASE);
  ++counters_.system_calls;
  int result =
      uring::enter(enter_fd_, tail_ - submitted_head(), min_complete, IORING_ENTER_GETEVENTS | enter_flags_);
  // EINTR: a signal. EAGAIN, EBUSY: no memory or room for completions now; what was not taken stays queued
  // and the next turn, after completions were taken out, tries again.
  if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) {
    base::log(base::LogLevel::kWarning, "io_uring_enter failed: %s", std::strerror(-result));
    GYRE_CHECK(result >= 0);
  }
}

void UringBackend::accept(AcceptOp& op, int listen_fd) {
  op.fd = listen_fd;
  // Kernels before 5.19 answer EAGAIN at once for a non-blocking listener instead of waiting.
  if (int flags = ::fcntl(listen_fd, F_GETFL); flags >= 0 && (flags & O_NONBLOCK))
    ::fcntl(listen_fd, F_SETFL, flags & ~O_NONBLOCK);
  io_uring_sqe* entry = sqe(op, features_.multishot_accept ? kAcceptMulti : kAcceptOne);
  if (features_.multishot_accept)
    io_uring_prep_multishot_accept(entry, listen_fd, nullptr, nullptr, SOCK_CLOEXEC);
  else
    io_uring_prep_accept(entry, listen_fd, nullptr, nullptr, SOCK_CLOEXEC);
}

void UringBackend::connect(ConnectOp& op, int fd) {
  op.fd = fd;
  io_uring_sqe* entry = sqe(op, kOther);
  io_uring_prep_connect(entry, fd, reinterpret_cast<sockaddr*>(&op.address), op.address_length);
}

void UringBackend::arm_receive(RecvOp& op) {
  if (!features_.buffer_ring) {
    io_uring_sqe* entry = sqe(op, kRecvPoll);
    io_uring_prep_poll_add(entry, op.fd, POLLIN | POLLRDHUP);
    return;
  }
  io_uring_sqe* entry = sqe(op, features_.multishot_recv ? kRecvMulti : kRecvOne);
  if (features_.multishot_recv)
    io_uring_prep_recv_multishot(entry, op.fd, nullptr, 0, 0);
  else
    io_uring_prep_recv(entry, op.fd, nullptr, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = ReceiveRing::kGroup;
}

void UringBackend::receive(RecvOp& op, int fd) {
  op.fd = fd;
  arm_receive(op);
}

void UringBackend::receive_into(RecvOp& op, int fd, char* data, size_t bytes) {
  op.fd = fd;
  io_uring_sqe* entry = sqe(op, kOther);
  io_uring_prep_recv(entry, fd, data, bytes, MSG_WAITALL);
}

void UringBackend::prepare_send(io_uring_sqe* entry, SendOp& op, int fd, int flags) {
  ++counters_.sends;
  op.fd = fd;
  flags |= MSG_NOSIGNAL;
  if (op.iov_count == 1) {
    io_uring_prep_send(entry, fd, op.iov[0].iov_base, op.iov[0].iov_len, flags);
  } else {
    op.message = {};
    op.message.msg_iov = op.iov;
    op.message.msg_iovlen = op.iov_count;
    io_uring_prep_sendmsg(entry, fd, &op.message, static_cast<unsigned>(flags));
  }
}

void UringBackend::send_attempt(SendOp& op, int fd) {
  if (!features_.silent_sends) {
    op.state = kOther;
    prepare_send(sqe(reinterpret_cast<uintptr_t>(&op)), op, fd, MSG_DONTWAIT);
    return;
  }
  op.state = kAttempt;
  io_uring_sqe* entry = sqe(reinterpret_cast<uintptr_t>(&op) | 1);
  prepare_send(entry, op, fd, MSG_DONTWAIT | MSG_WAITALL);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  op.token = tail_;
  attempts_.push_back(&op);
}

void UringBackend::send_when_ready(SendOp& op, int fd) {
  op.state = kOther;
  prepare_send(sqe(reinterpret_cast<uintptr_t>(&op)), op, fd, 0);
}

void UringBackend::send_zero_copy(SendOp& op, int fd) {
  if (!features_.send_zc) return send_when_ready(op, fd);
  ++counters_.zero_copy_sends;
  op.fd = fd;
  op.message = {};
  op.message.msg_iov = op.iov;
  op.message.msg_iovlen = op.iov_count;
  io_uring_sqe* entry = sqe(op, kZeroCopy);
  io_uring_prep_sendmsg_zc(entry, fd, &op.message, MSG_WAITALL | MSG_NOSIGNAL);
  if (offered_.report_usage) entry->ioprio |= uring::kSendZcReportUsage;
}

void UringBackend::poll(PollOp& op, int fd, uint32_t events) {
  op.fd = fd;
  op.events = events;
  io_uring_sqe* entry = sqe(op, kOther);
  io_uring_prep_poll_add(entry, fd, events);
}

void UringBackend::cancel(Op& op) {
  switch (kind(op)) {
    case kNone:
    case kAttempt:   // ends with this turn
    case kDeferred:  // its completion is on the way
      return;
    case kStarved:
      for (Op** place = &starved_; *place; place = &(*place)->next) {
        if (*place != &op) continue;
        *place = op.next;
        break;
      }
      return defer(op, -ECANCELED);
    default:
      break;
  }
  op.state |= kStop;  // for those that are armed again and again by us
  io_uring_sqe* entry = sqe(kIgnored);
  io_uring_prep_cancel64(entry, reinterpret_cast<uintptr_t>(&op), 0);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void UringBackend::close(int fd) {
  ++counters_.system_calls;
  ::close(fd);
}

void UringBackend::file(FileOp& op) {
  if (op.kind == kStatSize || op.kind == kTruncate)
    return defer(op, run_file_operation(op));  // short, and rare
  io_uring_sqe* entry = sqe(op, kOther);
  const auto bytes = static_cast<unsigned>(std::min<size_t>(op.iov.iov_len, 1u << 30));
  // -1: at the file's own position, which is what the kernel takes it for as well.
  const auto offset = static_cast<uint64_t>(op.offset);
  switch (op.kind) {
    case kOpen:
      io_uring_prep_openat(entry, AT_FDCWD, op.path.c_str(), op.flags, static_cast<mode_t>(op.mode));
      break;
    case kRead:
      io_uring_prep_read(entry, op.fd, op.iov.iov_base, bytes, offset);
      break;
    case kWrite:
      io_uring_prep_write(entry, op.fd, op.iov.iov_base, bytes, offset);
      break;
    case kFsync:
      io_uring_prep_fsync(entry, op.fd, 0);
      break;
    case kFdatasync:
      io_uring_prep_fsync(entry, op.fd, IORING_FSYNC_DATASYNC);
      break;
    case kFileClose:
      io_uring_prep_close(entry, op.fd);
      break;
    case kRename:
      io_uring_prep_renameat(entry, AT_FDCWD, op.path.c_str(), AT_FDCWD, op.path2.c_str(), 0);
      break;
    case kUnlink:
      io_uring_prep_unlinkat(entry, AT_FDCWD, op.path.c_str(), 0);
      break;
    default:
      GYRE_CHECK(false);
  }
}

}  // namespace gyre::io
