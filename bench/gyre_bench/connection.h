// One connection to the server under load: connects, introduces itself, sends requests and counts replies.
// Owner: its Worker, on whose reactor everything here runs.
//
//   kConnecting --connected--> kHandshake --all answered--> kReady --end, error, shutdown--> kClosed
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/coro/task.h"
#include "gyre/io/stream.h"
#include "gyre/resp/reply_parser.h"
#include "options.h"

namespace gyre::bench {

class Worker;

struct Endpoint {
  sockaddr_storage address{};
  socklen_t length = 0;
  /// Resolves host and port, or takes the socket's path.
  bool resolve(const Target& target, std::string* error);
};

/// HELLO, AUTH and SELECT as the target asks for; *replies is how many answers they bring.
std::string handshake_requests(const Target& target, unsigned* replies);

/// Nanoseconds of the monotonic clock (the one that Reactor::now_us() shows).
int64_t now_ns();

class Connection {
 public:
  /// At most `depth` requests are under way.
  Connection(Worker& worker, unsigned depth);

  /// Lives as long as the connection. To be spawned once.
  coro::Task<void> serve();

  /// Writes one request, of the workload's command, whose latency counts from start_ns. Leaves with the end
  /// of the turn.
  void send(uint32_t command, int64_t start_ns);
  /// Requests without an answer.
  unsigned outstanding() const { return head_ - tail_; }
  bool ready() const { return state_ == State::kReady; }
  void shutdown(int error);

 private:
  enum class State : uint8_t { kConnecting, kHandshake, kReady, kClosed };
  struct Pending {
    int64_t start_ns;
    uint32_t command;
  };

  /// False and failure_ when the stream of replies cannot be followed or the handshake was refused.
  bool take(std::string_view bytes);
  bool on_reply(const resp::ReplySkipper::Result& reply, std::string_view text, int64_t now);
  void begin_handshake();

  Worker& worker_;
  std::unique_ptr<io::Stream> stream_;
  State state_ = State::kConnecting;
  unsigned handshake_left_ = 0;
  std::vector<Pending> pending_;  // a ring; the size is a power of two
  uint32_t mask_;
  uint32_t head_ = 0, tail_ = 0;
  resp::ReplySkipper skipper_;
  std::string rest_;  // of a reply that has not arrived completely
  std::string failure_;

 public:
  // The worker's list of connections with room for another request (open loop).
  Connection* next_free = nullptr;
  bool in_free_list = false;
};

}  // namespace gyre::bench
