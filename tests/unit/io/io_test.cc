#include "io_test.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

namespace gyre::io {

std::vector<Config> all_configs() {
  std::vector<Config> configs{{"simulation", BackendKind::kSim, ""},
                              {"epoll", BackendKind::kEpoll, ""},
                              {"uring", BackendKind::kUring, "all"},
                              {"uring_none", BackendKind::kUring, "none"}};
  for (const char* feature :
       {"single_issuer", "defer_taskrun", "multishot_accept", "multishot_recv", "buffer_ring", "recv_bundle",
        "incremental_buffers", "send_zc", "msg_ring", "no_iowait", "registered_ring", "silent_sends"})
    configs.push_back(
        {std::string("uring_without_") + feature, BackendKind::kUring, std::string("all -") + feature});
  return configs;
}

ReactorOptions options_of(const Config& config) {
  ReactorOptions options;
  options.backend = config.kind;
  std::string error;
  EXPECT_TRUE(options.backend_options.uring.parse(config.uring_features, &error)) << error;
  options.backend_options.receive_buffers = 64;  // few, so that running out of them is tested too
  return options;
}

void IoTest::SetUp() {
  if (GetParam().kind == BackendKind::kSim) {
    SimOptions options;
    const char* wanted = std::getenv("GYRE_SEED");
    options.seed = wanted ? std::strtoull(wanted, nullptr, 10) : std::random_device{}();
    RecordProperty("seed", std::to_string(options.seed));
    std::printf("seed %llu (GYRE_SEED repeats it)\n", static_cast<unsigned long long>(options.seed));
    world_ = std::make_unique<SimWorld>(options);
    reactor_ = std::make_unique<Reactor>(options_of(GetParam()), world_->make_backend());
  } else {
    std::string note, error;
    reactor_ = Reactor::create(options_of(GetParam()), &note, &error);
    ASSERT_TRUE(reactor_) << error;
  }
  on_thread_.emplace(*reactor_);
  // A condition that comes true before the wait of a turn keeps that turn from blocking.
  reactor_->add_background([this] { return condition_ && (*condition_)(); });
}

void IoTest::TearDown() {
  if (reactor_) run_all();
  on_thread_.reset();
}

bool IoTest::run_until(const std::function<bool()>& condition, int64_t limit_ms) {
  bool late = false;
  Timer guard([](void* flag) { *static_cast<bool*>(flag) = true; }, &late);
  reactor_->turn(false);
  reactor_->arm(guard, reactor_->now_us() + limit_ms * 1000);
  condition_ = &condition;
  while (!condition() && !late) reactor_->turn(true);
  condition_ = nullptr;
  EXPECT_FALSE(late) << "still waiting after " << limit_ms << " ms";
  return !late;
}

IoTest::Pair IoTest::unix_pair() {
  if (simulated()) return tcp_pair();
  int fds[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
  return {reactor_->adopt(fds[0]), reactor_->adopt(fds[1])};
}

IoTest::Pair IoTest::tcp_pair() {
  if (simulated()) {
    auto [first, second] = world_->pair();
    return {reactor_->adopt(first), reactor_->adopt(second)};
  }
  uint16_t port;
  int listener = listen_tcp(&port);
  socklen_t length;
  sockaddr_storage address = loopback(port, &length);
  int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(client, reinterpret_cast<sockaddr*>(&address), length), 0);
  int server = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  EXPECT_GE(server, 0);
  ::close(listener);
  return {reactor_->adopt(client), reactor_->adopt(server)};
}

void IoTest::half_close(Stream& stream) {
  if (simulated())
    world_->half_close(stream.fd());
  else
    ::shutdown(stream.fd(), SHUT_WR);
}

int IoTest::listen(uint16_t* port) {
  if (!simulated()) return listen_tcp(port);
  *port = 7000;
  socklen_t length;
  sockaddr_storage address = loopback(*port, &length);
  return world_->listen(address, length);
}

void IoTest::close_listener(int fd) {
  if (simulated())
    reactor_->backend().close(fd);
  else
    ::close(fd);
}

static coro::Task<void> close_stream(std::unique_ptr<Stream> stream, int64_t linger_ms) {
  co_await stream->close(linger_ms);
}

void IoTest::close(std::unique_ptr<Stream> stream, int64_t linger_ms) {
  scope_.spawn(close_stream(std::move(stream), linger_ms));
}

std::string pattern(size_t bytes, unsigned seed) {
  std::string text(bytes, '\0');
  uint32_t x = seed * 2654435761u + 12345;
  for (size_t i = 0; i < bytes; ++i) {
    x = x * 1664525 + 1013904223;
    text[i] = static_cast<char>(x >> 24);
  }
  return text;
}

int listen_tcp(uint16_t* port, int backlog) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(fd, backlog), 0);
  socklen_t length = sizeof address;
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
  *port = ntohs(address.sin_port);
  return fd;
}

sockaddr_storage loopback(uint16_t port, socklen_t* length) {
  sockaddr_storage storage{};
  auto& address = reinterpret_cast<sockaddr_in&>(storage);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  *length = sizeof address;
  return storage;
}

coro::Task<void> echo(std::unique_ptr<Stream> stream) {
  for (;;) {
    Received received = co_await stream->recv();
    if (received.size == 0) break;
    stream->output().append({received.data, received.size});
    stream->flush();
    co_await stream->drained(256 * 1024);
  }
  co_await stream->close(5000);
}

coro::Task<void> collect(Stream* stream, std::string* into, int* error) {
  for (;;) {
    Received received = co_await stream->recv();
    if (received.size == 0) {
      *error = received.error;
      co_return;
    }
    into->append(received.data, received.size);
  }
}

coro::Task<void> nap(Reactor* reactor, int64_t us, bool* over) {
  co_await reactor->sleep_us(us);
  *over = true;
}

}  // namespace gyre::io
