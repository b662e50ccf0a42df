// Lifetime and the receiving side of SocketStream; sending is in socket_stream_send.cc.
#include "gyre/io/socket_stream.h"

#include <netinet/in.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::io {

SocketStream::SocketStream(Reactor& reactor, int fd) : reactor_(reactor), fd_(fd) {
  receive_.done = &SocketStream::on_received;
  receive_.stream = this;
  send_.done = &SocketStream::on_sent;
  send_.stream = this;
}

SocketStream::~SocketStream() {
  // A stream that never started anything may be dropped without close().
  GYRE_CHECK(settled() && zero_copy_held_ == 0);
  if (dirty_) reactor_.forget_dirty(*this);
  if (!closed_) reactor_.backend().close(fd_);
  free_taken();
  if (kept_) base::deallocate(kept_);
}

bool SocketStream::settled() const { return !receiving_ && !sending_; }

void SocketStream::start_receiving() {
  if (receiving_ || error_ != 0 || ended_) return;  // when a cancellation is under way, its end arms again
  receiving_ = true;
  receive_.done = &SocketStream::on_received;
  reactor_.backend().receive(receive_, fd_);
}

void SocketStream::stop_receiving() {
  if (!receiving_ || stopping_) return;
  stopping_ = true;
  reactor_.backend().cancel(receive_);
}

void SocketStream::note_receive_end(int32_t result) {
  if (result == 0) {
    ended_ = true;
  } else if (result < 0 && !(result == -ECANCELED && stopping_)) {
    if (error_ == 0) error_ = -result;
  }
  if (end_ && gone()) end_->set();
}

void SocketStream::tell_end(coro::Event* event) {
  end_ = event;
  if (event && kept_end_ - kept_begin_ < kKeptLimit) start_receiving();
}

void SocketStream::on_received(Op& op, const Completion& completion) {
  SocketStream& self = *static_cast<Receive&>(static_cast<RecvOp&>(op)).stream;
  self.receiving_ = completion.more;
  if (completion.result > 0) {
    const auto size = static_cast<size_t>(completion.result);
    self.bytes_in_ += size;
    if (self.failed_) {
      // Who shut the stream down wants nothing more from this peer.
    } else if (self.reader_) {
      self.view_ = {completion.data, size, 0};
      if (!completion.more) self.stopping_ = false;
      self.wake_reader();
      return;  // without `more` the reader may have closed and destroyed the stream
    } else {
      self.keep(completion.data, size);
    }
  } else {
    self.note_receive_end(completion.result);
  }
  if (completion.more) return;
  self.stopping_ = false;
  if (self.resume_settled()) return;
  if (!self.reader_) {
    if (self.end_) self.tell_end(self.end_);
    return;
  }
  if (self.ended_ || self.error_ != 0)
    self.wake_reader();
  else
    self.start_receiving();
}

void SocketStream::keep(const char* data, size_t size) {
  if (kept_end_ + size > kept_room_) {
    size_t held = kept_end_ - kept_begin_;
    size_t room = std::max<size_t>(held + size, 2 * held);
    auto* memory = static_cast<char*>(base::allocate(room));
    if (held) std::memcpy(memory, kept_ + kept_begin_, held);
    if (kept_) base::deallocate(kept_);
    kept_ = memory;
    kept_begin_ = 0;
    kept_end_ = static_cast<uint32_t>(held);
    kept_room_ = static_cast<uint32_t>(room);
  }
  std::memcpy(kept_ + kept_end_, data, size);
  kept_end_ += static_cast<uint32_t>(size);
  if (kept_end_ - kept_begin_ >= kKeptLimit) stop_receiving();
}

void SocketStream::free_taken() {
  if (taken_) base::deallocate(std::exchange(taken_, nullptr));
}

bool SocketStream::take_received(Received* received) {
  if (taken_) free_taken();
  if (view_.size > 0) {
    *received = std::exchange(view_, Received{});
    return true;
  }
  if (kept_) {
    taken_ = kept_;
    *received = {taken_ + kept_begin_, kept_end_ - kept_begin_, 0};
    kept_ = nullptr;
    kept_begin_ = kept_end_ = kept_room_ = 0;
    return true;
  }
  *received = {nullptr, 0, error_};
  return error_ != 0 || ended_;
}

/// Goes on when neither a receive nor a send is in flight.
struct SocketStream::Settled {
  SocketStream& stream;
  bool receive_only;
  bool await_ready() const { return receive_only ? !stream.receiving_ : stream.settled(); }
  void await_suspend(std::coroutine_handle<> handle) {
    stream.settling_ = handle;
    stream.settling_receive_only_ = receive_only;
  }
  void await_resume() const {}
};

bool SocketStream::resume_settled() {
  if (!settling_ || closed_ || receiving_ || (sending_ && !settling_receive_only_)) return false;
  std::exchange(settling_, nullptr).resume();
  return true;
}

