// Segments of the journal and chunks of an image under sends whose notifications are held back.
#include <algorithm>
#include <deque>

#include "gyre/base/memory.h"
#include "gyre/coro/event.h"
#include "gyre/journal/journal.h"
#include "gyre/rdb/chunk.h"
#include "held_notifications.h"

namespace gyre::repl {
namespace {

// ---- the stream ----

/// As a replica's sender does it, to the end that is set.
struct StreamSender {
  journal::Journal::Cursor cursor;
  coro::Event wake;
  uint64_t end = UINT64_MAX;

  Task<void> run(io::Stream* stream) {
    journal::Slice slices[16];
    uint64_t at = cursor.position();
    while (at < end && !stream->failed()) {
      wake.reset();
      const size_t count = cursor.peek(at, slices, kSendBytes);
      if (count == 0) {
        co_await wake.wait();
        continue;
      }
      for (size_t i = 0; i < count; ++i) {
        at += slices[i].size;
        stream->output().append_ref(std::move(slices[i].blob), slices[i].offset, slices[i].size);
        slices[i].blob.reset();
      }
      stream->flush();
      cursor.advance(at);
      if (!co_await stream->drained(kLowBytes)) co_return;
    }
  }
};

TEST_F(HeldNotifications, NoSegmentOfTheJournalIsUsedAgain) {
  constexpr size_t kTotal = size_t{24} << 20, kBacklog = size_t{128} << 10, kMostHeld = 12,
                   kLargest = size_t{2} << 20;
  std::string expected;
  expected.reserve(kTotal + 2 * kLargest);
  journal::Journal journal(1);
  journal.set_backlog_bytes(kBacklog);
  journal.start(0);
  Link& link = connect(expected.capacity());
  StreamSender sender;
  ASSERT_TRUE(sender.cursor.open(journal, 0));
  scope_.spawn(sender.run(link.here.get()));
  const int64_t before = base::allocated_bytes();
  size_t most_held = 0, large = 0;
  while (expected.size() < kTotal) {
    for (int i = 0; i < 40; ++i) {
      const std::string text = random_bytes(random_, 1 + below(3000));
      journal::Piece piece{text, {}};
      if (below(200) == 0) {
        const size_t size = journal::Journal::kReferenceBytes + below(++large % 4 == 0 ? kLargest : 100'000);
        piece.blob = base::Blob::copy_of(random_bytes(random_, size));
        piece.bytes = piece.blob.view();
      }
      journal.append(0, {.pieces = {&piece, 1}});
      expected += piece.bytes;
    }
    sender.wake.set();
    turns();
    if (below(3) == 0) release_down_to(below(kMostHeld));
    journal.trim();
    most_held = std::max(most_held, world_->held_notifications());
    ASSERT_LE(link.got.size(), expected.size());
    // What is under way: held in segments (an end of a send pins a whole one, or a large value), or released
    // and copied by the simulation. Nothing else may stay, however often the ring went round (without that all 24 MB and
    // more): beside it are the segments kept for use again, and strings that grow.
    const size_t under_way = expected.size() - link.got.size();
    const size_t pinned = (world_->held_notifications() + 2) * (2 * journal::Journal::kSegmentBytes);
    ASSERT_LE(static_cast<size_t>(base::allocated_bytes() - before),
              2 * under_way + pinned + kBacklog + 2 * kLargest + (size_t{6} << 20))
        << held_bytes() << " bytes held by " << world_->held_notifications();
    if (world_->held_notifications() > 2 * kMostHeld) release_down_to(kMostHeld);
  }
  EXPECT_GT(most_held, kMostHeld / 2);
  EXPECT_GT(journal.first(), kTotal - 4 * kLargest) << "the ring did not go round";
  sender.end = expected.size();
  sender.wake.set();
  finish();
  EXPECT_TRUE(link.got == expected);
  sender.cursor.close();
  journal.trim();
  // Nothing is pinned once everything was released.
  EXPECT_LE(base::allocated_bytes() - before,
            static_cast<int64_t>(kBacklog + 2 * kLargest + (size_t{1} << 20)));
  EXPECT_GT(reactor_->backend().counters().zero_copy_sends, 50u);
}

// ---- an image ----

/// An image that several replicas take, each at its own pace.
struct Taker {
  std::deque<rdb::Chunk> chunks;
  coro::Event more;
  bool ended = false;
};

/// As a replica's sender does it.
Task<void> send_chunks(io::Stream* stream, Taker* taker, std::string mark) {
  base::OutBuffer& out = stream->output();
  out.append("$EOF:" + mark + "\r\n");
  for (;;) {
    taker->more.reset();
    if (taker->chunks.empty()) {
      if (taker->ended) break;
      co_await taker->more.wait();
      continue;
    }
    rdb::Chunk chunk = std::move(taker->chunks.front());
    taker->chunks.pop_front();
    out.append_ref(std::move(chunk.blob), chunk.offset, chunk.size);
    stream->flush();
    if (stream->pending() >= kSendBytes && !co_await stream->drained(kLowBytes)) co_return;
  }
  out.append(mark);
  stream->flush();
}

TEST_F(HeldNotifications, NoChunkOfAnImageAndNoLargeValueIsUsedAgain) {
  constexpr size_t kTotal = size_t{16} << 20, kReplicas = 2, kMostHeld = 16;
  const std::string mark = random_bytes(random_, 40);
  std::string expected = "$EOF:" + mark + "\r\n";
  Taker takers[kReplicas];
  for (Taker& taker : takers) scope_.spawn(send_chunks(connect(2 * kTotal).here.get(), &taker, mark));
  rdb::ChunkBuilder builder;
  std::vector<base::Blob> values(20);  // of keys that are overwritten all the time
  while (expected.size() < kTotal) {
    while (builder.bytes() < 200'000) {
      if (below(100) == 0) {
        base::Blob& value = values[below(values.size())];
        value = base::Blob::copy_of(random_bytes(random_, 20'000 + below(300'000)));
        builder.append_reference(value);
        expected += value.view();
      } else {
        const std::string text = random_bytes(random_, 1 + below(3000));
        builder.append(text);
        expected += text;
      }
    }
    for (const rdb::Chunk& chunk : builder.take())
      for (Taker& taker : takers) taker.chunks.push_back(chunk);
    for (Taker& taker : takers) taker.more.set();
    // A writer changes what nobody else holds in place, as the keyspace does.
    for (base::Blob& value : values)
      if (value && value.unique()) std::memset(value.data(), 'w', value.size());
    turns();
    if (below(3) == 0) release_down_to(below(kMostHeld));
    if (world_->held_notifications() > 2 * kMostHeld) release_down_to(kMostHeld);
  }
  expected += mark;
  for (Taker& taker : takers) {
    taker.ended = true;
    taker.more.set();
  }
  finish();
  for (const auto& link : links_) EXPECT_TRUE(link->got == expected);
  for (const base::Blob& value : values) EXPECT_TRUE(!value || value.unique());
}

}  // namespace
}  // namespace gyre::repl
