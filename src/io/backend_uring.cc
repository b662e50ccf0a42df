// Start, end and turn of the io_uring backend; uring_submit.cc and uring_complete.cc have the rest.
#include "backend_uring.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "gyre/base/check.h"

namespace gyre::io {

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
