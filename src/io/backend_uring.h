// The io_uring backend. Private to module io; make_backend() is the door.
#pragma once

#include <liburing.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gyre/io/backend.h"
#include "receive_ring.h"
#include "uring_constants.h"
#include "uring_probe.h"

namespace gyre::io {

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

std::unique_ptr<Backend> make_uring_backend(const BackendOptions& options, std::string* reason);

}  // namespace gyre::io
