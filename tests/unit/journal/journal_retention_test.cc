// What is kept and for how long: the backlog, cursors, slices in flight, and the count of it all.
#include <gtest/gtest.h>

#include "gyre/base/memory.h"
#include "journal_util.h"

namespace gyre::journal {
namespace {

constexpr size_t kSegment = Journal::kSegmentBytes;

void trim_all(Journal& journal) {
  for (uint64_t before = ~uint64_t{0}; journal.footprint() < before;) {
    before = journal.footprint();
    journal.trim();
  }
}

TEST(JournalRetention, KeepsTheBacklogAndLessThanASegmentMore) {
  std::mt19937_64 random(printed_seed());
  constexpr uint64_t kBacklog = 300000;
  constexpr uint64_t kStart = 12345;
  Journal journal(1);
  journal.set_backlog_bytes(kBacklog);
  journal.start(kStart);
  std::string history;
  for (int round = 0; round < 300; ++round) {
    const std::string text = random_bytes(random, random() % 20000);
    history += text;
    append_text(journal, 0, text);
    journal.trim();
    const uint64_t kept = journal.head() - journal.first();
    ASSERT_GE(kept, std::min<uint64_t>(kBacklog, history.size()));
    ASSERT_LT(kept, kBacklog + kSegment);
    if (history.size() < kBacklog) {
      ASSERT_EQ(journal.first(), kStart);
    }
    Journal::Cursor cursor;
    if (journal.first() > kStart) {
      EXPECT_FALSE(cursor.open(journal, journal.first() - 1));
    }
    ASSERT_TRUE(cursor.open(journal, journal.first()));
    const std::string expected = history.substr(journal.first() - kStart);
    ASSERT_TRUE(drain(cursor, 8) == expected);
  }
}

TEST(JournalRetention, MemoryGoesRoundWhileTheBacklogStands) {
  Journal journal(1);
  journal.set_backlog_bytes(4 * kSegment);
  journal.start(0);
  const std::string text(kSegment / 4, 'x');
  for (int i = 0; i < 1000; ++i) {
    append_text(journal, 0, text);
    journal.trim();
  }
  EXPECT_LE(journal.segment_allocations(), 7u);
  // What a slice still shows is not written to.
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, journal.first()));
  Slice held;
  ASSERT_EQ(cursor.peek(cursor.position(), {&held, 1}, SIZE_MAX), 1u);
  cursor.close();
  for (int i = 0; i < 100; ++i) {
    append_text(journal, 0, std::string(kSegment / 4, 'y'));
    journal.trim();
  }
  EXPECT_EQ(held.view(), std::string(held.size, 'x'));
  EXPECT_LE(journal.segment_allocations(), 8u);
  // Without a stream nothing is kept.
  const int64_t before = base::allocated_bytes();
  journal.stop();
  EXPECT_LE(base::allocated_bytes(), before - static_cast<int64_t>(5 * kSegment));
}

TEST(JournalRetention, BacklogShrinksWithTheNextTrim) {
  Journal journal(1);
  journal.set_backlog_bytes(20 * kSegment);
  journal.start(0);
  append_text(journal, 0, std::string(15 * kSegment, 'x'));
  journal.trim();
  EXPECT_EQ(journal.first(), 0u);
  journal.set_backlog_bytes(2 * kSegment);
  EXPECT_EQ(journal.first(), 0u);
  journal.trim();
  EXPECT_EQ(journal.first(), 13 * kSegment);
  journal.set_backlog_bytes(0);
  journal.trim();
  EXPECT_EQ(journal.first(), 15 * kSegment);
  // More than there is, and more than the ring could hold.
  journal.set_backlog_bytes(~uint64_t{0});
  journal.trim();
  EXPECT_EQ(journal.first(), 15 * kSegment);
}

