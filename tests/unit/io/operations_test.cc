// One-shot operations: files, accept and connect, foreign descriptors.
#include <fcntl.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstdlib>

#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class OperationsTest : public IoTest {};

// write() and read() may move a part only.
Task<int> write_all(Reactor* reactor, int fd, std::string_view text, int64_t offset) {
  size_t done = 0;
  while (done < text.size()) {
    int n = co_await reactor->write(fd, text.data() + done, text.size() - done,
                                    offset < 0 ? -1 : offset + static_cast<int64_t>(done));
    if (n <= 0) co_return n;
    done += static_cast<size_t>(n);
  }
  co_return static_cast<int>(done);
}

Task<int> read_all(Reactor* reactor, int fd, char* into, size_t bytes) {
  size_t done = 0;
  while (done < bytes) {
    int n = co_await reactor->read(fd, into + done, bytes - done, static_cast<int64_t>(done));
    if (n < 0) co_return n;
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  co_return static_cast<int>(done);
}

Task<void> file_round_trip(Reactor* reactor, std::string folder, int* step) {
  std::string path = folder + "/a", renamed = folder + "/b", text = pattern(100'000);
  int fd = co_await reactor->open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(co_await write_all(reactor, fd, text, 0), static_cast<int>(text.size()));
  EXPECT_EQ(co_await write_all(reactor, fd, "tail", static_cast<int64_t>(text.size())), 4);
  EXPECT_EQ(co_await reactor->fsync(fd), 0);
  EXPECT_EQ(co_await reactor->fdatasync(fd), 0);
  std::string back(text.size() + 4, '\0');
  EXPECT_EQ(co_await read_all(reactor, fd, back.data(), back.size()), static_cast<int>(back.size()));
  EXPECT_TRUE(back == text + "tail");
  EXPECT_EQ(co_await reactor->truncate(fd, 10), 0);
  EXPECT_EQ(co_await read_all(reactor, fd, back.data(), 100), 10);
  EXPECT_EQ(co_await reactor->close_file(fd), 0);
  EXPECT_EQ(co_await reactor->rename(path, renamed), 0);
  EXPECT_EQ(co_await reactor->open(path, O_RDONLY, 0), -ENOENT);
  fd = co_await reactor->open(renamed, O_WRONLY | O_APPEND, 0);
  EXPECT_GE(fd, 0);
  EXPECT_EQ(co_await write_all(reactor, fd, "more", -1), 4);
  EXPECT_EQ(co_await reactor->close_file(fd), 0);
  EXPECT_EQ(co_await reactor->unlink(renamed), 0);
  EXPECT_EQ(co_await reactor->unlink(renamed), -ENOENT);
  EXPECT_EQ(co_await reactor->fsync(-1), -EBADF);
  *step = 1;
}

TEST_P(OperationsTest, Files) {
  char folder[] = "/tmp/gyre-io-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder));
  int step = 0;
  scope_.spawn(file_round_trip(reactor_.get(), folder, &step));
  ASSERT_TRUE(run_until([&] { return step == 1; }));
  rmdir(folder);
}

Task<void> connect(Reactor* reactor, uint16_t port, std::unique_ptr<Stream>* stream, int* error) {
  socklen_t length;
  sockaddr_storage address = loopback(port, &length);
  *stream = co_await reactor->connect(address, length, 5'000'000, error);
}

TEST_P(OperationsTest, AcceptsAndConnects) {
  uint16_t port;
  int listener = listen(&port);
  std::vector<std::unique_ptr<Stream>> accepted;
  Reactor::Acceptor acceptor;
  acceptor.on_accept = [&](int fd) {
    ASSERT_GE(fd, 0);
    accepted.push_back(reactor_->adopt(fd));
  };
  reactor_->start_accepting(acceptor, listener);
  constexpr size_t kClients = 100;
  std::vector<std::unique_ptr<Stream>> clients(kClients);
  std::vector<int> errors(kClients, -1);
  for (size_t i = 0; i < kClients; ++i) scope_.spawn(connect(reactor_.get(), port, &clients[i], &errors[i]));
  ASSERT_TRUE(run_until([&] { return accepted.size() == kClients && scope_.running() == 0; }));
  for (size_t i = 0; i < kClients; ++i) {
    EXPECT_EQ(errors[i], 0);
    EXPECT_TRUE(clients[i]);
  }
  reactor_->stop_accepting(acceptor);
  ASSERT_TRUE(run_until([&] { return acceptor.ended.is_set(); }));
  close_listener(listener);
  for (auto& stream : clients) close(std::move(stream));
  for (auto& stream : accepted) close(std::move(stream));
  ASSERT_TRUE(run_all());
}

TEST_P(OperationsTest, ConnectingToNobodyFails) {
  uint16_t port;
  close_listener(listen(&port));
  std::unique_ptr<Stream> stream;
  int error = -1;
  scope_.spawn(connect(reactor_.get(), port, &stream, &error));
  ASSERT_TRUE(run_until([&] { return error != -1; }));
  EXPECT_EQ(error, ECONNREFUSED);
  EXPECT_FALSE(stream);
}

Task<void> poll_once(Reactor* reactor, int fd, int* result) {
  *result = co_await reactor->poll(fd, 1 /*POLLIN*/);
}

TEST_P(OperationsTest, PollsForeignDescriptors) {
  if (simulated()) GTEST_SKIP() << "nothing foreign in there";
  int fd = eventfd(0, EFD_CLOEXEC);
  for (int round = 0; round < 3; ++round) {
    int result = -1;
    scope_.spawn(poll_once(reactor_.get(), fd, &result));
    reactor_->turn(false);
    EXPECT_EQ(result, -1);
    uint64_t value = 1;
    ASSERT_EQ(write(fd, &value, 8), 8);
    ASSERT_TRUE(run_until([&] { return result != -1; }));
    EXPECT_EQ(result & 1, 1);
    ASSERT_EQ(read(fd, &value, 8), 8);
  }
  ::close(fd);
}

GYRE_IO_TEST(OperationsTest);

}  // namespace
}  // namespace gyre::io
