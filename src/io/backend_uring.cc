#include "backend_uring.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <vector>

#include "file_pool.h"
#include "gyre/base/check.h"
#include "gyre/base/log.h"
#include "receive_ring.h"
#include "uring_constants.h"
#include "uring_probe.h"

namespace gyre::io {
namespace {

using uring::enter;

// One io_uring_enter a turn: what was queued is submitted by the call that waits.
//
// Attempts (send_attempt) are sent with MSG_DONTWAIT, which makes the kernel try them inline while it takes
// the submission and never later; with MSG_WAITALL a short count counts as a failure; and CQE_SKIP_SUCCESS
// suppresses the completion of success only. So when io_uring_enter returns, every attempt that it took from
// the queue either has a completion in the ring (short count or error) or was sent in full. The wait asks for
// one completion: attempts that succeeded do not end it, all others do, and nothing has to be counted that
// could make it wait for ever. The probe tries exactly this (try_silent_sends); without it, attempts post
// completions and such a turn does not block.
//
// user_data: an Op's address, with bit 0 set for an attempt; or one of the small numbers below.
class UringBackend final : public Backend {
 public:
  UringBackend(const UringFeatures& features, const uring::Offered& offered)
      : features_(features), offered_(offered) {}
  ~UringBackend() override;
  bool start(unsigned receive_buffers, std::string* reason);

  const char* name() const override { return "io_uring"; }
  std::string describe() const override;
  unsigned turn(bool may_block) override;
  void wake() noexcept override;
  bool wake_other(Backend& other) override;
  void set_deadline(int64_t monotonic_us) override { deadline_us_ = monotonic_us; }

  void accept(AcceptOp& op, int listen_fd) override;
  void connect(ConnectOp& op, int fd) override;
  void receive(RecvOp& op, int fd) override;
  void receive_into(RecvOp& op, int fd, char* data, size_t bytes) override;
  void send_attempt(SendOp& op, int fd) override;
  void send_when_ready(SendOp& op, int fd) override;
  void send_zero_copy(SendOp& op, int fd) override;
  bool has_zero_copy() const override { return features_.send_zc; }
  void poll(PollOp& op, int fd, uint32_t events) override;
  void cancel(Op& op) override;
  void close(int fd) override;
  void file(FileOp& op) override;

 private:
  static constexpr unsigned kQueueEntries = 2048;
  static constexpr unsigned kCompletionEntries = 32768;
  static constexpr size_t kScratchBytes = 64 * 1024;  // for receives without provided buffers
  enum Special : uint64_t { kIgnored = 0, kWake = 2, kTimeout = 4, kMessage = 6, kSpecialMask = 7 };
  enum Kind : uint32_t {
    kNone,
    kOther,
    kAttempt,
    kAcceptMulti,
    kAcceptOne,
    kRecvMulti,
    kRecvOne,
    kRecvPoll,
    kZeroCopy,
    kStarved,
    kDeferred,
    kKindMask = 0xff,
    kStop = 0x100,
  };
  static constexpr uint64_t kAttemptFailed = uint64_t{1} << 63;

  static Kind kind(const Op& op) { return static_cast<Kind>(op.state & kKindMask); }

  // Submission.
  void enable();
  void unregister();
  io_uring_sqe* sqe(uint64_t user_data);
  io_uring_sqe* sqe(Op& op, Kind kind) {
    op.state = kind;
    return sqe(reinterpret_cast<uintptr_t>(&op));
  }
  void arm_receive(RecvOp& op);
  void arm_housekeeping(bool may_block);
  void enter_kernel(unsigned min_complete);
  unsigned submitted_head() const { return __atomic_load_n(ring_.sq.khead, __ATOMIC_ACQUIRE); }
  void prepare_send(io_uring_sqe* entry, SendOp& op, int fd, int flags);

