// What the io_uring backend does with completions.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "backend_uring.h"

namespace gyre::io {

void UringBackend::defer(Op& op, int32_t result) {
  op.state = kDeferred;
  deferred_.emplace_back(&op, result);
}

unsigned UringBackend::deliver_deferred() {
  if (deferred_.empty()) return 0;
  deferred_now_.swap(deferred_);
  for (auto [op, result] : deferred_now_) {
    op->state = kNone;
    op->done(*op, Completion{.result = result});
  }
  auto count = static_cast<unsigned>(deferred_now_.size());
  deferred_now_.clear();
  return count;
}

void UringBackend::note_failed(uint64_t user_data, int32_t result) {
  auto* op = reinterpret_cast<SendOp*>(user_data & ~uint64_t{1});
  op->token |= kAttemptFailed;
  op->message.msg_flags = result;  // parked here until finish_attempts() comes to it
}

// See above the class. Results in the ring are noted first; then the attempts that the kernel took complete
// in order, before other completions, so that their memory is warm for the replies to come.
unsigned UringBackend::finish_attempts() {
  if (attempts_.empty()) return 0;
  // Completions that did not fit into the ring may be those of failed attempts: get them in first.
  while (*ring_.sq.kflags & IORING_SQ_CQ_OVERFLOW) {
    dispatch();  // notes failures, as below
    enter_kernel(0);
  }
  const unsigned end = __atomic_load_n(ring_.cq.ktail, __ATOMIC_ACQUIRE);
  for (unsigned head = *ring_.cq.khead; head != end; ++head) {
    io_uring_cqe& cqe = ring_.cq.cqes[head & ring_.cq.ring_mask];
    if (!(cqe.user_data & 1)) continue;
    note_failed(cqe.user_data, cqe.res);
    cqe.user_data = kIgnored;  // dispatch() comes past it when the op may be gone
  }
  const unsigned taken = submitted_head();
  size_t done = 0;
  for (; done < attempts_.size(); ++done) {
    SendOp& op = *attempts_[done];
    if (static_cast<int>(taken - static_cast<unsigned>(op.token)) < 0) break;  // still in the queue
    int32_t result = op.message.msg_flags;
    if (!(op.token & kAttemptFailed)) {
      size_t bytes = 0;
      for (unsigned i = 0; i < op.iov_count; ++i) bytes += op.iov[i].iov_len;
      result = static_cast<int32_t>(bytes);
    }
    op.state = kNone;
    op.done(op, Completion{.result = result});
  }
  attempts_.erase(attempts_.begin(), attempts_.begin() + static_cast<ptrdiff_t>(done));
  return static_cast<unsigned>(done);
}

unsigned UringBackend::dispatch() {
  unsigned head = *ring_.cq.khead;
  const unsigned end = __atomic_load_n(ring_.cq.ktail, __ATOMIC_ACQUIRE);
  unsigned count = 0;
  while (head != end) {
    const io_uring_cqe& cqe = ring_.cq.cqes[head & ring_.cq.ring_mask];
    const uint64_t user_data = cqe.user_data;
    const int32_t result = cqe.res;
    const uint32_t flags = cqe.flags;
    // Released at once: a done() may submit, and the kernel may then need the place.
    __atomic_store_n(ring_.cq.khead, ++head, __ATOMIC_RELEASE);
    ++count;
    if (user_data == kIgnored || (user_data & kSpecialMask) != 0)
      complete_special(user_data, result, flags);
    else
      complete(user_data, result, flags);
  }
  if (features_.buffer_ring) buffers_.publish();
  return count;
}

void UringBackend::complete_special(uint64_t user_data, int32_t result, uint32_t flags) {
  if (user_data & 1) return note_failed(user_data, result);
  switch (user_data & kSpecialMask) {
    case kWake:
      wake_armed_ = flags & IORING_CQE_F_MORE;
      break;
    case kTimeout:
      armed_us_ = INT64_MAX;
      break;
    case kMessage: {
      // Refused: wake the target by its eventfd, now and from now on.
      msg_ring_works_ = false;
      const uint64_t one = 1;
      [[maybe_unused]] ssize_t n = ::write(static_cast<int>(user_data >> 32), &one, sizeof one);
      break;
    }
    default:
      break;
  }
}

void UringBackend::complete(uint64_t user_data, int32_t result, uint32_t flags) {
  auto& op = *reinterpret_cast<Op*>(user_data);
  const bool more = flags & IORING_CQE_F_MORE;
  switch (kind(op)) {
    case kRecvMulti:
    case kRecvOne:
      return complete_receive(static_cast<RecvOp&>(op), result, flags);
    case kRecvPoll:
      return complete_polled_receive(static_cast<RecvOp&>(op), result);
    case kAcceptOne: {
      // Armed again by us, so that it looks like a multishot accept.
      const bool again = result >= 0 && !(op.state & kStop);
      if (again) {
        op.done(op, Completion{.result = result, .more = true});
        if (op.state & kStop)
          defer(op, -ECANCELED);
        else
          accept(static_cast<AcceptOp&>(op), op.fd);
        return;
      }
      op.state = kNone;
      return op.done(op, Completion{.result = result});
    }
    case kZeroCopy: {
      Completion completion{.result = result, .more = more};
      if (flags & IORING_CQE_F_NOTIF) {
        completion = {.copied = (static_cast<uint32_t>(result) & uring::kNotificationCopied) != 0,
                      .notification = true};
        size_t bytes = 0;
        auto& send = static_cast<SendOp&>(op);
        for (unsigned i = 0; i < send.iov_count; ++i) bytes += send.iov[i].iov_len;
        (completion.copied ? counters_.zero_copy_copied_bytes : counters_.zero_copy_bytes) += bytes;
      }
      return op.done(op, completion);
    }
    default:
      if (!more) op.state = kNone;
      return op.done(op, Completion{.result = result, .more = more});
  }
}

void UringBackend::complete_receive(RecvOp& op, int32_t result, uint32_t flags) {
  if (result == -ENOBUFS) {
    // All buffers were in use in this turn; they are back when it ends.
    ++counters_.receive_buffers_exhausted;
    if (op.state & kStop) return defer(op, -ECANCELED);
    op.state = kStarved;
    op.next = starved_;
    starved_ = &op;
    return;
  }
  const bool one = kind(op) == kRecvOne;
  Completion completion{.result = result, .more = (flags & IORING_CQE_F_MORE) != 0};
  if (!(flags & IORING_CQE_F_BUFFER)) {
    op.state = kNone;
    return op.done(op, completion);
  }
  const unsigned buffer = flags >> IORING_CQE_BUFFER_SHIFT;
  completion.data = buffers_.data(buffer);
  // A single receive is armed again by us, so that it looks like a multishot one. While it says `more` the op
  // stays its owner's, and may be asked to stop.
  const bool again = one && result > 0 && !(op.state & kStop);
  if (again) completion.more = true;
  if (!completion.more) op.state = kNone;
  op.done(op, completion);
  buffers_.give_back(buffer);
  if (!again) return;
  if (op.state & kStop)
    defer(op, -ECANCELED);
  else
    arm_receive(op);
}

void UringBackend::complete_polled_receive(RecvOp& op, int32_t result) {
  if (result < 0 || (op.state & kStop)) {
    op.state = kNone;
    return op.done(op, Completion{.result = result < 0 ? result : -ECANCELED});
  }
  ++counters_.system_calls;
  ssize_t n = ::recv(op.fd, scratch_.get(), kScratchBytes, MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return arm_receive(op);
  if (n <= 0) {
    op.state = kNone;
    return op.done(op, Completion{.result = n < 0 ? -errno : 0});
  }
  op.done(op, Completion{.result = static_cast<int32_t>(n), .more = true, .data = scratch_.get()});
  if (op.state & kStop)
    defer(op, -ECANCELED);
  else
    arm_receive(op);
}

}  // namespace gyre::io
