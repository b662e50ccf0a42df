// What only the simulation can show: cuts, held networks, disks that fail, power cuts, and that a seed
// repeats a run.
#include "gyre/io/sim.h"

#include <fcntl.h>

#include <cerrno>

#include "io_test.h"

namespace gyre::io {
namespace {

using coro::Task;

class SimTest : public ::testing::Test {
 protected:
  void start(SimOptions options = {}) {
    world_ = std::make_unique<SimWorld>(options);
    ReactorOptions reactor_options;
    reactor_ = std::make_unique<Reactor>(reactor_options, world_->make_backend());
    on_thread_.emplace(*reactor_);
  }
  void TearDown() override {
    on_thread_.reset();
    reactor_.reset();
    world_.reset();
  }
  /// Turns until the scope is empty; false when virtual time runs out.
  bool run(int64_t limit_us = 60'000'000) {
    const int64_t end_us = world_->now_us() + limit_us;
    Timer guard([](void*) {}, nullptr);
    reactor_->arm(guard, end_us);
    while (scope_.running() > 0 && world_->now_us() < end_us) reactor_->turn(true);
    return scope_.running() == 0;
  }

  std::unique_ptr<SimWorld> world_;
  std::unique_ptr<Reactor> reactor_;
  std::optional<Reactor::OnThread> on_thread_;
  coro::Scope scope_;
};

Task<void> send_all(std::unique_ptr<Stream> stream, std::string text, int* result) {
  stream->output().append(text);
  stream->flush();
  *result = co_await stream->drained(0);
  co_await stream->close(1000);
}

Task<void> receive_all(std::unique_ptr<Stream> stream, std::string* into, int* error, int64_t* at_us,
                       Reactor* reactor) {
  for (;;) {
    Received received = co_await stream->recv();
    *at_us = reactor->now_us();
    if (received.size == 0) {
      *error = received.error;
      break;
    }
    into->append(received.data, received.size);
  }
  co_await stream->close(1000);
}

TEST_F(SimTest, TheSameSeedGivesTheSameRun) {
  std::vector<std::pair<int64_t, uint64_t>> ends;
  for (uint64_t seed : {7, 7, 8}) {
    SimOptions options;
    options.seed = seed;
    start(options);
    auto [a, b] = world_->pair();
    std::string got, text = pattern(1'000'000);
    int sent = -1, error = -1;
    int64_t at_us = 0;
    scope_.spawn(send_all(reactor_->adopt(a), text, &sent));
    scope_.spawn(receive_all(reactor_->adopt(b), &got, &error, &at_us, reactor_.get()));
    ASSERT_TRUE(run());
    EXPECT_TRUE(got == text);
    EXPECT_EQ(error, 0);
    ends.emplace_back(at_us, reactor_->turns());
    TearDown();
  }
  EXPECT_EQ(ends[0], ends[1]);
  EXPECT_NE(ends[0], ends[2]);
}

TEST_F(SimTest, CutsAreSeenAtBothEnds) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SimOptions options;
    options.seed = seed;
    options.cut = 0.05;
    start(options);
    auto [a, b] = world_->pair();
    std::string got, text = pattern(3'000'000);
    int sent = -1, error = -1;
    int64_t at_us = 0;
    scope_.spawn(send_all(reactor_->adopt(a), text, &sent));
    scope_.spawn(receive_all(reactor_->adopt(b), &got, &error, &at_us, reactor_.get()));
    ASSERT_TRUE(run()) << "seed " << seed;
    EXPECT_EQ(got, text.substr(0, got.size())) << "seed " << seed;
    if (got.size() < text.size()) {
      EXPECT_EQ(error, ECONNRESET) << "seed " << seed;
    }
    TearDown();
  }
}

