// The backend of one reactor in a simulated world. Private to module io.
//
// Every completion is an event of the world with a time and an owner. An operation's `token` counts up when
// it completes or is cancelled, so that an event that comes too late for it finds another token and does
// nothing.
#pragma once

#include <atomic>
#include <deque>

#include "gyre/io/sim.h"

namespace gyre::io {

/// Bytes under way.
struct SimWorld::Transit {
  int64_t arrives_us;
  std::string bytes;
  uint64_t ticket = 0;  // of the held send that they are of; 0: they are here
};

/// One end of a connection, or a listener.
struct SimWorld::Socket {
  int fd = -1;
  int peer = -1;  // -1: none, or gone
  sockaddr_storage local{}, remote{};
  socklen_t local_length = 0, remote_length = 0;
  SimBackend* backend = nullptr;                        // whose operations wait here
  std::string arrived;                                  // delivered, not yet read
  std::deque<Transit> transit;                          // towards us
  size_t transit_bytes = 0;
  bool end_in_transit = false;  // the peer has closed its side; counts after transit
  int64_t end_at_us = 0;
  bool write_closed = false;  // ours
  bool shut_down = false;
  int error = 0;  // ECONNRESET after a cut
  bool reset_on_close = false;
  bool held = false;
  bool listening = false;
  std::deque<int> backlog;  // connected, not yet accepted
  RecvOp* receiver = nullptr;
  char* into = nullptr;  // receive_into
  size_t into_bytes = 0;
  AcceptOp* acceptor = nullptr;
  SendOp* sender = nullptr;  // waits for room
  size_t sender_offset = 0;  // of a zero-copy send: bytes taken so far
};

class SimBackend final : public Backend {
 public:
  explicit SimBackend(SimWorld& world);
  ~SimBackend() override;

  const char* name() const override { return "simulation"; }
  std::string describe() const override { return "seed " + std::to_string(world_.options_.seed); }
  unsigned turn(bool may_block) override;
  void wake() noexcept override { woken_.store(true, std::memory_order_release); }
  void set_deadline(int64_t monotonic_us) override { deadline_us_ = monotonic_us; }
  int64_t monotonic_us() const override { return world_.now_us_; }
  int64_t wall_us() const override { return world_.now_us_ + world_.wall_offset_us_; }

  void accept(AcceptOp& op, int listen_fd) override;
  void connect(ConnectOp& op, int fd) override;
  void receive(RecvOp& op, int fd) override { receive_into(op, fd, nullptr, 0); }
  void receive_into(RecvOp& op, int fd, char* data, size_t bytes) override;
  void send_attempt(SendOp& op, int fd) override;
  void send_when_ready(SendOp& op, int fd) override;
  void send_zero_copy(SendOp& op, int fd) override;
  bool has_zero_copy() const override { return true; }
  void poll(PollOp& op, int fd, uint32_t events) override;
  void cancel(Op& op) override;
  void close(int fd) override;
  void file(FileOp& op) override;

  int socket(int family) override;
  void shutdown(int fd) override;
  void reset_on_close(int fd) override;
  int address(int fd, bool peer, sockaddr_storage* out, socklen_t* length) const override;

  /// The world's calls: something changed for the operations that wait at this socket.
  void look_at_receiver(int fd);
  void look_at_sender(int fd);
  void look_at_acceptor(int fd);
  int64_t deadline_us() const { return deadline_us_; }

 private:
  using Socket = SimWorld::Socket;
  enum State : uint32_t { kNone, kWaiting, kFinishing };

  void finish(Op& op, Completion completion, int64_t after_us = 0);
  void show_arrivals(int fd);
  int send_error(const Socket& socket) const;
  void finish_zero_copy(SendOp& op, int32_t result, bool held);

  SimWorld& world_;
  std::atomic<bool> woken_{false};
  int64_t deadline_us_ = INT64_MAX;
};

}  // namespace gyre::io