TEST(JournalRetention, CursorHoldsBack) {
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  Journal::Cursor slow;
  Journal::Cursor fast;
  ASSERT_TRUE(slow.open(journal, 0));
  ASSERT_TRUE(fast.open(journal, 0));
  std::mt19937_64 random(2);
  const std::string history = random_bytes(random, 10 * kSegment + 100);
  append_text(journal, 0, history);
  EXPECT_EQ(slow.lag(), history.size());
  fast.advance(history.size());
  EXPECT_EQ(fast.lag(), 0u);
  journal.trim();
  EXPECT_EQ(journal.first(), 0u);
  slow.advance(3 * kSegment - 1);
  journal.trim();
  EXPECT_EQ(journal.first(), 2 * kSegment);
  slow.advance(3 * kSegment);
  journal.trim();
  EXPECT_EQ(journal.first(), 3 * kSegment);
  Journal::Cursor late;
  EXPECT_FALSE(late.open(journal, 3 * kSegment - 1));
  EXPECT_TRUE(late.open(journal, 3 * kSegment));
  EXPECT_TRUE(drain(slow) == history.substr(3 * kSegment));
  journal.trim();
  EXPECT_EQ(journal.first(), 3 * kSegment);
  late.close();
  EXPECT_FALSE(late.is_open());
  journal.trim();
  EXPECT_EQ(journal.first(), 10 * kSegment);
  EXPECT_FALSE(late.open(journal, 10 * kSegment - 1));
  EXPECT_FALSE(late.open(journal, history.size() + 1));
  EXPECT_TRUE(late.open(journal, history.size()));
}

TEST(JournalRetention, SlicesOutliveTheRing) {
  std::mt19937_64 random(3);
  const std::string text = random_bytes(random, 1000);
  const base::Blob blob = base::Blob::copy_of(random_bytes(random, 100000));
  std::vector<Slice> slices(4);
  {
    Journal journal(1);
    journal.set_backlog_bytes(0);
    journal.start(0);
    Journal::Cursor cursor;
    ASSERT_TRUE(cursor.open(journal, 0));
    append_text(journal, 0, text);
    append_blob(journal, 0, blob);
    ASSERT_EQ(cursor.peek(0, slices, SIZE_MAX), 2u);
    cursor.close();
    append_text(journal, 0, std::string(10 * kSegment, 'x'));
    journal.trim();
    EXPECT_GT(journal.first(), 100000u);
  }
  EXPECT_EQ(slices[0].view(), text);
  EXPECT_TRUE(slices[1].view() == blob.view());
}

/// What the journal should say it holds, of what was allocated since `empty`. (Under a sanitizer not
/// everything is counted.)
void expect_footprint(Journal& journal, int64_t empty) {
#ifdef GYRE_SANITIZED
  EXPECT_GE(static_cast<int64_t>(journal.footprint()), base::thread_bytes() - empty);
#else
  EXPECT_EQ(static_cast<int64_t>(journal.footprint()), base::thread_bytes() - empty);
#endif
}

TEST(JournalRetention, FootprintIsWhatIsAllocated) {
  Journal journal(1);
  const int64_t empty = base::thread_bytes();
  journal.set_backlog_bytes(0);
  journal.start(0);
  EXPECT_EQ(journal.footprint(), 0u);
  append_text(journal, 0, "x");
  expect_footprint(journal, empty);
  EXPECT_GE(journal.footprint(), kSegment);
  EXPECT_LT(journal.footprint(), 65 * 1024u)
      << "a segment's bytes and their header should fill a class of the allocator";
  append_text(journal, 0, std::string(5 * kSegment, 'x'));
  expect_footprint(journal, empty);
  const uint64_t copied = journal.footprint();

  // By reference: small segments without bytes of their own.
  append_blob(journal, 0, base::Blob::copy_of(std::string(100 * kSegment, 'y')));
  expect_footprint(journal, empty);
  EXPECT_LT(journal.footprint(), copied + 101 * kSegment);
  append_blob(journal, 0, base::Blob::copy_of(std::string(kSegment + 200, 'z')));
  expect_footprint(journal, empty);

  append_text(journal, 0, std::string(kSegment, 'x'));
  trim_all(journal);
  EXPECT_LT(journal.footprint(), 65 * 1024u + kSegment);
  journal.stop();
  EXPECT_EQ(journal.footprint(), 0u);
  EXPECT_EQ(base::thread_bytes(), empty);
}

