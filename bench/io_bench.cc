// A server that answers every PING of a pipeline and does nothing else: what the reactor, the streams and a
// backend cost per command, without a parser or a keyspace. Load it with redis-benchmark -t ping_mbulk -c 50
// [-P n] and compare the CPU time that it prints with that of other servers under the same load.
//
//   io_bench PORT [io_uring|epoll] [features]
//
// Prints, on each INT signal or on end of the load (a connection that sends "QUIT"), CPU microseconds per
// command.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "gyre/io/reactor.h"

namespace {

using gyre::coro::Task;
using gyre::io::Reactor;
using gyre::io::Received;
using gyre::io::Stream;

uint64_t commands = 0;

double cpu_us() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void report(Reactor& reactor) {
  static double last_us = 0;
  static uint64_t last_commands = 0, last_calls = 0, last_turns = 0;
  const auto& counters = reactor.backend().counters();
  const double now_us = cpu_us();
  const double count = static_cast<double>(commands - last_commands);
  if (count > 0)
    std::printf("%.0f commands, %.3f us CPU, %.3f system calls, %.3f turns per command\n", count,
                (now_us - last_us) / count, static_cast<double>(counters.system_calls - last_calls) / count,
                static_cast<double>(counters.turns - last_turns) / count);
  std::fflush(stdout);
  last_us = now_us;
  last_commands = commands;
  last_calls = counters.system_calls;
  last_turns = counters.turns;
}

Task<void> serve(Reactor* reactor, std::unique_ptr<Stream> stream) {
  constexpr std::string_view kPing = "*1\r\n$4\r\nPING\r\n";
  size_t partial = 0;
  for (;;) {
    Received received = co_await stream->recv();
    if (received.size == 0) break;
    if (received.data[0] == 'Q') {
      report(*reactor);
      break;
    }
    size_t bytes = partial + received.size;
    for (; bytes >= kPing.size(); bytes -= kPing.size()) {
      stream->output().append("+PONG\r\n");
      ++commands;
    }
    partial = bytes;
    stream->flush();
  }
  co_await stream->close(100);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: io_bench PORT [io_uring|epoll] [features]\n"), 2;
  gyre::io::ReactorOptions options;
  options.backend = argc > 2 && std::strcmp(argv[2], "epoll") == 0 ? gyre::io::BackendKind::kEpoll
                                                                   : gyre::io::BackendKind::kUring;
  std::string note, error;
  if (argc > 3 && !options.backend_options.uring.parse(argv[3], &error)) return std::puts(error.c_str()), 2;
  auto reactor = Reactor::create(options, &note, &error);
  if (!reactor) return std::puts(error.c_str()), 1;
  std::printf("%s: %s\n", reactor->backend().name(), reactor->backend().describe().c_str());

  int listener = ::socket(AF_INET, SOCK_STREAM, 0), one = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return std::perror("bind"), 1;
  ::listen(listener, 512);
  Reactor::Acceptor acceptor;
  acceptor.on_accept = [&](int fd) {
    if (fd < 0) return;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    reactor->scope().spawn(serve(reactor.get(), reactor->adopt(fd)));
  };
  reactor->start_accepting(acceptor, listener);
  std::fflush(stdout);
  reactor->run();
}
