// One thread's event loop: backend, timers, mailbox, ready coroutines, streams with output to flush.
//
// A turn: run what was posted and what is due, let background slices run, flush dirty streams, then
// backend->turn() (submit and wait in one call). Work that is ready never starves completions: at most
// kResumesPerTurn resumptions run before the backend is looked at again.
#pragma once

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gyre/coro/event.h"
#include "gyre/coro/executor.h"
#include "gyre/coro/scope.h"
#include "gyre/coro/task.h"
#include "gyre/io/backend.h"
#include "gyre/io/stream.h"

namespace gyre::io {

enum class ZeroCopy { kAuto, kOn, kOff };

struct ReactorOptions {
  unsigned index = 0;
  BackendKind backend = BackendKind::kAuto;
  BackendOptions backend_options;
  ZeroCopy zero_copy = ZeroCopy::kAuto;
  size_t zero_copy_threshold = 64 * 1024;   // bytes in a send from which SEND_ZC is asked for
};

/// A timer in the reactor's heap; lives in its owner. Fires once; arm again for periodic work.
class Timer {
 public:
  using Fire = void (*)(void* context);
  Timer(Fire fire, void* context) : fire_(fire), context_(context) {}
  Timer(const Timer&) = delete;
  ~Timer();
  bool armed() const { return position_ != kIdle; }

 private:
  friend class Reactor;
  static constexpr size_t kIdle = ~size_t{0};
  Fire fire_;
  void* context_;
  int64_t due_us_ = 0;
  size_t position_ = kIdle;
  class Reactor* reactor_ = nullptr;
};

class Reactor final : public coro::Executor {
 public:
  static constexpr unsigned kResumesPerTurn = 1024;

  /// nullptr and *error when the backend cannot be made; *note: one line to log (fallback).
  static std::unique_ptr<Reactor> create(const ReactorOptions& options, std::string* note, std::string* error);
  /// With a backend of the caller's (backend_sim).
  Reactor(const ReactorOptions& options, std::unique_ptr<Backend> backend);
  ~Reactor() override;

  static Reactor* current() { return static_cast<Reactor*>(coro::Executor::current()); }
  unsigned index() const { return options_.index; }
  const ReactorOptions& options() const { return options_; }
  /// For the sends to come. On the reactor's thread.
  void set_zero_copy(ZeroCopy mode) { options_.zero_copy = mode; }
  Backend& backend() { return *backend_; }

  /// While it lives, this thread acts as the reactor's although run() is not on the stack: for what main() and tests
  /// spawn before and between turns.
  class OnThread {
   public:
    explicit OnThread(Reactor& reactor) : before_(std::exchange(current_, &reactor)) {}
    ~OnThread() { current_ = before_; }
    OnThread(const OnThread&) = delete;

   private:
    coro::Executor* before_;
  };
  /// Runs until stop(). The calling thread becomes the reactor's.
  void run();
  /// One turn; for tests.
  void turn(bool may_block);
  void stop();   // any thread
  /// Drops the mail that came too late for run(): functions are destroyed, coroutines belong to their owners. When nobody
  /// posts any more, and before those owners go: mail is linked through memory of theirs. (The destructor does it too.)
  void drop_mail();

  // Time, as of this turn's start (one clock read a turn). Monotonic for timers, wall for expiry.
  int64_t now_us() const { return now_us_; }
  int64_t wall_us() const { return wall_us_; }
  int64_t wall_ms() const { return wall_us_ / 1000; }

  // coro::Executor. From this thread: the ready list; from others: the mailbox and a wake-up.
  void post(coro::Resumption& resumption) noexcept override;
  /// Runs a function on this reactor's thread. Any thread. Allocates: not for hot paths.
  void call(std::function<void()> function);
  /// co_await reactor.enter(): goes on on this reactor's thread.
  auto enter() {
    struct Awaiter {
      Reactor& reactor;
      coro::Resumption resumption{};
      bool await_ready() const { return coro::Executor::current() == &reactor; }
      void await_suspend(std::coroutine_handle<> h) { resumption.handle = h; reactor.post(resumption); }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }
  /// Gives others a turn: goes on after the next look at the backend.
  auto yield() {
    struct Awaiter {
      Reactor& reactor;
      coro::Resumption resumption{};
      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> h) { resumption.handle = h; reactor.post_next_turn(resumption); }
      void await_resume() const {}
    };
    return Awaiter{*this};
  }
  void post_next_turn(coro::Resumption& resumption) noexcept;  // own thread only

  // Timers, microseconds of the monotonic clock. Own thread only.
  void arm(Timer& timer, int64_t due_us);
  void disarm(Timer& timer);
  /// co_await reactor.sleep_us(n). Not cancellable; for a wait with a way out use wait_for().
  class SleepAwaiter;
  SleepAwaiter sleep_us(int64_t us);
  /// Waits for an event at most timeout_us; true when it was set. The event must outlive the wait.
  coro::Task<bool> wait_for(coro::Event& event, int64_t timeout_us);

