// A replica's life on its reactor, and the stream. The image is sent in replica_image.cc.
#include "replica.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "gyre/base/clock.h"
#include "gyre/base/log.h"

namespace gyre::repl {

namespace {

/// What is handed to the connection at a time, and what may be left there when more is added.
constexpr size_t kSendBytes = size_t{256} << 10;
constexpr size_t kLowBytes = size_t{64} << 10;
constexpr size_t kSlices = 16;

}  // namespace

Replica::Replica(Primary& primary, exec::ClientHandle& client)
    : primary_(primary), client_(client), stream_(*client.stream()), reactor_(*client.home()) {}

Replica::~Replica() = default;

Replica& Replica::of(Primary& primary, exec::Session& session) {
  if (!session.attachment()) session.own_labels().attachment = std::make_unique<Replica>(primary, session.handle);
  return static_cast<Replica&>(*session.attachment());
}

std::string Replica::ip() const {
  if (!announced_ip.empty()) return announced_ip;
  std::string address(client_.address());
  address.resize(std::min(address.size(), address.rfind(':')));
  if (address.starts_with('[')) address = address.substr(1, address.size() - 2);
  return address;
}

std::string Replica::name() const {
  const std::string host = ip();
  if (port == 0) return host + ":<unknown-replica-port>";
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void Replica::spawn(std::string greeting) {
  if (primary_.environment_.settings().disable_nodelay) {
    const int off = 0;
    (void)::setsockopt(stream_.fd(), IPPROTO_TCP, TCP_NODELAY, &off, sizeof(off));
  }
  running_ = true;
  const int64_t now = base::wall_ms();
  heard_ms = now;
  progress_ms = now;
  waits_since_ms = now;
  primary_.add(*this);
  // Behind the command that asked: its reply is dropped to the mark that was set before it.
  reactor_.call([this, text = std::move(greeting)] { reactor_.scope().spawn(run(text)); });
}

void Replica::start_partial(std::string greeting) {
  state = State::kOnline;
  spawn(std::move(greeting));
  primary_.judge_replicas();
}

void Replica::start_full(bool old) {
  old_protocol = old;
  state = State::kWaits;
  spawn({});
}

void Replica::begin_sync(std::shared_ptr<FullSync> sync) {
  sync->fan.join(reader_);
  by_file = sync->to_file;
  sync_ = std::move(sync);
  state = State::kReceives;
  wake_.set();
}

void Replica::acknowledge(uint64_t offset, int64_t now_ms) {
  if (offset > acked.load(std::memory_order_relaxed)) acked.store(offset, std::memory_order_release);
  heard_ms = now_ms;
  has_acknowledged_ = true;
  wake_.set();
}

void Replica::drop() {
  stopping_ = true;
  client_.kill();
}

coro::Task<void> Replica::detach() {
  if (state == State::kClient) co_return;
  stopping_ = true;
  wake_.set();
  reader_.more.set();
  if (running_) co_await finished_.wait();
  primary_.remove(*this);
  std::shared_ptr<FullSync> sync = std::move(sync_);
  if (sync) sync->fan.leave(reader_);
  cursor.close();
  base::log(base::LogLevel::kNotice, "Connection with replica %s lost.", name().c_str());
}

coro::Task<void> Replica::run(std::string greeting) {
  bool go_on = !stopping_;
  // Not by the state: the image it waits for may have begun meanwhile.
  if (go_on && greeting.empty()) {
    go_on = co_await receive_image();
  } else if (go_on) {
    stream_.output().append(greeting);
    stream_.flush();
  }
  if (go_on && !over()) co_await send_stream();
  if (!stopping_) client_.kill();
  running_ = false;
  finished_.set();
}

void Replica::go_online() {
  heard_ms = base::wall_ms();
  state = State::kOnline;
  primary_.judge_replicas();
  base::log(base::LogLevel::kNotice, "Synchronization with replica %s succeeded", name().c_str());
}

coro::Task<bool> Replica::drained() {
  const bool alive = co_await stream_.drained(kLowBytes);
  progress_ms = reactor_.wall_ms();
  co_return alive && !stopping_;
}

/// Bytes of the stream or of an image, by reference. What the connection's buffer holds otherwise was copied into it.
void Replica::hand_over(base::Blob blob, size_t offset, size_t size) {
  base::OutBuffer& out = stream_.output();
  const size_t copied_before = out.size() - out.referenced();
  out.append_ref(std::move(blob), offset, size);
  Primary::Counters& counters = primary_.counters_;
  counters.bytes_out.fetch_add(size, std::memory_order_relaxed);
  if (const size_t copied = out.size() - out.referenced() - copied_before) [[unlikely]]
    counters.bytes_copied.fetch_add(copied, std::memory_order_relaxed);
}

coro::Task<void> Replica::send_stream() {
  journal::Slice slices[kSlices];
  uint64_t at = cursor.position();
  while (!over()) {
    wake_.reset();
    const size_t count = cursor.peek(at, slices, kSendBytes);
    if (count == 0) {
      co_await wake_.wait();
      continue;
    }
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; ++i) {
      bytes += slices[i].size;
      hand_over(std::move(slices[i].blob), slices[i].offset, slices[i].size);
      slices[i].blob.reset();
    }
    stream_.flush();
    at += bytes;
    sent.store(at, std::memory_order_relaxed);
    // The connection holds what it still has to send; the ring need not.
    cursor.advance(at);
    if (!co_await drained()) co_return;
  }
}

}  // namespace gyre::repl
