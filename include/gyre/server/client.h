// A client's connection: its stream, its session, what it has sent so far of a command that is not complete, and the
// coroutine that serves it from accept to close. Lives on one reactor for life.
//
// Memory: an idle client holds this object, its coroutine's frame and its stream; no buffers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "gyre/coro/task.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/io/stream.h"

namespace gyre::io {
class Reactor;
}

namespace gyre::server {

class Server;

class Client final : public exec::ClientHandle {
 public:
  Client(Server& server, io::Reactor& reactor, exec::ReactorState& state, std::unique_ptr<io::Stream> stream, uint64_t id);
  ~Client() override;

  /// Serves until the client goes away; the object may be destroyed afterwards.
  coro::Task<void> serve();

  exec::Session& session() { return session_; }
  io::Reactor& reactor() { return reactor_; }
  unsigned reactor_index() const { return state_.index; }
  /// Its place in the server's list of the reactor's clients.
  uint32_t place = 0;

 private:
  std::atomic<bool> killed_{false};
  bool carries_stream_ = false;  // own reactor, also outside the gate, where the session's flags may not be read

 public:

  /// Ends the connection; its own: after the reply. Any reactor (a client of another reactor is told by mail).
  void kill() override;
  io::Stream* stream() override { return stream_.get(); }
  io::Reactor* home() override { return &reactor_; }
  void carries_stream() override { carries_stream_ = true; }
  std::string_view address() const override { return peer_; }
  /// On the own reactor only.
  void shutdown_now();

  // What CLIENT LIST shows. Written by the own reactor, readable at any time.
  struct Shown {
    store::Counter bytes_in, bytes_out, query_bytes, query_capacity, output_bytes, output_footprint;
    std::atomic<int64_t> last_interaction_ms{0};
  };
  const Shown& shown() const { return shown_; }
  const std::string& peer() const { return peer_; }
  const std::string& local() const { return local_; }
  int fd() const { return stream_->fd(); }
  int64_t created_ms() const { return created_ms_; }
  bool is_unix() const { return session_.has(exec::session_flag::kUnixSocket); }
  /// Connected over loopback or the Unix socket.
  bool is_local() const { return is_unix() || peer_.starts_with("127.") || peer_.starts_with("[::1]"); }
  bool killed() const { return killed_.load(std::memory_order_relaxed); }

  /// About once a second on the own reactor: idle timeout, soft output limit.
  void check_limits(int64_t now_ms);

 private:
  enum class Next : uint8_t { kReceive, kAgain, kClose };
  void keep(std::string_view rest);
  void note_received(const io::Received& received);
  void note_output();
  bool over_query_limit(size_t bytes);
  void log_end(int error);
  void log_protocol_error(std::string_view rest);
  bool over_output_limit(int64_t now_ms);
  resp::RequestLimits limits() const;
  coro::Task<void> gate_opened();
  coro::Task<void> unblocked();
  coro::Task<bool> receive_bulk();
  coro::Task<void> finish();

  Server& server_;
  io::Reactor& reactor_;
  exec::ReactorState& state_;
  std::unique_ptr<io::Stream> stream_;
  exec::Session session_;
  resp::RequestParser parser_;
  resp::ParseResult parse_;
  std::string query_;            // bytes of an incomplete command, or what waits behind a suspended one
  std::string peer_;
  const std::string& local_;     // the server's: many clients have the same
  int64_t created_ms_;
  int64_t soft_limit_since_ms_ = 0;
  Shown shown_;
};

}  // namespace gyre::server
