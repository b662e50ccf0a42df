#include <algorithm>
#include <cstring>

#include "gyre/base/memory.h"
#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class StreamTest : public IoTest {};

/// Sends `text` in pieces and collects what comes back.
Task<void> ask(Stream* stream, std::string text, size_t piece, std::string* answer) {
  size_t sent = 0;
  while (answer->size() < text.size()) {
    if (sent == answer->size()) {
      size_t bytes = std::min(piece, text.size() - sent);
      stream->output().append({text.data() + sent, bytes});
      sent += bytes;
      stream->flush();
    }
    Received received = co_await stream->recv();
    if (received.size == 0) co_return;
    answer->append(received.data, received.size);
  }
}

TEST_P(StreamTest, EchoesSmallAndLargePieces) {
  for (size_t piece : {1, 7, 1000, 16384, 100'000, 1'000'000}) {
    auto pair = piece % 2 ? unix_pair() : tcp_pair();
    scope_.spawn(echo(std::move(pair.second)));
    std::string text = pattern(std::min<size_t>(piece * 20, 3'000'000), static_cast<unsigned>(piece)), answer;
    scope_.spawn(ask(pair.first.get(), text, piece, &answer));
    ASSERT_TRUE(run_until([&] { return answer.size() == text.size(); }));
    EXPECT_EQ(answer, text);
    EXPECT_EQ(pair.first->bytes_in(), text.size());
    EXPECT_EQ(pair.first->bytes_out(), text.size());
    close(std::move(pair.first));
    ASSERT_TRUE(run_all());
  }
}

TEST_P(StreamTest, ManyConnectionsAtOnce) {
  constexpr int kConnections = 200;
  std::vector<std::unique_ptr<Stream>> clients;
  std::vector<std::string> answers(kConnections);
  std::string text = pattern(20'000);
  for (int i = 0; i < kConnections; ++i) {
    auto pair = unix_pair();
    scope_.spawn(echo(std::move(pair.second)));
    clients.push_back(std::move(pair.first));
  }
  for (int i = 0; i < kConnections; ++i) scope_.spawn(ask(clients[i].get(), text, 1000, &answers[i]));
  ASSERT_TRUE(run_until([&] {
    for (auto& answer : answers)
      if (answer.size() < text.size()) return false;
    return true;
  }));
  for (auto& answer : answers) EXPECT_EQ(answer, text);
  for (auto& client : clients) close(std::move(client));
  ASSERT_TRUE(run_all());
}

// 20 MB that are sent by reference, with a small piece before and behind.
TEST_P(StreamTest, SendsByReference) {
  for (bool tcp : {false, true}) {
    auto pair = tcp ? tcp_pair() : unix_pair();
    std::string text = pattern(tcp ? 20'000'000 : 2'000'000);
    base::Blob blob = base::Blob::copy_of(text);
    pair.first->output().append("before");
    pair.first->output().append_ref(blob, 0, blob.size());
    pair.first->output().append("behind");
    pair.first->flush();
    EXPECT_GE(pair.first->pending_footprint(), text.size());
    std::string got;
    int error = -1;
    scope_.spawn(collect(pair.second.get(), &got, &error));
    ASSERT_TRUE(run_until([&] { return got.size() == text.size() + 12; }));
    EXPECT_TRUE(got == "before" + text + "behind");
    EXPECT_EQ(pair.first->pending(), 0u);
    close(std::move(pair.first));
    ASSERT_TRUE(run_all());
    EXPECT_TRUE(blob.unique());
    EXPECT_EQ(error, 0);
    close(std::move(pair.second));
    ASSERT_TRUE(run_all());
  }
}

Task<void> receive_exact(Stream* stream, size_t small, size_t large, std::string* out, int* result) {
  Received received = co_await stream->recv();
  EXPECT_GT(received.size, 0u);
  out->assign(received.data, received.size);
  size_t have = out->size(), progress = 0;
  out->resize(small + large);
  *result = co_await stream->recv_exact(out->data() + have, small + large - have, &progress);
  if (*result == 0) {
    EXPECT_EQ(progress, small + large - have);
  }
}

TEST_P(StreamTest, ReceivesExactly) {
  auto pair = tcp_pair();
  std::string text = pattern(5'000'000), got;
  int result = -1, error = -1;
  scope_.spawn(receive_exact(pair.second.get(), 100, text.size() - 100, &got, &result));
  pair.first->output().append({text.data(), 100});
  pair.first->flush();
  ASSERT_TRUE(run_until([&] { return got.size() > 100; }));
  pair.first->output().append({text.data() + 100, text.size() - 100});
  pair.first->output().append("more");
  pair.first->flush();
  ASSERT_TRUE(run_until([&] { return result != -1; }));
  EXPECT_EQ(result, 0);
  EXPECT_TRUE(got == text);
  std::string rest;
  scope_.spawn(collect(pair.second.get(), &rest, &error));
  ASSERT_TRUE(run_until([&] { return rest == "more"; }));
  close(std::move(pair.first));
  ASSERT_TRUE(run_until([&] { return error != -1; }));
  EXPECT_EQ(error, 0);
  close(std::move(pair.second));
}

TEST_P(StreamTest, ReceivingExactlyReportsAnEarlyEnd) {
  auto pair = unix_pair();
  std::string got;
  int result = -1;
  scope_.spawn(receive_exact(pair.second.get(), 10, 1000, &got, &result));
  pair.first->output().append(pattern(500));
  pair.first->flush();
  close(std::move(pair.first));
  ASSERT_TRUE(run_until([&] { return result != -1; }));
  EXPECT_EQ(result, ECONNRESET);
  close(std::move(pair.second));
}

Task<void> sleepy(Stream* stream, coro::Event* go, std::string* into) {
  Received received = co_await stream->recv();
  into->append(received.data, received.size);
  co_await *go;
  while (into->size() < 3'000'000) {
    received = co_await stream->recv();
    if (received.size == 0) co_return;
    into->append(received.data, received.size);
  }
}

// While the reader waits for something else, at most a bounded part of what arrives is taken from the kernel.
TEST_P(StreamTest, KeepsABoundedPartWhileNobodyReads) {
  auto pair = unix_pair();
  std::string text = pattern(3'000'000), got;
  coro::Event go;
  scope_.spawn(sleepy(pair.second.get(), &go, &got));
  pair.first->output().append(text);
  pair.first->flush();
  bool over = false;
  scope_.spawn(nap(reactor_.get(), 30'000, &over));
  ASSERT_TRUE(run_until([&] { return over; }));
  // At most the limit, and what one turn of a backend brings before the cancellation is done.
  EXPECT_LE(pair.second->bytes_in(), 64u * kReceiveBufferBytes + 256 * 1024);
  EXPECT_GT(pair.first->pending(), 0u);
  go.set();
  ASSERT_TRUE(run_until([&] { return got.size() == text.size(); }));
  EXPECT_TRUE(got == text);
  close(std::move(pair));
}

Task<void> paced(Stream* stream, int rounds, int* done) {
  for (; *done < rounds; ++*done) {
    stream->output().append(pattern(100));
    stream->flush();
    if (!co_await stream->drained(0)) co_return;
  }
}

// A send whose success somebody waits for must end the backend's wait: nothing else happens here.
TEST_P(StreamTest, ADrainerIsWokenWithoutOtherEvents) {
  auto pair = unix_pair();
  int done = 0;
  scope_.spawn(paced(pair.first.get(), 100, &done));
  ASSERT_TRUE(run_until([&] { return done == 100; }, 5000));
  close(std::move(pair));
}

// Attempts on full sockets: each must be noticed although the wait does not count attempts that succeed.
TEST_P(StreamTest, AThousandAttemptsOnFullSockets) {
  if (simulated()) GTEST_SKIP() << "fills real sockets";
  constexpr size_t kConnections = 1000;
  std::vector<Pair> pairs;
  std::vector<std::string> got(kConnections);
  std::vector<int> errors(kConnections, -1);
  const std::string filler(16'000, 'f'), text = pattern(1000);
  std::vector<size_t> filled(kConnections);
  for (size_t i = 0; i < kConnections; ++i) {
    pairs.push_back(unix_pair());
    // Large enough that the attempt finds no room, or room for a part.
    int small = 4096;
    setsockopt(pairs[i].first->fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    for (ssize_t n; (n = ::send(pairs[i].first->fd(), filler.data(), i % 2 ? 1000 : 3000, MSG_DONTWAIT)) > 0;)
      filled[i] += static_cast<size_t>(n);
  }
  for (auto& pair : pairs) {
    pair.first->output().append(text);
    pair.first->flush();
  }
  reactor_->turn(true);  // must not block: the attempts that failed end the wait
  reactor_->turn(false);
  for (auto& pair : pairs) EXPECT_GT(pair.first->pending(), 0u);
  for (size_t i = 0; i < kConnections; ++i) scope_.spawn(collect(pairs[i].second.get(), &got[i], &errors[i]));
  ASSERT_TRUE(run_until([&] {
    for (size_t i = 0; i < kConnections; ++i)
      if (got[i].size() < filled[i] + text.size()) return false;
    return true;
  }));
  for (size_t i = 0; i < kConnections; ++i) EXPECT_TRUE(got[i] == std::string(filled[i], 'f') + text);
  for (auto& pair : pairs) close(std::move(pair.first));
  ASSERT_TRUE(run_all());
  for (auto& pair : pairs) close(std::move(pair.second));
}

TEST_P(StreamTest, Addresses) {
  if (simulated()) GTEST_SKIP() << "real addresses";
  auto pair = tcp_pair();
  EXPECT_EQ(pair.first->peer_address(), pair.second->local_address());
  EXPECT_EQ(pair.first->local_address().substr(0, 10), "127.0.0.1:");
  EXPECT_FALSE(pair.first->is_unix());
  close(std::move(pair));
  auto local = unix_pair();
  EXPECT_TRUE(local.first->is_unix());
  EXPECT_EQ(local.first->peer_address(), ":0");
  close(std::move(local));
}

Task<void> wait_for_nothing(Stream* stream) { (void)co_await stream->recv(); }

// An idle connection is its object and its coroutine: no buffer, whether or not it was busy before.
TEST_P(StreamTest, IdleStreamsHoldNoBuffers) {
  if (simulated()) GTEST_SKIP() << "the simulation keeps books of its own";
  constexpr size_t kPairs = 300;
  std::vector<Pair> pairs;
  pairs.reserve(kPairs);
  std::vector<std::string> got(kPairs);
  std::vector<int> errors(kPairs, -1);
  reactor_->turn(false);
  const int64_t before = base::allocated_bytes();
  for (size_t i = 0; i < kPairs; ++i) {
    pairs.push_back(unix_pair());
    scope_.spawn(wait_for_nothing(pairs[i].first.get()));
    scope_.spawn(collect(pairs[i].second.get(), &got[i], &errors[i]));
    pairs[i].first->output().append("busy once");
    pairs[i].first->flush();
  }
  ASSERT_TRUE(run_until(
      [&] { return std::all_of(got.begin(), got.end(), [](auto& text) { return text.size() == 9; }); }));
  size_t footprint = 0;
  for (auto& pair : pairs) footprint += pair.first->pending_footprint() + pair.second->pending_footprint();
  EXPECT_EQ(footprint, 0u);
  // Chunks that went back to the thread's pool, and tables of the backend, are not the streams'.
  const int64_t pooled = static_cast<int64_t>(base::OutBuffer::kChunkBytes) * 300 + 100'000;
  EXPECT_LE(base::allocated_bytes() - before, static_cast<int64_t>(2 * kPairs * (600 + 400)) + pooled);
  for (auto& pair : pairs) pair.first->shutdown();
  ASSERT_TRUE(run_all());
  for (auto& pair : pairs) close(std::move(pair));
}

GYRE_IO_TEST(StreamTest);

// What an idle connection holds: the object, no buffers.
TEST(Stream, IsSmall) { EXPECT_LE(sizeof(SocketStream), 600u); }

}  // namespace
}  // namespace gyre::io
