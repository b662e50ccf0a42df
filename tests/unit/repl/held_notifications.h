// Notifications of zero-copy sends that are held back: as long as the peer's bytes have not been read, no
// buffer of the stream (a journal segment, a chunk of an image, a large value) is used for anything else.
//
// The simulated device reads a send's memory when the test releases its notification, late and in any order;
// what was overwritten, or freed and used again, by then shows as other bytes at the peer (and as a report of
// AddressSanitizer).
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "gyre/coro/scope.h"
#include "gyre/io/reactor.h"
#include "gyre/io/sim.h"
#include "gyre/io/stream.h"

namespace gyre::repl {

using coro::Task;

// As in replica.cc.
inline constexpr size_t kSendBytes = size_t{256} << 10;
inline constexpr size_t kLowBytes = size_t{64} << 10;

inline std::string random_bytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (size_t at = 0; at < size; at += sizeof(uint64_t)) {
    const uint64_t word = random();
    std::memcpy(bytes.data() + at, &word, std::min(sizeof word, size - at));
  }
  return bytes;
}

inline Task<void> collect(io::Stream* stream, std::string* into) {
  for (;;) {
    const io::Received received = co_await stream->recv();
    if (received.size == 0) break;
    into->append(received.data, received.size);
  }
  co_await stream->close(0);
}

class HeldNotifications : public ::testing::Test {
 protected:
  struct Link {
    std::unique_ptr<io::Stream> here, there;
    std::string got;
  };

  void SetUp() override {
    const uint64_t seed = std::random_device()();
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    random_.seed(seed);
    io::SimOptions options;
    options.seed = seed;
    options.window_bytes = size_t{8} << 20;
    world_ = std::make_unique<io::SimWorld>(options);
    io::ReactorOptions reactor_options;
    reactor_options.zero_copy = io::ZeroCopy::kOn;
    reactor_options.zero_copy_threshold = 16 * 1024;
    reactor_ = std::make_unique<io::Reactor>(reactor_options, world_->make_backend());
    on_thread_.emplace(*reactor_);
    world_->hold_notifications(true);
    reactor_->arm(guard_, world_->now_us() +
                              int64_t{3600} * 1'000'000);  // so that a turn that finds nothing to do ends
  }
  void TearDown() override {
    reactor_->disarm(guard_);
    links_.clear();
    on_thread_.reset();
    reactor_.reset();
    world_.reset();
  }

  Link& connect(size_t expected_bytes) {
    const auto [a, b] = world_->pair();
    auto link = std::make_unique<Link>();
    link->here = reactor_->adopt(a);
    link->there = reactor_->adopt(b);
    link->got.reserve(expected_bytes);
    scope_.spawn(collect(link->there.get(), &link->got));
    return *links_.emplace_back(std::move(link));
  }
  void turns(int count = 20) {
    for (int i = 0; i < count; ++i) reactor_->turn(false);
  }
  bool run_until(const std::function<bool()>& condition) {
    for (int i = 0; i < 200'000; ++i) {
      if (condition()) return true;
      reactor_->turn(true);
    }
    return false;
  }
  size_t below(size_t bound) { return random_() % bound; }
  /// Lets go of sends, in any order, until at most `count` are held.
  void release_down_to(size_t count) {
    while (world_->held_notifications() > count)
      world_->release_notification(below(world_->held_notifications()));
  }
  size_t held_bytes() const {
    size_t bytes = 0;
    for (size_t i = 0; i < world_->held_notifications(); ++i) bytes += world_->held_bytes(i);
    return bytes;
  }
  /// Everything is released and has arrived; all streams end.
  void finish() {
    auto settled = [this] {
      release_down_to(0);
      return scope_.running() == links_.size();
    };
    ASSERT_TRUE(run_until(settled)) << "the senders do not end";
    for (const auto& link : links_) scope_.spawn(close(link->here.get()));
    ASSERT_TRUE(run_until([this] {
      release_down_to(0);
      return scope_.running() == 0;
    }));
  }
  static Task<void> close(io::Stream* stream) { co_await stream->close(60'000); }

  std::mt19937_64 random_;
  std::unique_ptr<io::SimWorld> world_;
  std::unique_ptr<io::Reactor> reactor_;
  std::optional<io::Reactor::OnThread> on_thread_;
  io::Timer guard_{[](void*) {}, nullptr};
  coro::Scope scope_;
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace gyre::repl