  // Streams. adopt() takes a connected, non-blocking-capable descriptor.
  std::unique_ptr<Stream> adopt(int fd);
  /// Connects; nullptr and *error (errno) on failure.
  coro::Task<std::unique_ptr<Stream>> connect(sockaddr_storage address, socklen_t length, int64_t timeout_us, int* error);
  /// Calls on_accept(fd) (or (-errno)) for each connection until stop_accepting().
  struct Acceptor : AcceptOp {
    std::function<void(int fd_or_error)> on_accept;
    bool armed = false;
    bool stopping = false;
    int listen_fd = -1;
    coro::Event ended;
    Timer retry{&Reactor::accept_again, this};
    Reactor* reactor = nullptr;
  };
  /// Errors that pass (no descriptors, no memory) are reported and accepting goes on kAcceptRetryUs later.
  void start_accepting(Acceptor& acceptor, int listen_fd);
  /// acceptor.ended is set when it has stopped; it must live until then.
  void stop_accepting(Acceptor& acceptor);
  static constexpr int64_t kAcceptRetryUs = 50'000;

  // Files: awaitable one-shot operations, result >= 0 or -errno.
  coro::Task<int> open(std::string path, int flags, int mode);
  coro::Task<int> read(int fd, char* into, size_t bytes, int64_t offset);
  coro::Task<int> write(int fd, const char* from, size_t bytes, int64_t offset);
  coro::Task<int> fsync(int fd);
  coro::Task<int> fdatasync(int fd);
  coro::Task<int> truncate(int fd, int64_t size);
  coro::Task<int> close_file(int fd);
  coro::Task<int> rename(std::string from, std::string to);
  coro::Task<int> unlink(std::string path);
  /// Waits for readiness of a foreign descriptor, at most timeout_us (0: for ever); returns revents or -errno
  /// (-ETIMEDOUT).
  coro::Task<int> poll(int fd, uint32_t events, int64_t timeout_us = 0);

  /// Background work in slices: called about once a turn, for the reactor's life; returns true while it has more to
  /// do at once (then the reactor does not block). Must return within about 250 us (I7). When several have work, a
  /// turn goes on with the next one until kSliceBudgetUs are used up.
  using Slice = std::function<bool()>;
  static constexpr int64_t kSliceBudgetUs = 250;
  void add_background(Slice slice);

  /// For streams: send this one's output at the end of the turn.
  void mark_dirty(class SocketStream& stream);
  void forget_dirty(class SocketStream& stream);

  /// Memory for the vector of a large send: kIovecs entries, given back with free_iovecs(). For streams.
  static constexpr unsigned kIovecs = 64;
  iovec* allocate_iovecs();
  void free_iovecs(iovec* iovecs);

  coro::Scope& scope() { return scope_; }
  /// For the watchdog: grows with each turn; what runs now (a string constant) is for its report.
  uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }
  bool blocked() const { return blocked_.load(std::memory_order_relaxed); }

 private:
  friend class Timer;
  friend class SocketStream;
  struct WaitFor;
  struct Call : coro::Resumption { std::function<void()> function; };
  struct List {
    coro::Resumption* first = nullptr;
    coro::Resumption* last = nullptr;
    bool empty() const { return first == nullptr; }
    void push(coro::Resumption& resumption);
    void splice(List& other);
  };

  void refresh_time();
  static void on_woken(void* self);
  static void accept_again(void* acceptor);
  void run_ready();
  void run_timers();
  bool run_background();
  void flush_dirty();
  void take_mail();
  void place(Timer& timer, size_t position);
  void sift_up(size_t position);
  void sift_down(size_t position);
  static void run_call(coro::Resumption& self);

  ReactorOptions options_;
  std::unique_ptr<Backend> backend_;
  int64_t now_us_ = 0, wall_us_ = 0;
  List ready_, next_turn_;
  std::vector<Timer*> timers_;  // binary heap by due time
  std::vector<class SocketStream*> dirty_, flushing_;
  std::vector<Slice> background_;
  size_t next_slice_ = 0;
  bool turning_ = false;
  std::vector<iovec*> spare_iovecs_;
  coro::Scope scope_;
  std::atomic<uint64_t> turns_{0};
  // What other threads write, on a line of its own. The mailbox is a stack that take_mail() reverses.
  alignas(64) std::atomic<coro::Resumption*> mail_{nullptr};
  std::atomic<bool> blocked_{false};
  std::atomic<bool> stop_{false};
};

class Reactor::SleepAwaiter {
 public:
  SleepAwaiter(Reactor& reactor, int64_t us) : reactor_(reactor), us_(us), timer_(&SleepAwaiter::fire, this) {}
  bool await_ready() const { return us_ <= 0; }
  void await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    reactor_.arm(timer_, reactor_.now_us() + us_);
  }
  void await_resume() const {}

 private:
  static void fire(void* self) { static_cast<SleepAwaiter*>(self)->handle_.resume(); }
  Reactor& reactor_;
  int64_t us_;
  Timer timer_;
  std::coroutine_handle<> handle_;
};

inline Reactor::SleepAwaiter Reactor::sleep_us(int64_t us) { return SleepAwaiter(*this, us); }

}  // namespace gyre::io
