// The completion-shaped interface under a reactor: submit an operation, get a result. Three implementations:
// backend_uring, backend_epoll, backend_sim (virtual clock, network and disk for tests). The same program must
// behave the same on all of them (I9).
//
// Thread: all calls on the reactor's thread, except wake().
// An operation object belongs to the backend from submission until its last completion; it lives in its owner
// (a stream, an awaiter), so submitting never allocates. Cancelling means asking and then waiting for the completion.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace gyre::io {

struct Completion {
  int32_t result = 0;           // >= 0 or -errno
  bool more = false;            // a multishot operation is still armed
  const char* data = nullptr;   // receive: where the bytes are; valid until done() returns, unless held (see below)
  bool copied = false;          // zero-copy send: the kernel copied after all
  bool notification = false;    // zero-copy send: the buffers are free now (comes after the result)
  void* buffer = nullptr;       // receive: the backend's handle of the buffer that data lies in
};

/// An operation in flight. `done` runs on the reactor's thread, inside Backend::turn().
struct Op {
  using Done = void (*)(Op& op, const Completion& completion);
  Done done = nullptr;
  // For the backend:
  Op* next = nullptr;
  int fd = -1;
  uint32_t state = 0;
  uint64_t token = 0;
};

/// Receives until stopped: one completion per arrival, each with the backend's own memory (a provided buffer, or
/// the reactor's scratch buffer). A receiver that cannot consume at once copies; it never keeps the view.
struct RecvOp : Op {};

struct SendOp : Op {
  iovec inline_iov[2];          // a stream with one of these is to stay within 512 bytes
  iovec* iov = nullptr;         // valid until the (last) completion
  unsigned iov_count = 0;
  msghdr message{};
  bool attempt = false;         // kTry in progress
  bool zero_copy = false;
};

struct AcceptOp : Op {};        // multishot: each completion's result is a connected descriptor
struct ConnectOp : Op { sockaddr_storage address; socklen_t address_length = 0; };
struct FileOp : Op { iovec iov{}; int64_t offset = -1; std::string path, path2; int flags = 0; int mode = 0; uint32_t kind = 0; };
struct PollOp : Op { uint32_t events = 0; };  // one shot readiness of a foreign descriptor (signalfd, eventfd)

struct BackendCounters {
  uint64_t turns = 0;           // loop turns
  uint64_t system_calls = 0;    // made by the backend
  uint64_t completions = 0;
  uint64_t sends = 0, zero_copy_sends = 0, zero_copy_bytes = 0, zero_copy_copied_bytes = 0;
  uint64_t receive_buffers_exhausted = 0;
};

enum class BackendKind { kAuto, kUring, kEpoll, kSim };

/// What io_uring offers; each is probed at start and can be switched off (`io-uring-features`).
struct UringFeatures {
  bool single_issuer = true, defer_taskrun = true, multishot_accept = true, multishot_recv = true, buffer_ring = true;
  bool recv_bundle = true, incremental_buffers = true, send_zc = true, msg_ring = true, no_iowait = true;
  bool registered_ring = true;
  bool silent_sends = true;  // attempts that succeed post no completion (CQE_SKIP_SUCCESS | MSG_WAITALL, 5.19)
  /// "all", "none", "-name" or "name", separated by space or comma, applied in order to *this. False and a reason when malformed.
  bool parse(const std::string& text, std::string* error);
  std::string describe() const;
};

struct BackendOptions {
  UringFeatures uring;
  unsigned receive_buffers = 256;          // provided buffers of kReceiveBufferBytes each
};
constexpr size_t kReceiveBufferBytes = 16 * 1024;

class Backend {
 public:
  virtual ~Backend() = default;
  virtual const char* name() const = 0;
  virtual std::string describe() const = 0;       // for the log: features in use