/// One receive into the caller's memory; the result of the completion.
struct SocketStream::ReceiveInto {
  SocketStream& stream;
  char* into;
  size_t bytes;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    stream.reader_ = handle;
    stream.receiving_ = true;
    stream.receive_.done = &SocketStream::on_received_into;
    stream.reactor_.backend().receive_into(stream.receive_, stream.fd_, into, bytes);
  }
  size_t await_resume() const { return std::exchange(stream.view_, Received{}).size; }
};

void SocketStream::on_received_into(Op& op, const Completion& completion) {
  SocketStream& self = *static_cast<Receive&>(static_cast<RecvOp&>(op)).stream;
  self.receiving_ = false;
  if (completion.result > 0) {
    self.view_.size = static_cast<size_t>(completion.result);
    self.bytes_in_ += self.view_.size;
  } else {
    self.note_receive_end(completion.result);
  }
  self.stopping_ = false;
  // A closer only waits here if the reader has gone; see close().
  if (!self.resume_settled()) self.wake_reader();
}

coro::Task<int> SocketStream::recv_exact(char* into, size_t bytes, size_t* progress) {
  // One receive asks for at most this much, so that progress (and with it a timeout's judgement) is seen to
  // move.
  constexpr size_t kStep = 1 << 20;
  size_t received = 0;
  while (received < bytes) {
    if (kept_) {
      size_t part = std::min<size_t>(bytes - received, kept_end_ - kept_begin_);
      std::memcpy(into + received, kept_ + kept_begin_, part);
      kept_begin_ += static_cast<uint32_t>(part);
      received += part;
      if (kept_begin_ == kept_end_) {
        base::deallocate(std::exchange(kept_, nullptr));
        kept_begin_ = kept_end_ = kept_room_ = 0;
      }
    } else if (error_ != 0 || ended_) {
      co_return error_ != 0 ? error_ : ECONNRESET;
    } else if (receiving_) {
      // The multishot receive puts bytes elsewhere: end it first. What still arrives goes to kept_.
      stop_receiving();
      co_await Settled{*this, /*receive_only=*/true};
    } else {
      received += co_await ReceiveInto{*this, into + received, std::min(kStep, bytes - received)};
    }
    if (progress) *progress = received;
  }
  co_return 0;
}

void SocketStream::shutdown(int error) {
  if (closed_) return;
  fail(error != 0 ? error : ECONNABORTED);
}

// The reader, the drainer and what is in flight learn of the end through completions, which the shutdown of
// the socket brings about; nothing is resumed inside this call.
void SocketStream::fail(int error) {
  if (failed_) return;
  failed_ = true;
  if (error_ == 0) error_ = error;
  output_.clear();
  if (kept_) {
    base::deallocate(std::exchange(kept_, nullptr));
    kept_begin_ = kept_end_ = kept_room_ = 0;
  }
  if (end_) end_->set();
  reactor_.backend().shutdown(fd_);
  // Without a send in flight no completion comes for a drainer: the turn's flush tells it.
  if (!sending_ && !dirty_) {
    dirty_ = true;
    reactor_.mark_dirty(*this);
  }
}

void SocketStream::on_linger_over(void* self) { static_cast<SocketStream*>(self)->shutdown(ETIMEDOUT); }

coro::Task<void> SocketStream::close(int64_t linger_ms) {
  if (linger_ms > 0 && !failed_ && pending() > 0) {
    flush();
    Timer timer(&SocketStream::on_linger_over, this);
    reactor_.arm(timer, reactor_.now_us() + linger_ms * 1000);
    co_await drained(0);
  }
  closing_ = true;
  const bool dropped = pending() > 0 || failed_;
  failed_ = true;
  if (error_ == 0) error_ = ECANCELED;
  output_.clear();
  stop_receiving();
  if (sending_) {
    reactor_.backend().shutdown(fd_);
    reactor_.backend().cancel(send_);
  }
  co_await Settled{*this, /*receive_only=*/false};
  // Zero-copy memory of a peer that no longer acknowledges would stay pinned until TCP gives up.
  if (dropped && zero_copy_held_ > 0) reactor_.backend().reset_on_close(fd_);
  closed_ = true;
  reactor_.backend().close(fd_);
  while (zero_copy_held_ > 0) {
    struct Notified {
      SocketStream& stream;
      bool await_ready() const { return stream.zero_copy_held_ == 0; }
      void await_suspend(std::coroutine_handle<> handle) { stream.settling_ = handle; }
      void await_resume() const {}
    };
    co_await Notified{*this};
  }
  if (kept_) base::deallocate(std::exchange(kept_, nullptr));
  kept_begin_ = kept_end_ = kept_room_ = 0;
  free_taken();
}

}  // namespace gyre::io
