// Single buffers under sends whose notifications are held back; and that a buffer used too early would be
// seen.
#include "held_notifications.h"

namespace gyre::repl {
namespace {

// ---- one by one ----

Task<void> send_blob(io::Stream* stream, base::Blob blob) {
  const size_t size = blob.size();
  stream->output().append_ref(std::move(blob), 0, size);
  stream->flush();
  (void)co_await stream->drained(0);
}

TEST_F(HeldNotifications, EachBufferIsFreeWithItsOwnNotification) {
  constexpr size_t kBuffers = 12, kBytes = 100'000;
  Link& link = connect(kBuffers * kBytes);
  std::string expected;
  std::vector<base::Blob> blobs;
  for (size_t i = 0; i < kBuffers; ++i) {
    expected += random_bytes(random_, kBytes);
    blobs.push_back(base::Blob::copy_of(std::string_view(expected).substr(i * kBytes)));
    const size_t running = scope_.running();
    scope_.spawn(send_blob(link.here.get(), blobs.back()));
    ASSERT_TRUE(run_until([&] { return scope_.running() == running; }));
    ASSERT_EQ(world_->held_notifications(), i + 1);
  }
  EXPECT_EQ(link.here->pending(), 0u) << "the results have come";
  std::vector<size_t> held(kBuffers);
  for (size_t i = 0; i < kBuffers; ++i) held[i] = i;
  while (!held.empty()) {
    for (size_t i : held)
      ASSERT_FALSE(blobs[i].unique()) << "buffer " << i << " is free before its notification";
    ASSERT_EQ(link.here->pending_footprint(), held.size() * kBytes);
    const size_t pick = below(held.size());
    const size_t released = held[pick];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(pick));
    world_->release_notification(pick);
    turns();
    ASSERT_TRUE(blobs[released].unique()) << "buffer " << released << " is not free behind its notification";
  }
  finish();
  EXPECT_TRUE(link.got == expected);
}

Task<void> close_and_tell(io::Stream* stream, bool* closed) {
  co_await stream->close(0);
  *closed = true;
}

TEST_F(HeldNotifications, AStreamThatEndsWaitsForThem) {
  for (const bool cut : {false, true}) {
    Link& link = connect(0);
    base::Blob blob = base::Blob::copy_of(random_bytes(random_, 200'000));
    const size_t running = scope_.running();
    scope_.spawn(send_blob(link.here.get(), blob));
    ASSERT_TRUE(run_until([&] { return scope_.running() == running; }));
    if (cut) world_->cut(link.here->fd());
    bool closed = false;
    scope_.spawn(close_and_tell(link.here.get(), &closed));
    turns(200);
    EXPECT_FALSE(closed);
    EXPECT_FALSE(blob.unique());
    world_->release_notification(0);
    ASSERT_TRUE(run_until([&] { return closed && scope_.running() == 0; }));
    EXPECT_TRUE(blob.unique());
    EXPECT_EQ(link.got.size(), cut ? 0 : blob.size());
  }
}

// ---- what the tests above would show ----

/// Sends from one buffer again and again, and fills it anew when it may; `early`: already when the result has
/// come.
Task<void> send_from_one_buffer(io::Stream* stream, io::Reactor* reactor,
                                const std::vector<std::string>* texts, bool early) {
  base::Blob buffer = base::Blob::create((*texts)[0].size());
  for (const std::string& text : *texts) {
    while (!early && !buffer.unique()) co_await reactor->sleep_us(100);
    std::memcpy(buffer.data(), text.data(), text.size());
    stream->output().append_ref(buffer, 0, text.size());
    stream->flush();
    (void)co_await stream->drained(0);
  }
}

TEST_F(HeldNotifications, ABufferUsedAgainTooEarlyShowsAtThePeer) {
  std::vector<std::string> texts(8);
  std::string expected;
  for (std::string& text : texts) expected += text = random_bytes(random_, 50'000);
  for (const bool early : {false, true}) {
    Link& link = connect(expected.size());
    scope_.spawn(send_from_one_buffer(link.here.get(), reactor_.get(), &texts, early));
    // The device reads once nothing else goes on.
    ASSERT_TRUE(run_until([&] {
      turns(2000);
      release_down_to(0);
      return link.got.size() == expected.size();
    }));
    EXPECT_EQ(link.got == expected, !early);
  }
  finish();
}

}  // namespace
}  // namespace gyre::repl
