// A replica as its primary sees it: what it said about itself, and the coroutine that sends to it.
//
// Owner: the session of its connection (exec::Attachment), made by the first REPLCONF or by PSYNC. Thread: the connection's
// reactor; what is atomic is read by anyone, what the primary's mutex guards is marked.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "chunk_fan.h"
#include "full_sync.h"
#include "gyre/base/clock.h"
#include "gyre/coro/event.h"
#include "gyre/exec/context.h"
#include "gyre/io/stream.h"
#include "gyre/journal/journal.h"
#include "gyre/repl/primary.h"

namespace gyre::repl {

class Replica final : public exec::Attachment {
 public:
  enum class State : uint8_t {
    kClient,     // has not asked for anything so far
    kWaits,      // for a full sync to begin
    kReceives,   // the image
    kOnline,     // the stream
    kDone,       // wanted the image only, and has it
  };

  Replica(Primary& primary, exec::ClientHandle& client);
  ~Replica() override;

  /// The session's replica, made if need be.
  static Replica& of(Primary& primary, exec::Session& session);

  coro::Task<void> detach() override;
  /// A replica that loads the image has nothing to acknowledge for as long as that takes, and sends newlines.
  void shows_life() override { heard_ms = base::wall_ms(); }

  /// Sends `+CONTINUE` and the stream from where cursor stands.
  void start_partial(std::string greeting);
  void start_full(bool old_protocol);
  /// The primary's mutex held: the sync that this replica waited for has begun; cursor is open.
  void begin_sync(std::shared_ptr<FullSync> sync);
  /// There may be more in the journal. On the own reactor.
  void wake() { wake_.set(); }
  void acknowledge(uint64_t offset, int64_t now_ms);
  /// Ends the connection. Any thread that has the primary's mutex, or the own reactor.
  void drop();
  /// Told to go, or going.
  bool dropped() const { return stopping_; }

  /// With the primary's mutex.
  bool receives(const FullSync& sync) const { return state == State::kReceives && sync_.get() == &sync; }

  /// Has got the image and not said so far that it has loaded it.
  bool loads() const { return state == State::kOnline && awaits_ack_.load(std::memory_order_relaxed); }

  /// Has a place in the stream that is kept for it. With the primary's mutex.
  bool follows() const { return state == State::kOnline || (state == State::kReceives && !image_only); }

  /// "ip:listening-port", for logs, as Redis names it.
  std::string name() const;
  std::string ip() const;

  // What it said, on the own reactor; read by others with the primary's mutex, so written with it.
  int64_t port = 0;
  std::string announced_ip;
  bool can_eof = false, can_psync2 = false;
  bool image_only = false, without_keys = false;
  bool old_protocol = false;  // SYNC: sends no acknowledgements

  io::Reactor& reactor() { return reactor_; }
  std::atomic<State> state{State::kClient};
  std::atomic<uint64_t> acked{0};
  std::atomic<int64_t> heard_ms{0};     // when it last acknowledged; wall clock
  std::atomic<int64_t> progress_ms{0};  // when the connection last took something; INT64_MAX: it is owed something
  std::atomic<uint64_t> sent{0};        // position in the stream
  bool by_file = false;  // the image; the primary's mutex
  int64_t waits_since_ms = 0;
  int64_t over_soft_since_ms = 0;  // the cron's
  journal::Journal::Cursor cursor;

 private:
  coro::Task<void> run(std::string greeting);
  coro::Task<bool> receive_image();
  coro::Task<bool> await_sync();
  coro::Task<bool> send_chunks(FullSync& sync);
  coro::Task<bool> send_file(FullSync& sync);
  coro::Task<bool> pace(uint64_t bytes, int64_t started_us);
  coro::Task<void> send_stream();
  coro::Task<bool> drained();
  void hand_over(base::Blob blob, size_t offset, size_t size);
  void keep_alive();
  void spawn(std::string greeting);
  void go_online();
  bool over() const { return stopping_ || stream_.failed(); }

  Primary& primary_;
  exec::ClientHandle& client_;
  io::Stream& stream_;
  io::Reactor& reactor_;
  std::shared_ptr<FullSync> sync_;  // the primary's mutex
  ChunkFan::Reader reader_;
  coro::Event wake_, finished_;
  bool running_ = false;
  std::atomic<bool> stopping_{false};
  bool has_acknowledged_ = false;
  std::atomic<bool> awaits_ack_{false};
};

}  // namespace gyre::repl
