#include "uring_probe.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "uring_constants.h"

namespace gyre::io::uring {

int enter(int fd, unsigned to_submit, unsigned min_complete, unsigned flags) {
  long result = ::syscall(__NR_io_uring_enter, fd, to_submit, min_complete, flags, nullptr, 0);
  return result >= 0 ? static_cast<int>(result) : -errno;
}

int set_up(io_uring* ring, const UringFeatures& features, bool cooperative_taskrun, unsigned sq_entries,
           unsigned cq_entries, bool disabled) {
  io_uring_params params{};
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP;
  params.cq_entries = cq_entries;
  if (disabled) params.flags |= IORING_SETUP_R_DISABLED;
  if (features.single_issuer) params.flags |= IORING_SETUP_SINGLE_ISSUER;
  if (features.single_issuer && features.defer_taskrun)
    params.flags |= IORING_SETUP_DEFER_TASKRUN;
  else if (cooperative_taskrun)
    params.flags |= IORING_SETUP_COOP_TASKRUN;
  // 5.18; part of what newer kernels do, never required: a turn submits again what an error left.
  params.flags |= IORING_SETUP_SUBMIT_ALL;
  int result = io_uring_queue_init_params(sq_entries, ring, &params);
  if (result != -EINVAL) return result;
  params.flags &= ~IORING_SETUP_SUBMIT_ALL;
  return io_uring_queue_init_params(sq_entries, ring, &params);
}

namespace {

/// A small ring and a connected pair of sockets to try things on.
class Trial {
 public:
  Trial() {
    usable_ = io_uring_queue_init(16, &ring_, 0) == 0;
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets_) != 0) usable_ = false;
  }
  ~Trial() {
    for (int fd : sockets_)
      if (fd >= 0) ::close(fd);
    if (usable_) io_uring_queue_exit(&ring_);
  }
  Trial(const Trial&) = delete;
  bool usable() const { return usable_; }
  io_uring* ring() { return &ring_; }
  int ours() const { return sockets_[0]; }
  int theirs() const { return sockets_[1]; }
  io_uring_sqe* sqe() { return io_uring_get_sqe(&ring_); }
  void submit() { io_uring_submit(&ring_); }
  /// Takes one completion if there is one within 100 ms (or at once).
  bool completion(io_uring_cqe* out, bool wait) {
    io_uring_cqe* cqe = nullptr;
    __kernel_timespec limit{.tv_sec = 0, .tv_nsec = 100'000'000};
    int result = wait ? io_uring_wait_cqe_timeout(&ring_, &cqe, &limit) : io_uring_peek_cqe(&ring_, &cqe);
    if (result != 0 || !cqe) return false;
    *out = *cqe;
    io_uring_cqe_seen(&ring_, cqe);
    return true;
  }

 private:
  io_uring ring_{};
  int sockets_[2] = {-1, -1};
  bool usable_ = false;
};

bool ring_works(bool single_issuer, bool defer, bool cooperative) {
  UringFeatures features;
  features.single_issuer = single_issuer;
  features.defer_taskrun = defer;
  io_uring ring{};
  if (set_up(&ring, features, cooperative, 8, 16, true) != 0) return false;
  io_uring_queue_exit(&ring);
  return true;
}

bool try_buffer_ring(unsigned flags) {
  Trial trial;
  if (!trial.usable()) return false;
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(memory);
  registration.ring_entries = 8;
  registration.pad = static_cast<uint16_t>(flags);
  bool fine = io_uring_register_buf_ring(trial.ring(), &registration, 0) == 0;
  if (fine) io_uring_unregister_buf_ring(trial.ring(), 0);
  ::munmap(memory, 4096);
  return fine;
}

// A multishot receive that delivers one arrival and stays armed.
bool try_multishot_recv() {
  Trial trial;
  if (!trial.usable()) return false;
  constexpr size_t kBytes = 8192;
  void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* buffers = static_cast<io_uring_buf_ring*>(memory);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uintptr_t>(memory);
  registration.ring_entries = 8;
  bool fine = io_uring_register_buf_ring(trial.ring(), &registration, 0) == 0;
  if (fine) {
    io_uring_buf_ring_init(buffers);
    io_uring_buf_ring_add(buffers, static_cast<char*>(memory) + 4096, 4096, 0, 7, 0);
    io_uring_buf_ring_advance(buffers, 1);
    io_uring_sqe* sqe = trial.sqe();
    io_uring_prep_recv_multishot(sqe, trial.ours(), nullptr, 0, 0);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    trial.submit();
    fine = ::write(trial.theirs(), "x", 1) == 1;
    io_uring_cqe cqe{};
    fine = fine && trial.completion(&cqe, true) && cqe.res == 1 && (cqe.flags & IORING_CQE_F_MORE);
    io_uring_unregister_buf_ring(trial.ring(), 0);
  }
  ::shutdown(trial.ours(), SHUT_RDWR);
  io_uring_cqe last{};
  trial.completion(&last, fine);
  ::munmap(memory, kBytes);
  return fine;
}