  // Completion.
  bool completions_ready() const {
    return *ring_.cq.khead != __atomic_load_n(ring_.cq.ktail, __ATOMIC_ACQUIRE);
  }
  unsigned finish_attempts();
  static void note_failed(uint64_t user_data, int32_t result);
  unsigned dispatch();
  void complete(uint64_t user_data, int32_t result, uint32_t flags);
  void complete_special(uint64_t user_data, int32_t result, uint32_t flags);
  void complete_receive(RecvOp& op, int32_t result, uint32_t flags);
  void complete_polled_receive(RecvOp& op, int32_t result);
  void defer(Op& op, int32_t result);
  unsigned deliver_deferred();

  const UringFeatures features_;
  const uring::Offered& offered_;
  io_uring ring_{};
  bool ring_made_ = false, enabled_ = false;
  int enter_fd_ = -1;
  pid_t registered_by_ = -1;
  unsigned enter_flags_ = 0;
  unsigned tail_ = 0;  // our end of the submission queue
  int wake_fd_ = -1;
  bool wake_armed_ = false;
  bool msg_ring_works_ = true;
  int64_t deadline_us_ = INT64_MAX, armed_us_ = INT64_MAX;
  __kernel_timespec timeout_{};  // read by the kernel when it takes the submission
  ReceiveRing buffers_;
  std::unique_ptr<char[]> scratch_;
  std::vector<SendOp*> attempts_;  // in order of queueing; token: position in the queue
  Op* starved_ = nullptr;          // receives that found no buffer, to be armed again
  std::vector<std::pair<Op*, int32_t>> deferred_, deferred_now_;
};

bool UringBackend::start(unsigned receive_buffers, std::string* reason) {
  int result =
      uring::set_up(&ring_, features_, offered_.cooperative_taskrun, kQueueEntries, kCompletionEntries, true);
  if (result != 0) {
    *reason = std::strerror(-result);
    return false;
  }
  ring_made_ = true;
  for (unsigned i = 0; i < ring_.sq.ring_entries; ++i) ring_.sq.array[i] = i;
  tail_ = *ring_.sq.ktail;
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_fd_ < 0) {
    *reason = std::strerror(errno);
    return false;
  }
  if (features_.buffer_ring && (result = buffers_.start(&ring_, receive_buffers)) != 0) {
    *reason = std::strerror(-result);
    return false;
  }
  if (!features_.buffer_ring) scratch_.reset(new char[kScratchBytes]);
  enter_fd_ = ring_.ring_fd;
  if (features_.no_iowait) enter_flags_ |= uring::kEnterNoIowait;
  return true;
}

UringBackend::~UringBackend() {
  unregister();
  if (ring_made_) io_uring_queue_exit(&ring_);
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

// On the thread that will turn us: a ring with a single issuer belongs to who enables it, and a registered
// descriptor to who registers it.
void UringBackend::enable() {
  enabled_ = true;
  // Not through liburing: the shared library of 2.3 forgot to export its function for this.
  long result = ::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  GYRE_CHECK(result >= 0);
  if (!features_.registered_ring) return;
  io_uring_rsrc_update slot{.offset = ~0u, .data = static_cast<uint64_t>(ring_.ring_fd)};
  if (::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_REGISTER_RING_FDS, &slot, 1) != 1) return;
  enter_fd_ = static_cast<int>(slot.offset);
  enter_flags_ |= IORING_ENTER_REGISTERED_RING;
  registered_by_ = ::gettid();
}

// Registered descriptors are numbered by thread: from another thread this would take away that one's. Of a
// thread that has ended the kernel has dropped them.
void UringBackend::unregister() {
  if (registered_by_ != ::gettid()) return;
  io_uring_rsrc_update slot{.offset = static_cast<unsigned>(enter_fd_)};
  ::syscall(__NR_io_uring_register, ring_.ring_fd, IORING_UNREGISTER_RING_FDS, &slot, 1);
}

std::string UringBackend::describe() const {
  std::string text = features_.describe();
  if (features_.recv_bundle || features_.incremental_buffers)
    text += " (recv_bundle, incremental_buffers: not used)";
  return text;
}

void UringBackend::wake() noexcept {
  const uint64_t one = 1;
  [[maybe_unused]] ssize_t n = ::write(wake_fd_, &one, sizeof one);
}

bool UringBackend::wake_other(Backend& other) {
  auto* target = dynamic_cast<UringBackend*>(&other);
  if (!target || !features_.msg_ring || !msg_ring_works_) return false;
  // Leaves with our next submission. If the kernel refuses, the completion says which eventfd to write
  // instead.
  io_uring_sqe* entry = sqe(kMessage | static_cast<uint64_t>(target->wake_fd_) << 32);
  io_uring_prep_msg_ring(entry, target->ring_.ring_fd, 0, kIgnored, 0);
  entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
  return true;
}

// --- submission

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
      enter(enter_fd_, tail_ - submitted_head(), min_complete, IORING_ENTER_GETEVENTS | enter_flags_);
  // EINTR: a signal. EAGAIN, EBUSY: no memory or room for completions now; what was not taken stays queued
  // and the next turn, after completions were taken out, tries again.
  if (result < 0 && result != -EINTR && result != -EAGAIN && result != -EBUSY) {
    base::log(base::LogLevel::kWarning, "io_uring_enter failed: %s", std::strerror(-result));
    GYRE_CHECK(result >= 0);
  }
}