TEST(JournalRetention, StopFreesInSteps) {
  Journal journal(1);
  journal.set_backlog_bytes(1 << 30);
  journal.start(0);
  append_text(journal, 0, std::string(600 * kSegment + 7, 'x'));
  journal.stop();
  EXPECT_GT(journal.footprint(), 80 * kSegment);
  // A new history does not wait for it, and cannot reach it.
  journal.start(1000);
  EXPECT_EQ(journal.first(), 1000u);
  Journal::Cursor cursor;
  EXPECT_FALSE(cursor.open(journal, 999));
  ASSERT_TRUE(cursor.open(journal, 1000));
  append_text(journal, 0, "new");
  trim_all(journal);
  EXPECT_LT(journal.footprint(), 2 * kSegment);
  EXPECT_EQ(journal.first(), 1000u);
  EXPECT_EQ(drain(cursor), "new");
  cursor.close();
  journal.stop();
  EXPECT_EQ(journal.footprint(), 0u);
}

TEST(JournalRetention, LargeBlobsGoToTheDisposerWhenNobodyNeedsThem) {
  static std::vector<void*> disposed;
  base::Blob::set_disposer([](base::Blob last) noexcept { disposed.push_back(last.detach()); });
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  append_blob(journal, 0, base::Blob::copy_of(std::string(100000, 'x')));
  append_blob(journal, 0, base::Blob::copy_of(std::string(3 << 20, 'y')));
  append_text(journal, 0, std::string(kSegment, 'z'));
  trim_all(journal);
  base::Blob::set_disposer(nullptr);
  ASSERT_EQ(disposed.size(), 1u);
  const base::Blob blob = base::Blob::adopt(disposed[0]);
  EXPECT_EQ(blob.size(), size_t{3 << 20});
  EXPECT_TRUE(blob.unique());
}

// Over the pages of the directory (512 segments each): what is given back comes again, empty.
TEST(JournalRetention, DirectoryPagesComeAndGo) {
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  const base::Blob blob = base::Blob::copy_of(std::string(300 * kSegment, 'y'));
  std::vector<Slice> slices(4);
  for (int i = 0; i < 20; ++i) {
    append_blob(journal, 0, blob);
    append_text(journal, 0, std::to_string(i));
    ASSERT_EQ(cursor.peek(cursor.position(), slices, SIZE_MAX), 2u);
    ASSERT_EQ(slices[0].blob.data(), blob.data());
    ASSERT_EQ(slices[0].size, blob.size());
    ASSERT_EQ(slices[1].view(), std::to_string(i));
    cursor.advance(journal.head());
    trim_all(journal);
    ASSERT_EQ(journal.first(), journal.head() / kSegment * kSegment);
  }
}

#ifndef GYRE_SANITIZED
// Once around the directory: its slots serve other windows then. The bytes are pages that nobody touches.
TEST(JournalRetention, GoesAroundTheDirectory) {
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  const base::Blob blob = base::Blob::create(size_t{1} << 28);
  std::vector<Slice> slices(4);
  for (int i = 0; journal.head() < (Journal::kMaxSegments + 10000) * kSegment; ++i) {
    append_text(journal, 0, std::to_string(i));
    append_blob(journal, 0, blob);
    ASSERT_EQ(cursor.peek(cursor.position(), slices, SIZE_MAX), 2u);
    ASSERT_EQ(slices[0].view(), std::to_string(i));
    ASSERT_EQ(slices[1].size, blob.size());
    cursor.advance(journal.head());
    trim_all(journal);
  }
  slices.clear();
  append_text(journal, 0, "end");
  EXPECT_EQ(drain(cursor), "end");
}
#endif

}  // namespace
}  // namespace gyre::journal
