// Stream over a connected socket.
//
// Receiving: a multishot receive stays armed while the connection lives; each arrival is shown to the waiting
// reader in the backend's memory. Bytes that arrive while nobody reads are copied to kept_; beyond kKeptLimit
// the receive is cancelled and armed again by the next recv().
//
// Sending: output() moves to in_flight_ when the turn ends, and one send at a time carries its front. Large
// sends by reference (zero copy) own their chain until the kernel's notification; the next send need not wait
// for that.
//
//   receive:  idle --start_receiving--> armed --stop/end/error--> idle
//   send:     idle --flush, turn end--> sending --taken--> idle (or sending again while there is more)
//
// Owner: whoever got it from Reactor::adopt(); thread: the reactor's. It may be destroyed only when close()
// has completed.
#pragma once

#include "gyre/io/reactor.h"

namespace gyre::io {

class SocketStream final : public Stream {
 public:
  static constexpr size_t kKeptLimit = 2 * kReceiveBufferBytes;

  SocketStream(Reactor& reactor, int fd);
  ~SocketStream() override;

  coro::Task<int> recv_exact(char* into, size_t bytes, size_t* progress) override;
  void flush() override;
  void shutdown(int error) override;
  bool gone() const override { return failed_ || error_ != 0 || ended_; }
  void tell_end(coro::Event* event) override;
  coro::Task<void> close(int64_t linger_ms) override;
  int fd() const override { return fd_; }
  std::string peer_address() const override;
  std::string local_address() const override;
  bool is_unix() const override;

  /// The reactor's, at the end of the turn.
  void send_now();
  /// Zero-copy is not asked for any more on this connection.
  bool zero_copy_off() const { return zero_copy_off_; }

 protected:
  void start_receiving() override;
  bool take_received(Received* received) override;

 private:
  struct Receive : RecvOp {
    SocketStream* stream;
  };
  struct Send : SendOp {
    SocketStream* stream;
  };
  struct ZeroCopySend;
  struct Settled;      // awaiter: the operations in flight have ended
  struct ReceiveInto;  // awaiter: one receive into the caller's memory

  static void on_received(Op& op, const Completion& completion);
  static void on_received_into(Op& op, const Completion& completion);
  static void on_sent(Op& op, const Completion& completion);
  static void on_zero_copy(Op& op, const Completion& completion);
  static void on_linger_over(void* self);

  void stop_receiving();
  void keep(const char* data, size_t size);
  void free_taken();
  void note_receive_end(int32_t result);
  void submit(bool attempt);
  bool submit_zero_copy();
  bool within_host() const;
  unsigned fill(SendOp& op, base::OutBuffer& chain, size_t* bytes);
  void after_send(int32_t result);
  void fail(int error);
  void wake_if_drained();
  bool settled() const;
  bool resume_settled();
  std::string address(bool peer) const;

  Reactor& reactor_;
  int fd_;
  int error_ = 0;           // what recv() reports when everything that arrived was taken
  bool ended_ = false;      // the peer closed
  bool receiving_ = false;  // receive_ is the backend's
  bool stopping_ = false;   // its cancellation was asked for
  bool sending_ = false;    // send_ (or a zero-copy send without result) is the backend's
  bool dirty_ = false;      // in the reactor's list
  bool closing_ = false;
  bool closed_ = false;
  bool zero_copy_off_ = false;
  bool zero_copy_checked_ = false;
  bool settling_receive_only_ = false;
  uint32_t zero_copy_held_ = 0;  // zero-copy sends whose notification is due
  Received view_;                // an arrival in the backend's memory that the reader is about to take
  char* kept_ = nullptr;         // bytes that arrived while nobody read
  uint32_t kept_begin_ = 0, kept_end_ = 0, kept_room_ = 0;
  char* taken_ = nullptr;             // the former kept_ that the reader looks at
  std::coroutine_handle<> settling_;  // waits for the end of what is in flight
  base::OutBuffer in_flight_;
  Receive receive_;
  Send send_;
};

}  // namespace gyre::io