void UringBackend::accept(AcceptOp& op, int listen_fd) {
  op.fd = listen_fd;
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

// --- completion

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

// --- the turn

void UringBackend::arm_housekeeping(bool may_block) {
  for (Op* op = std::exchange(starved_, nullptr); op;) {
    Op* next = op->next;
    arm_receive(static_cast<RecvOp&>(*op));
    op = next;
  }
  if (!may_block) return;
  if (!wake_armed_) {
    // Edge by edge: each write to the eventfd is one completion, and nobody has to read the counter.
    io_uring_sqe* entry = sqe(kWake);
    io_uring_prep_poll_multishot(entry, wake_fd_, POLLIN);
    wake_armed_ = true;
  }
  if (deadline_us_ < armed_us_) {
    timeout_ = {.tv_sec = deadline_us_ / 1'000'000, .tv_nsec = deadline_us_ % 1'000'000 * 1000};
    if (armed_us_ == INT64_MAX) {
      io_uring_sqe* entry = sqe(kTimeout);
      io_uring_prep_timeout(entry, &timeout_, 0, IORING_TIMEOUT_ABS);
    } else {
      // If the armed one fires in this instant, its own completion ends the wait and the next turn arms anew.
      io_uring_sqe* entry = sqe(kIgnored);
      io_uring_prep_timeout_update(entry, &timeout_, kTimeout, IORING_TIMEOUT_ABS);
      entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
    }
    armed_us_ = deadline_us_;
  }
}

unsigned UringBackend::turn(bool may_block) {
  ++counters_.turns;
  if (!enabled_) enable();
  may_block = may_block && deferred_.empty();
  arm_housekeeping(may_block);
  enter_kernel(may_block && !completions_ready() ? 1 : 0);
  woken();
  unsigned count = finish_attempts();
  count += dispatch();
  count += deliver_deferred();
  counters_.completions += count;
  return count;
}

}  // namespace

std::unique_ptr<Backend> make_uring_backend(const BackendOptions& options, std::string* reason) {
  const uring::Offered& offered = uring::offered();
  if (!offered.works) {
    *reason = offered.reason;
    return nullptr;
  }
  UringFeatures use = options.uring;
  const UringFeatures& there = offered.features;
  use.single_issuer &= there.single_issuer;
  use.defer_taskrun &= there.defer_taskrun && use.single_issuer;
  use.multishot_accept &= there.multishot_accept;
  use.buffer_ring &= there.buffer_ring;
  use.multishot_recv &= there.multishot_recv && use.buffer_ring;
  use.recv_bundle &= there.recv_bundle;
  use.incremental_buffers &= there.incremental_buffers;
  use.send_zc &= there.send_zc;
  use.msg_ring &= there.msg_ring;
  use.no_iowait &= there.no_iowait;
  use.registered_ring &= there.registered_ring;
  use.silent_sends &= there.silent_sends;
  auto backend = std::make_unique<UringBackend>(use, offered);
  if (!backend->start(options.receive_buffers, reason)) return nullptr;
  return backend;
}

}  // namespace gyre::io