// A multishot accept that stays armed.
bool try_multishot_accept() {
  Trial trial;
  int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;  // the kernel picks an abstract name
  bool fine = trial.usable() && listener >= 0 &&
              ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) == 0 &&
              ::listen(listener, 4) == 0;
  socklen_t length = sizeof address;
  int client = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fine) {
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
    io_uring_prep_multishot_accept(trial.sqe(), listener, nullptr, nullptr, SOCK_CLOEXEC);
    trial.submit();
    fine = ::connect(client, reinterpret_cast<sockaddr*>(&address), length) == 0;
    io_uring_cqe cqe{};
    fine = fine && trial.completion(&cqe, true) && cqe.res >= 0 && (cqe.flags & IORING_CQE_F_MORE);
    if (cqe.res > 0) ::close(cqe.res);
  }
  for (int fd : {client, listener})
    if (fd >= 0) ::close(fd);
  return fine;
}

// The contract of attempts (see backend_uring.cc): a send that takes everything posts nothing, one that finds
// no or too little room posts its result, and all that within the submission.
bool try_silent_sends() {
  Trial trial;
  if (!trial.usable()) return false;
  static char bytes[256 * 1024];
  auto attempt = [&](size_t count) {
    io_uring_sqe* sqe = trial.sqe();
    io_uring_prep_send(sqe, trial.ours(), bytes, count, MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL);
    sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
    trial.submit();
  };
  int small = 16 * 1024;
  ::setsockopt(trial.ours(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  io_uring_cqe cqe{};
  attempt(16);
  if (trial.completion(&cqe, false)) return false;
  if (::recv(trial.theirs(), bytes, 64, MSG_DONTWAIT) != 16) return false;
  attempt(sizeof bytes);
  if (!trial.completion(&cqe, false) || cqe.res <= 0 || cqe.res >= static_cast<int>(sizeof bytes))
    return false;
  // Fill what a large send left, so that not one byte fits.
  while (::send(trial.ours(), bytes, 1, MSG_DONTWAIT) == 1) {
  }
  attempt(16);
  return trial.completion(&cqe, false) && cqe.res == -EAGAIN && !trial.completion(&cqe, false);
}

bool try_report_usage() {
  Trial trial;
  if (!trial.usable()) return false;
  io_uring_sqe* sqe = trial.sqe();
  io_uring_prep_send_zc(sqe, trial.ours(), "x", 1, MSG_NOSIGNAL, kSendZcReportUsage);
  trial.submit();
  io_uring_cqe cqe{};
  // Unix sockets do not take zero-copy sends (EOPNOTSUPP); a kernel without the flag says EINVAL.
  return trial.completion(&cqe, true) && cqe.res != -EINVAL;
}

bool try_registered_ring() {
  Trial trial;
  return trial.usable() && io_uring_register_ring_fd(trial.ring()) == 1;
}

bool try_no_iowait() {
  Trial trial;
  return trial.usable() && (trial.ring()->features & kFeatureNoIowait) &&
         enter(trial.ring()->ring_fd, 0, 0, IORING_ENTER_GETEVENTS | kEnterNoIowait) >= 0;
}

Offered probe() {
  Offered offered;
  io_uring ring{};
  int result = io_uring_queue_init(8, &ring, 0);
  if (result != 0) {
    offered.reason = std::strerror(-result);
    return offered;
  }
  io_uring_probe* operations = io_uring_get_probe_ring(&ring);
  auto has = [&](int operation) { return operations && io_uring_opcode_supported(operations, operation); };
  // 5.15 has all of these; an older kernel is not worth a special path.
  offered.works = has(IORING_OP_SEND) && has(IORING_OP_SENDMSG) && has(IORING_OP_ACCEPT) &&
                  has(IORING_OP_CONNECT) && has(IORING_OP_RENAMEAT) && has(IORING_OP_UNLINKAT) &&
                  has(IORING_OP_OPENAT) && (ring.features & IORING_FEAT_NODROP) &&
                  (ring.features & IORING_FEAT_EXT_ARG);
  if (!offered.works) offered.reason = "the kernel is too old";
  UringFeatures& f = offered.features;
  f.recv_bundle = ring.features & kFeatureRecvSendBundle;
  f.msg_ring = has(IORING_OP_MSG_RING);
  f.send_zc = has(IORING_OP_SENDMSG_ZC);
  if (operations) io_uring_free_probe(operations);
  io_uring_queue_exit(&ring);
  if (!offered.works) return offered;

  offered.cooperative_taskrun = ring_works(false, false, true);
  f.single_issuer = ring_works(true, false, false);
  f.defer_taskrun = f.single_issuer && ring_works(true, true, false);
  f.buffer_ring = try_buffer_ring(0);
  f.incremental_buffers = f.buffer_ring && try_buffer_ring(kBufferRingIncremental);
  f.multishot_recv = f.buffer_ring && try_multishot_recv();
  f.multishot_accept = try_multishot_accept();
  f.silent_sends = try_silent_sends();
  f.registered_ring = try_registered_ring();
  f.no_iowait = try_no_iowait();
  offered.report_usage = f.send_zc && try_report_usage();
  return offered;
}

}  // namespace

const Offered& offered() {
  static const Offered result = probe();
  return result;
}

}  // namespace gyre::io::uring
