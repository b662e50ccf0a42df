#include "gyre/io/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <set>
#include <thread>

#include "gyre/io/signals.h"
#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class ListenerTest : public IoTest {
 protected:
  int connect_to(uint16_t port) {
    socklen_t length;
    sockaddr_storage address = loopback(port, &length);
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), length), 0) << std::strerror(errno);
    return fd;
  }
};

TEST(Listener, BindsAndReportsErrors) {
  Listening any = open_tcp("*", 0, 16);
  ASSERT_GE(any.fd, 0) << any.reason;
  EXPECT_NE(any.port, 0);
  Listening again = open_tcp("127.0.0.1", any.port, 16);
  EXPECT_LT(again.fd, 0);
  EXPECT_EQ(again.reason, "bind: Address already in use");
  EXPECT_FALSE(again.unavailable());
  Listening six = open_tcp("::*", any.port, 16);  // beside IPv4 on the same port, where there is IPv6
  if (six.fd >= 0)
    ::close(six.fd);
  else
    EXPECT_TRUE(six.unavailable()) << six.reason;
  Listening nowhere = open_tcp("192.0.2.1", 0, 16);
  EXPECT_LT(nowhere.fd, 0);
  EXPECT_TRUE(nowhere.unavailable());
  ::close(any.fd);
}

TEST(Listener, UnixSocketsHaveTheirPermissions) {
  char folder[] = "/tmp/gyre-listener-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder));
  std::string path = std::string(folder) + "/socket";
  for (int round = 0; round < 2; ++round) {  // the second finds the first one's file
    Listening listening = open_unix(path, 0700, 16);
    ASSERT_GE(listening.fd, 0) << listening.reason;
    struct stat status;
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
    ::close(listening.fd);
  }
  EXPECT_EQ(open_unix(std::string(200, 'x'), 0, 1).error, ENAMETOOLONG);
  unlink(path.c_str());
  rmdir(folder);
}

Task<void> stop(Acceptor* acceptor) { co_await acceptor->stop(); }

TEST_P(ListenerTest, HandsConnectionsToAllReactors) {
  if (simulated()) GTEST_SKIP() << "the machine's own sockets and signals";
  std::string note, error;
  auto second = Reactor::create(options_of(GetParam()), &note, &error),
       third = Reactor::create(options_of(GetParam()), &note, &error);
  ASSERT_TRUE(second && third) << error;
  std::thread runners[] = {std::thread([&] { second->run(); }), std::thread([&] { third->run(); })};
  std::atomic<int> on_right_thread{0}, nodelay{0};
  std::atomic<Reactor*> owners[12] = {};
  int fds[12] = {};
  std::atomic<size_t> handed{0};
  Acceptor acceptor({reactor_.get(), second.get(), third.get()}, 300, [&](Reactor& reactor, int fd, size_t) {
    if (Reactor::current() == &reactor) ++on_right_thread;
    int value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0 && value) ++nodelay;
    size_t place = handed.fetch_add(1);
    owners[place] = &reactor;
    fds[place] = fd;
  });
  Listening listening = open_tcp("127.0.0.1", 0, 64);
  ASSERT_GE(listening.fd, 0);
  const uint16_t port = listening.port;
  acceptor.add(listening);
  std::vector<int> clients;
  auto connect_some = [&](size_t count) {
    for (size_t i = 0; i < count; ++i) clients.push_back(connect_to(port));
    // What other threads do ends no wait here: look again each millisecond.
    Timer tick([](void*) {}, nullptr);
    return run_until([&] {
      reactor_->arm(tick, reactor_->now_us() + 1000);
      return handed == clients.size();
    });
  };
  ASSERT_TRUE(connect_some(6));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(acceptor.connections(i), 2u);
  // The one that lost two gets the next two.
  acceptor.ended(*second);
  acceptor.ended(*second);
  ASSERT_TRUE(connect_some(2));
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(acceptor.connections(i), 2u);
  EXPECT_EQ(on_right_thread, 8);
  EXPECT_EQ(nodelay, 8);
  scope_.spawn(stop(&acceptor));
  ASSERT_TRUE(run_all());
  second->stop();
  third->stop();
  for (auto& runner : runners) runner.join();
  for (int client : clients) ::close(client);
  for (size_t i = 0; i < handed; ++i) ::close(fds[i]);
}

// Out of descriptors: the log is told, the peer waits in the backlog, and is served when there is one again.
TEST_P(ListenerTest, RecoversFromHavingNoDescriptors) {
  if (simulated()) GTEST_SKIP() << "the machine's own sockets and signals";
  std::vector<int> accepted;
  Acceptor acceptor({reactor_.get()}, 0, [&](Reactor&, int fd, size_t) { accepted.push_back(fd); });
  Listening listening = open_tcp("127.0.0.1", 0, 64);
  ASSERT_GE(listening.fd, 0);
  int client = connect_to(listening.port);
  // Before the accept is armed: io_uring takes the limit of that time.
  rlimit before{}, few{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  few = before;
  few.rlim_cur = static_cast<rlim_t>(client) + 20;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<int> fillers;
  for (int fd; (fd = dup(client)) >= 0;) fillers.push_back(fd);
  acceptor.add(listening);
  Timer tick([](void*) {}, nullptr);
  reactor_->arm(tick, reactor_->now_us() + 120'000);
  const uint64_t turns = reactor_->turns();
  ASSERT_TRUE(run_until([&] { return !tick.armed(); }));
  EXPECT_LT(reactor_->turns() - turns, 100u) << "the reactor spins";
  EXPECT_TRUE(accepted.empty());
  for (int fd : fillers) ::close(fd);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(run_until([&] { return accepted.size() == 1; }));
  scope_.spawn(stop(&acceptor));
  ASSERT_TRUE(run_all());
  ::close(client);
  for (int fd : accepted) ::close(fd);
}

Task<void> stop_signals(Signals* signals) { co_await signals->stop(); }

TEST_P(ListenerTest, SignalsBecomeCalls) {
  if (simulated()) GTEST_SKIP() << "the machine's own sockets and signals";
  std::vector<int> got;
  Signals signals(*reactor_, {SIGUSR1, SIGUSR2}, [&](int number) { got.push_back(number); });
  std::thread([] { raise(SIGUSR1); }).join();
  ASSERT_TRUE(run_until([&] { return got.size() == 1; }));
  kill(getpid(), SIGUSR2);
  ASSERT_TRUE(run_until([&] { return got.size() == 2; }));
  EXPECT_EQ(got, (std::vector<int>{SIGUSR1, SIGUSR2}));
  scope_.spawn(stop_signals(&signals));
  ASSERT_TRUE(run_all());
}

GYRE_IO_TEST(ListenerTest);

}  // namespace
}  // namespace gyre::io
