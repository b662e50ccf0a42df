// What a connection reads from and writes to: a byte stream over TCP or a unix socket (TLS fits here later).
//
// Owner and thread: one coroutine of one reactor reads; writing and shutdown() may come from any coroutine of
// the same reactor.
//
// Receiving: co_await recv() gives bytes in the backend's memory. They stay valid until the reader suspends for
// ANY reason, so the reader consumes or copies them first. Nothing is held while a connection is idle.
// Bytes that arrive while the reader waits for something else are kept (at most about two buffers, then the
// stream stops receiving, and TCP pushes back) and come with the next recv().
//
// Sending: the owner fills output() and calls flush(); what is there leaves together at the end of the loop
// turn, without a system call of its own on io_uring. Pending bytes are the owner's to bound: see pending(),
// drained().
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "gyre/base/out_buffer.h"
#include "gyre/coro/task.h"

namespace gyre::coro {
class Event;
}

namespace gyre::io {

class Reactor;

struct Received {
  const char* data = nullptr;
  size_t size = 0;    // 0 with error 0: the peer closed
  int error = 0;      // errno value
};

class Stream {
 public:
  virtual ~Stream() = default;

  class RecvAwaiter;
  RecvAwaiter recv();

  /// Receives exactly `bytes` into the caller's memory (bytes that already arrived are copied, the rest is received in
  /// place). Returns 0, or an errno value (ECONNRESET when the peer closed first). `progress` (optional) counts the
  /// bytes so far. For large arguments.
  virtual coro::Task<int> recv_exact(char* into, size_t bytes, size_t* progress) = 0;

  /// Where to write. Valid for the stream's life; flush() takes what is there.
  base::OutBuffer& output() { return output_; }
  /// Schedules output() to be sent at the end of this turn. Cheap when already scheduled.
  virtual void flush() = 0;
  /// Bytes not yet taken by the kernel, output() included.
  size_t pending() const { return output_.size() + in_flight_bytes_; }
  /// Memory held by them.
  size_t pending_footprint() const { return output_.footprint() + in_flight_footprint_; }

  /// Completes when pending() <= limit or the stream failed (then false).
  class DrainAwaiter;
  DrainAwaiter drained(size_t limit);

  /// Bytes received / sent over the stream's life.
  uint64_t bytes_in() const { return bytes_in_; }
  uint64_t bytes_out() const { return bytes_out_; }

  /// Ends the stream now: a waiting recv() returns with an error or end, output is dropped. Idempotent.
  virtual void shutdown(int error = 0) = 0;
  bool failed() const { return failed_; }
  /// Failed, or the peer has closed or reset the connection, so far as is known: that is learnt while something is being
  /// received, and bytes sent before may not have been taken yet. Whoever waits for something else than bytes looks here.
  virtual bool gone() const { return failed_; }
  /// Sets the event as soon as gone() becomes true (null: tells nobody any more), and sees to it that this is
  /// learnt, as long as not too much arrives that nobody takes.
  virtual void tell_end(coro::Event* event) { end_ = event; }
  /// Sends what is pending (bounded by timeout_ms), closes, and completes when the kernel has let go of
  /// everything. The last call on a stream; it may be destroyed afterwards.
  virtual coro::Task<void> close(int64_t linger_ms) = 0;

  virtual int fd() const = 0;
  virtual std::string peer_address() const = 0;   // "ip:port", "[v6]:port" forms as in CLIENT LIST, or "path:0"
  virtual std::string local_address() const = 0;
  virtual bool is_unix() const = 0;

 protected:
  /// Starts receiving unless that is in progress.
  virtual void start_receiving() = 0;
  /// Takes what has arrived. False: nothing yet.
  virtual bool take_received(Received* received) = 0;
  /// Resumes the waiting reader or drainer now; the stream may be gone afterwards.
  void wake_reader() { if (reader_) std::exchange(reader_, nullptr).resume(); }
  void wake_drainer() { if (drainer_) std::exchange(drainer_, nullptr).resume(); }

  base::OutBuffer output_;
  size_t in_flight_bytes_ = 0;
  size_t in_flight_footprint_ = 0;
  uint64_t bytes_in_ = 0, bytes_out_ = 0;
  bool failed_ = false;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> drainer_;
  coro::Event* end_ = nullptr;
  size_t drain_limit_ = 0;

 public:
  class RecvAwaiter {
   public:
    explicit RecvAwaiter(Stream& stream) : stream_(stream) {}
    bool await_ready() { return stream_.take_received(&received_); }
    void await_suspend(std::coroutine_handle<> handle) {
      stream_.reader_ = handle;
      stream_.start_receiving();
    }
    Received await_resume() {
      if (received_.data == nullptr && received_.error == 0) stream_.take_received(&received_);
      return received_;
    }

   private:
    Stream& stream_;
    Received received_;
  };
  class DrainAwaiter {
   public:
    DrainAwaiter(Stream& stream, size_t limit) : stream_(stream), limit_(limit) {}
    bool await_ready() const { return stream_.failed_ || stream_.pending() <= limit_; }
    void await_suspend(std::coroutine_handle<> handle) {
      stream_.drainer_ = handle;
      stream_.drain_limit_ = limit_;
    }
    bool await_resume() const { return !stream_.failed_; }

   private:
    Stream& stream_;
    size_t limit_;
  };
};

inline Stream::RecvAwaiter Stream::recv() { return RecvAwaiter(*this); }
inline Stream::DrainAwaiter Stream::drained(size_t limit) { return DrainAwaiter(*this, limit); }

}  // namespace gyre::io
