#include "gyre/server/client.h"

#include <algorithm>

#include "client_info.h"
#include "gyre/base/log.h"
#include "gyre/io/socket_stream.h"
#include "gyre/server/server.h"
#include "support.h"

namespace gyre::server {

namespace {

/// A large argument's memory grows as its bytes arrive: nobody gets 512 MB for announcing them.
constexpr size_t kFirstBulkBytes = 1024 * 1024;
/// How long a closing client may take to read its last replies.
constexpr int64_t kLingerMs = 2000;
/// An idle client keeps no query buffer above this.
constexpr size_t kKeepQueryBytes = 32;

}  // namespace

Client::Client(Server& server, io::Reactor& reactor, exec::ReactorState& state,
               std::unique_ptr<io::Stream> stream, uint64_t id)
    : server_(server),
      reactor_(reactor),
      state_(state),
      stream_(std::move(stream)),
      session_(id, stream_->output(), *this),
      peer_(stream_->peer_address()),
      local_(server.intern_address(stream_->local_address())),
      created_ms_(reactor.wall_ms()) {
  shown_.last_interaction_ms.store(created_ms_, std::memory_order_relaxed);
  if (stream_->is_unix()) session_.flags |= exec::session_flag::kUnixSocket;
}

// With the stream, the coroutine frames and its place in the server's list an idle client stays below 2 KB.
static_assert(sizeof(Client) <= 512 && sizeof(io::SocketStream) <= 512);

Client::~Client() = default;

resp::RequestLimits Client::limits() const {
  resp::RequestLimits limits;
  limits.max_bulk = server_.config().proto_max_bulk_len;
  limits.authenticated = !locked_out(server_, session_);
  return limits;
}

/// Keeps what has not been consumed; `rest` may be a part of query_.
void Client::keep(std::string_view rest) {
  if (rest.empty()) {
    if (query_.capacity() > kKeepQueryBytes) {
      std::string().swap(query_);
    } else {
      query_.clear();
    }
  } else if (!query_.empty() && rest.data() >= query_.data() &&
             rest.data() <= query_.data() + query_.size()) {
    query_.erase(0, static_cast<size_t>(rest.data() - query_.data()));
  } else {
    query_.assign(rest);
  }
  shown_.query_bytes.reset();
  shown_.query_bytes.add(query_.size());
  shown_.query_capacity.reset();
  shown_.query_capacity.add(query_.capacity() > kKeepQueryBytes ? query_.capacity() : 0);
}

void Client::note_received(const io::Received& received) {
  shown_.bytes_in.add(received.size);
  state_.stats.live.bytes_in.add(received.size);
  shown_.last_interaction_ms.store(reactor_.wall_ms(), std::memory_order_relaxed);
}

void Client::note_output() {
  const size_t bytes = stream_->output().size();
  if (bytes == 0) return;
  shown_.bytes_out.add(bytes);
  state_.stats.live.bytes_out.add(bytes);
  stream_->flush();
}

/// What comes after CLIENT KILL was answered is not run, though this reactor may not have heard of it yet.
coro::Task<void> Client::serve() {
  server_.add_client(*this);
  base::log(base::LogLevel::kVerbose, "Accepted %s", peer_.c_str());
  Next next = Next::kReceive;
  while (next != Next::kClose) {
    const io::Received received = co_await stream_->recv();
    if (received.size == 0 || killed()) {
      log_end(received.error);
      break;
    }
    note_received(received);
    std::string_view input{received.data, received.size};
    if (carries_stream_ && input.find_first_not_of("\r\n") == input.npos) session_.attachment()->shows_life();
    if (!query_.empty()) {
      query_.append(input);
      input = query_;
      if (over_query_limit(query_.size())) [[unlikely]]
        break;
    }
    do {
      const exec::RunResult result =
          server_.dispatcher().run(state_, session_, parser_, input, limits(), &parse_, &state_.suspended);
      next = Next::kReceive;
      // Bytes in the backend's memory are gone after the next wait: what is left is kept before any of them.
      if (result.consumed != input.size() || !query_.empty()) keep(input.substr(result.consumed));
      note_output();
      switch (result.status) {
        case exec::RunStatus::kDone:
          // Before authentication it runs one at a time.
          if (parse_.status == resp::ParseStatus::kEmpty && result.consumed < input.size()) next = Next::kAgain;
          break;
        case exec::RunStatus::kGateClosed:
          co_await gate_opened();
          next = Next::kAgain;
          break;
        case exec::RunStatus::kSuspended:
          co_await server_.dispatcher().execute(state_, session_, std::move(state_.suspended));
          note_output();
          if (session_.has(exec::session_flag::kBlocked)) co_await unblocked();
          next = session_.has(exec::session_flag::kCloseAfterReply) ? Next::kClose : Next::kAgain;
          break;
        case exec::RunStatus::kBlocked:
          co_await unblocked();
          next = Next::kAgain;
          break;
        case exec::RunStatus::kLargeBulk:
          next = co_await receive_bulk() ? Next::kAgain : Next::kClose;
          break;
        case exec::RunStatus::kClose:
          if (parse_.status == resp::ParseStatus::kError) log_protocol_error(input.substr(result.consumed));
          next = Next::kClose;
          break;
      }
      if (killed()) [[unlikely]]
        next = Next::kClose;
      // What a replica is behind is its sender's affair.
      if (stream_->pending() != 0 && next != Next::kClose && !carries_stream_) [[unlikely]] {
        if (over_output_limit(reactor_.wall_ms())) {
          next = Next::kClose;
        } else if (const auto pause = static_cast<size_t>(server_.config().client_output_pause_bytes.get());
                   stream_->pending() > pause) {
          // The client sends commands faster than it reads replies: it is read from again when half is gone.
          if (!co_await stream_->drained(pause / 2)) next = Next::kClose;
        }
      }
      input = query_;
    } while (next == Next::kAgain && !input.empty());
  }
  co_await finish();
}

/// A coroutine of its own, so that what it needs takes no room in every client's frame; inlined, its frame would be a part
/// of that one.
[[gnu::noinline]] coro::Task<void> Client::gate_opened() {
  exec::WaitList::Wait wait(state_.waits, session_, nullptr, exec::WaitList::For::kOpenGate);
  co_await server_.keyspace().gate().opened();
}

[[gnu::noinline]] coro::Task<void> Client::unblocked() {
  co_await session_.own_labels().blocked->wait(session_);
  // Whoever has the gate closed (CLIENT UNBLOCK, CLIENT LIST) may be looking.
  store::Gate& gate = server_.keyspace().gate();
  while (!gate.try_enter(state_.index)) co_await gate.opened();
  session_.own_labels().blocked.reset();
  session_.flags &= ~exec::session_flag::kBlocked;
  gate.leave(state_.index);
  note_output();
}

/// The body of a large argument goes straight into its own buffer. On success the parser has it, and query_
/// holds the bytes before it.
coro::Task<bool> Client::receive_bulk() {
  const size_t total = parse_.bulk_size;
  base::Blob blob =
      base::Blob::create(parse_.bulk_have, std::min(total, std::max(kFirstBulkBytes, parse_.bulk_have)));
  std::memcpy(blob.data(), query_.data() + query_.size() - parse_.bulk_have, parse_.bulk_have);
  query_.resize(query_.size() - parse_.bulk_have);
  while (blob.size() < total) {
    const size_t have = blob.size();
    if (blob.capacity() == have) blob.grow(std::min(total, have * 2));
    const size_t chunk = std::min(total, blob.capacity()) - have;
    size_t progress = 0;
    const int error = co_await stream_->recv_exact(blob.data() + have, chunk, &progress);
    note_received({nullptr, progress, 0});
    if (error != 0 || killed()) co_return false;
    blob.set_size(have + chunk);
    if (over_query_limit(query_.size() + blob.size())) co_return false;
  }
  parser_.supply_bulk(std::move(blob));
  // Nothing of the command can be complete before its CR LF arrives.
  co_return true;
}

void Client::log_end(int error) {
  if (!base::log_enabled(base::LogLevel::kVerbose) || killed()) return;
  const std::string line = client_info_line(*this, reactor_.wall_ms(), nullptr);
  if (error == 0) {
    base::log(base::LogLevel::kVerbose, "Client closed connection %s", line.c_str());
  } else {
    base::log(base::LogLevel::kVerbose, "Reading from client: %s %s", std::strerror(error), line.c_str());
  }
}

void Client::log_protocol_error(std::string_view rest) {
  if (!base::log_enabled(base::LogLevel::kVerbose)) return;
  constexpr size_t kShownBytes = 128;
  std::string shown(rest.substr(0, kShownBytes));
  for (char& c : shown)
    if (c < ' ' || c > '~') c = '.';
  const std::string reason(resp::protocol_error_reason(parse_.error));
  base::log(base::LogLevel::kVerbose,
            "Protocol error (%s) from client: %s. Query buffer during protocol error: '%s'", reason.c_str(),
            client_info_line(*this, reactor_.wall_ms(), nullptr).c_str(), shown.c_str());
}

bool Client::over_query_limit(size_t bytes) {
  if (bytes <= server_.config().client_query_buffer_limit) return false;
  base::log(base::LogLevel::kWarning, "Closing client that reached max query buffer length: %s",
            client_info_line(*this, reactor_.wall_ms(), nullptr).c_str());
  ++server_.counters().query_limit_disconnections;
  return true;
}

bool Client::over_output_limit(int64_t now_ms) {
  const size_t pending = stream_->pending_footprint();
  const OutputLimit& limit =
      server_.config().client_output_buffer_limit[static_cast<int>(ClientClass::kNormal)];
  const uint64_t hard = limit.hard_bytes, soft = limit.soft_bytes;
  bool over = hard != 0 && pending >= hard;
  if (soft != 0 && pending >= soft) {
    if (soft_limit_since_ms_ == 0) soft_limit_since_ms_ = now_ms;
    over |= now_ms - soft_limit_since_ms_ >= limit.soft_seconds.get() * 1000;
  } else {
    soft_limit_since_ms_ = 0;
  }
  if (over) {
    base::log(base::LogLevel::kWarning,
              "Client id=%llu addr=%s scheduled to be closed ASAP for overcoming of output buffer limits.",
              static_cast<unsigned long long>(session_.id), peer_.c_str());
    ++server_.counters().output_limit_disconnections;
    stream_->shutdown();
  }
  return over;
}

void Client::check_limits(int64_t now_ms) {
  shown_.output_bytes.reset();
  shown_.output_bytes.add(stream_->pending());
  shown_.output_footprint.reset();
  shown_.output_footprint.add(stream_->pending_footprint());
  if (carries_stream_) return;
  if (stream_->pending() != 0 && over_output_limit(now_ms)) return;
  const int64_t timeout_ms = int64_t{server_.config().timeout} * 1000;
  if (session_.has(exec::session_flag::kBlocked)) return;
  if (timeout_ms > 0 && now_ms - shown_.last_interaction_ms.load(std::memory_order_relaxed) > timeout_ms) {
    base::log(base::LogLevel::kVerbose, "Closing idle client");
    shutdown_now();
  }
}

void Client::kill() {
  killed_.store(true, std::memory_order_relaxed);
  if (io::Reactor::current() == &reactor_ && session_.has(exec::session_flag::kCloseAfterReply)) return;
  // By id: the client may be gone when the mail arrives.
  reactor_.call([&server = server_, id = session_.id] {
    server.with_client(id, [](Client& client) { client.shutdown_now(); });
  });
}

void Client::shutdown_now() {
  killed_.store(true, std::memory_order_relaxed);
  stream_->shutdown();
}

coro::Task<void> Client::finish() {
  const bool orderly = !killed() || session_.has(exec::session_flag::kCloseAfterReply);
  if (exec::Attachment* attachment = session_.attachment()) co_await attachment->detach();
  co_await server_.dispatcher().unwatch(state_, session_);
  // Whoever has the gate closed (CLIENT LIST, CLIENT KILL) may be looking at this client.
  store::Gate& gate = server_.keyspace().gate();
  while (!gate.try_enter(state_.index)) co_await gate.opened();
  session_.transaction.reset();
  server_.remove_client(*this);
  gate.leave(state_.index);
  co_await stream_->close(orderly ? kLingerMs : 0);
}

}  // namespace gyre::server
