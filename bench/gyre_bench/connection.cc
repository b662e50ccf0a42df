#include "connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <time.h>

#include <bit>
#include <cstring>

#include "worker.h"

namespace gyre::bench {
namespace {

constexpr int64_t kConnectTimeoutUs = 10'000'000;

std::string encode(const std::vector<std::string>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) out += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  return out;
}

/// The text of an error reply without its type and line end.
std::string_view error_text(std::string_view reply) {
  if (reply.starts_with('!')) {
    const size_t line = reply.find("\r\n");
    reply = line == std::string_view::npos ? reply : reply.substr(line + 1);
  }
  reply.remove_prefix(reply.empty() ? 0 : 1);
  return reply.substr(0, reply.find_last_not_of("\r\n") + 1);
}

}  // namespace

bool Endpoint::resolve(const Target& target, std::string* error) {
  if (!target.unix_socket.empty()) {
    auto& path = reinterpret_cast<sockaddr_un&>(address);
    if (target.unix_socket.size() >= sizeof(path.sun_path)) {
      *error = target.unix_socket + ": the path is too long for a socket";
      return false;
    }
    path.sun_family = AF_UNIX;
    std::memcpy(path.sun_path, target.unix_socket.c_str(), target.unix_socket.size() + 1);
    length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + target.unix_socket.size() + 1);
    return true;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
  if (status != 0) {
    *error = target.host + ": " + gai_strerror(status);
    return false;
  }
  std::memcpy(&address, found->ai_addr, found->ai_addrlen);
  length = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

std::string handshake_requests(const Target& target, unsigned* replies) {
  std::string out;
  *replies = 0;
  const std::string user = target.user.empty() ? "default" : target.user;
  if (target.resp3) {
    if (target.password.empty())
      out += encode({"HELLO", "3"});
    else
      out += encode({"HELLO", "3", "AUTH", user, target.password});
    ++*replies;
  } else if (!target.password.empty()) {
    out += target.user.empty() ? encode({"AUTH", target.password}) : encode({"AUTH", user, target.password});
    ++*replies;
  }
  if (target.db != 0) {
    out += encode({"SELECT", std::to_string(target.db)});
    ++*replies;
  }
  return out;
}

int64_t now_ns() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Connection::Connection(Worker& worker, unsigned depth)
    : worker_(worker), pending_(std::bit_ceil(depth)), mask_(static_cast<uint32_t>(pending_.size()) - 1) {}

coro::Task<void> Connection::serve() {
  int error = 0;
  const Endpoint& endpoint = worker_.endpoint();
  stream_ = co_await worker_.reactor().connect(endpoint.address, endpoint.length, kConnectTimeoutUs, &error);
  if (stream_ && worker_.stopping()) {
    co_await stream_->close(0);
    co_return;
  }
  if (!stream_) {
    state_ = State::kClosed;
    worker_.on_connect_failed(std::string("connect: ") + std::strerror(error));
    co_return;
  }
  begin_handshake();
  while (true) {
    const io::Received received = co_await stream_->recv();
    if (received.size == 0) {
      failure_ = received.error == 0 ? "the server closed the connection" : std::strerror(received.error);
      break;
    }
    if (!take({received.data, received.size})) break;
  }
  const State last = std::exchange(state_, State::kClosed);
  if (last == State::kReady)
    worker_.on_lost(*this, failure_);
  else
    worker_.on_connect_failed(failure_);
  tail_ = head_;
  co_await stream_->close(0);
}

void Connection::begin_handshake() {
  const int on = 1;
  if (!stream_->is_unix()) setsockopt(stream_->fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  state_ = State::kHandshake;
  const std::string requests = handshake_requests(worker_.target(), &handshake_left_);
  if (handshake_left_ == 0) {
    state_ = State::kReady;
    worker_.on_connected();
    return;
  }
  stream_->output().append(requests);
  stream_->flush();
}

void Connection::send(uint32_t command, int64_t start_ns) {
  pending_[head_++ & mask_] = {start_ns, command};
  worker_.append_request(command, stream_->output());
  stream_->flush();
}

void Connection::shutdown(int error) {
  if (stream_ && state_ != State::kClosed) stream_->shutdown(error);
}

bool Connection::take(std::string_view bytes) {
  const int64_t now = now_ns();
  std::string_view input = bytes;
  if (!rest_.empty()) {
    rest_.append(bytes);
    input = rest_;
  }
  while (!input.empty()) {
    const auto reply = skipper_.skip(input);
    if (reply.status == resp::ReplyStatus::kError) {
      failure_ = "malformed reply: " + std::string(reply.error);
      return false;
    }
    const std::string_view text = input.substr(0, reply.consumed);
    if (reply.status == resp::ReplyStatus::kComplete && !on_reply(reply, text, now)) return false;
    input.remove_prefix(reply.consumed);
    if (reply.status == resp::ReplyStatus::kIncomplete) break;
  }
  if (input.empty())
    rest_.clear();
  else
    rest_ = std::string(input);
  if (state_ == State::kReady) worker_.on_replies(*this, now);
  return true;
}

bool Connection::on_reply(const resp::ReplySkipper::Result& reply, std::string_view text, int64_t now) {
  if (reply.type == '>') return true;  // a push belongs to no request
  const bool is_error = reply.type == '-' || reply.type == '!';
  if (state_ == State::kHandshake) {
    if (is_error) {
      failure_ = "handshake: " + std::string(error_text(text));
      return false;
    }
    if (--handshake_left_ == 0) {
      state_ = State::kReady;
      worker_.on_connected();
    }
    return true;
  }
  if (head_ == tail_) {
    failure_ = "a reply to nothing: " + std::string(text.substr(0, 64));
    return false;
  }
  if (is_error) worker_.on_error_reply(error_text(text));
  const Pending& request = pending_[tail_++ & mask_];
  worker_.record(request.command, now - request.start_ns);
  return true;
}

}  // namespace gyre::bench