  /// One loop turn: submits what is queued, waits until something completes (only if may_block), dispatches
  /// completions. At most one system call on io_uring. Returns the number of completions dispatched.
  virtual unsigned turn(bool may_block) = 0;
  /// Makes a blocked turn() return. Any thread, async-signal-safe, cheap when the reactor is not blocked.
  virtual void wake() noexcept = 0;
  /// As wake() on `other`, from this backend's thread, if there is a cheaper way that needs no system call of its
  /// own (MSG_RING). False: there is none, call other.wake().
  virtual bool wake_other(Backend& other) { return false; }
  /// turn() returns at the latest at this monotonic time (microseconds; INT64_MAX: none).
  virtual void set_deadline(int64_t monotonic_us) = 0;

  /// The clocks; virtual time in backend_sim.
  virtual int64_t monotonic_us() const;
  virtual int64_t wall_us() const;
  /// Called in each turn() after waiting and before completions are dispatched, so that what runs in them finds the
  /// time of now and not of before the wait.
  void set_woken_hook(void (*hook)(void*), void* context) { woken_hook_ = hook; woken_context_ = context; }

  virtual void accept(AcceptOp& op, int listen_fd) = 0;
  virtual void connect(ConnectOp& op, int fd) = 0;
  /// Arms (or arms again) receiving. Completions arrive until one has more == false.
  virtual void receive(RecvOp& op, int fd) = 0;
  /// Receives exactly into `data` (up to bytes; a completion may bring fewer). One completion. The multishot
  /// receive of the same descriptor must not be armed.
  virtual void receive_into(RecvOp& op, int fd, char* data, size_t bytes) = 0;
  /// Tries to send now, without waiting: completes within the next turn() with the bytes taken or -EAGAIN. A send
  /// that took everything may complete only after that turn's wait, and does not end the wait (a reply must not
  /// cost a second turn). So this is for sends of which nobody needs to learn the success: no drainer, nothing more
  /// to send behind it. Anything else, and every short or failed attempt, does end the wait.
  virtual void send_attempt(SendOp& op, int fd) = 0;
  /// Sends when the socket has room: completes with a count > 0 or an error.
  virtual void send_when_ready(SendOp& op, int fd) = 0;
  /// By reference: a result first, and a notification when the memory is free again. Falls back to send_when_ready.
  virtual void send_zero_copy(SendOp& op, int fd) = 0;
  virtual bool has_zero_copy() const = 0;
  virtual void poll(PollOp& op, int fd, uint32_t events) = 0;
  /// Asks for the end of an operation; its completion (perhaps with -ECANCELED) still comes.
  virtual void cancel(Op& op) = 0;
  virtual void close(int fd) = 0;                 // no completion; the descriptor is gone when the turn ends

  // What else the network is asked for, here because backend_sim has no real sockets.
  virtual int socket(int family);                 // a stream socket, or -errno
  virtual void shutdown(int fd);                  // both directions
  virtual void reset_on_close(int fd);            // close() will drop what is unsent
  /// getsockname or getpeername; returns 0 or -errno.
  virtual int address(int fd, bool peer, sockaddr_storage* out, socklen_t* length) const;

  enum FileKind : uint32_t { kOpen, kRead, kWrite, kFsync, kFdatasync, kFileClose, kRename, kUnlink, kStatSize, kTruncate };
  /// One asynchronous file operation as described by op.kind and its fields.
  virtual void file(FileOp& op) = 0;

  const BackendCounters& counters() const { return counters_; }

 protected:
  void woken() { if (woken_hook_) woken_hook_(woken_context_); }

  BackendCounters counters_;

 private:
  void (*woken_hook_)(void*) = nullptr;
  void* woken_context_ = nullptr;
};

/// Makes the backend asked for; kAuto falls back from io_uring to epoll when the kernel refuses it (EPERM, ENOSYS,
/// ENOMEM), and *note says why, for one log line. nullptr and *note when kUring was demanded and refused.
std::unique_ptr<Backend> make_backend(BackendKind kind, const BackendOptions& options, std::string* note);

}  // namespace gyre::io