TEST_F(SimTest, AHeldNetworkDeliversLater) {
  start();
  auto [a, b] = world_->pair();
  std::string got;
  int sent = -1, error = -1;
  int64_t at_us = 0;
  world_->hold(a, true);
  scope_.spawn(receive_all(reactor_->adopt(b), &got, &error, &at_us, reactor_.get()));
  auto stream = reactor_->adopt(a);
  stream->output().append("late");
  stream->flush();
  EXPECT_FALSE(run(5'000'000));
  EXPECT_EQ(got, "");
  world_->hold(a, false);
  scope_.spawn(send_all(std::move(stream), "", &sent));
  ASSERT_TRUE(run());
  EXPECT_EQ(got, "late");
  EXPECT_GT(at_us, 5'000'000);
}

Task<void> write_file(Reactor* reactor, std::string path, std::string text, bool sync, int* result) {
  int fd = co_await reactor->open(path, O_WRONLY | O_CREAT, 0644);
  size_t done = 0;
  while (done < text.size()) {
    *result = co_await reactor->write(fd, text.data() + done, text.size() - done, static_cast<int64_t>(done));
    if (*result < 0) break;
    done += static_cast<size_t>(*result);
  }
  if (*result >= 0 && sync) *result = co_await reactor->fsync(fd);
  co_await reactor->close_file(fd);
}

Task<void> sync_directory(Reactor* reactor, std::string path) {
  int fd = co_await reactor->open(path, O_RDONLY | O_DIRECTORY, 0);
  EXPECT_EQ(co_await reactor->fsync(fd), 0);
  co_await reactor->close_file(fd);
}

Task<void> rename(Reactor* reactor, std::string from, std::string to) {
  EXPECT_EQ(co_await reactor->rename(from, to), 0);
}

TEST_F(SimTest, APowerCutDropsWhatNoFsyncCovers) {
  start();
  int result = -1;
  auto step = [&](Task<void> task) {
    scope_.spawn(std::move(task));
    ASSERT_TRUE(run());
  };
  step(write_file(reactor_.get(), "d/kept", "old", true, &result));
  step(sync_directory(reactor_.get(), "d"));
  step(write_file(reactor_.get(), "d/kept", "newer", false, &result));      // bytes without fsync
  step(write_file(reactor_.get(), "d/nameless", "synced", true, &result));  // a name without fsync
  step(write_file(reactor_.get(), "d/temporary", "replacement", true, &result));
  EXPECT_EQ(*world_->disk().content("d/kept"), "newer");
  world_->disk().power_cut();
  EXPECT_EQ(world_->disk().names(), (std::vector<std::string>{"d/kept"}));
  EXPECT_EQ(*world_->disk().content("d/kept"), "old");

  // The way that is safe: write, fsync, rename, fsync of the directory.
  step(write_file(reactor_.get(), "d/temporary", "replacement", true, &result));
  step(rename(reactor_.get(), "d/temporary", "d/kept"));
  EXPECT_EQ(*world_->disk().durable_content("d/kept"), "old");
  step(sync_directory(reactor_.get(), "d"));
  world_->disk().power_cut();
  EXPECT_EQ(world_->disk().names(), (std::vector<std::string>{"d/kept"}));
  EXPECT_EQ(*world_->disk().content("d/kept"), "replacement");
}

TEST_F(SimTest, DisksFillUpAndFail) {
  SimOptions options;
  options.disk_bytes = 1000;
  start(options);
  int result = -1;
  scope_.spawn(write_file(reactor_.get(), "a", pattern(3000), false, &result));
  ASSERT_TRUE(run());
  EXPECT_EQ(result, -ENOSPC);
  EXPECT_EQ(world_->disk().content("a")->size(), 1000u);
  world_->options().disk_bytes = 1'000'000;
  world_->disk().fail_next(Backend::kFsync, EIO);
  scope_.spawn(write_file(reactor_.get(), "a", pattern(3000), true, &result));
  ASSERT_TRUE(run());
  EXPECT_EQ(result, -EIO);
}

}  // namespace
}  // namespace gyre::io
