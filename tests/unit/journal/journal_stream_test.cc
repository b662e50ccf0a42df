// What one writer appends is, byte for byte, what a cursor reads.
#include <gtest/gtest.h>

#include "journal_util.h"

namespace gyre::journal {
namespace {

TEST(JournalStream, SelectOnlyWhenTheDatabaseChanges) {
  Journal journal(1);
  journal.start(100);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 100));
  std::string expected;
  auto append = [&](std::string_view text, int db, bool selects) {
    if (selects) expected += select_text(db);
    expected += text;
    EXPECT_EQ(append_text(journal, 0, text, db), 100 + expected.size());
  };
  append("ping;", Record::kAnyDb, false);
  append("first;", 0, true);
  append("second;", 0, false);
  append("ping;", Record::kAnyDb, false);
  append("third;", 0, false);
  append("other;", 11, true);
  append("back;", 0, true);
  journal.forget_database();
  append("again;", 0, true);
  append("high;", 254, true);
  append("high;", 254, false);
  // What the head word cannot remember is said each time, and what follows does not take it for another.
  append("higher;", 255, true);
  append("higher;", 255, true);
  append("highest;", 2147483647, true);
  append("highest;", 2147483647, true);
  append("low;", 1, true);
  EXPECT_EQ(journal.head(), 100 + expected.size());
  EXPECT_EQ(journal.committed(), journal.head());
  EXPECT_EQ(drain(cursor), expected);
}

TEST(JournalStream, SelectBehindThePrefix) {
  Journal journal(1);
  journal.start(0);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  const Piece pieces[] = {{"set;", {}}, {"select 4;", {}}, {"set;", {}}, {"exec;", {}}};
  journal.append(0, {.prefix = "multi;", .first_db = 2, .last_db = 4, .pieces = pieces});
  journal.append(0, {.prefix = "multi;", .first_db = 4, .last_db = 4, .pieces = {pieces, 1}});
  journal.append(0, {.prefix = "multi;", .first_db = 3, .pieces = {pieces, 1}});
  journal.append(0, {.first_db = 3, .last_db = 3, .pieces = {pieces, 1}});
  journal.append(0, {.prefix = "only"});
  EXPECT_EQ(drain(cursor), "multi;" + select_text(2) + "set;select 4;set;exec;" + "multi;set;" + "multi;" +
                               select_text(3) + "set;" + "set;" + "only");
}

TEST(JournalStream, StartMakesNewOffsetsAndSelectsAnew) {
  Journal journal(1);
  EXPECT_FALSE(journal.active());
  journal.start(10);
  EXPECT_TRUE(journal.active());
  append_text(journal, 0, "one", 0);
  const uint64_t end = journal.head();
  journal.stop();
  EXPECT_FALSE(journal.active());
  EXPECT_EQ(journal.head(), end);
  EXPECT_EQ(journal.committed(), end);
  EXPECT_EQ(journal.first(), end);
  Journal::Cursor cursor;
  EXPECT_FALSE(cursor.open(journal, end));

  // To lower, and to as high as there are offsets.
  for (uint64_t offset : {uint64_t{5}, uint64_t{0}, ~uint64_t{0} - 1000}) {
    journal.start(offset);
    EXPECT_EQ(journal.first(), offset);
    EXPECT_EQ(journal.head(), offset);
    EXPECT_FALSE(cursor.open(journal, offset - 1));
    EXPECT_FALSE(cursor.open(journal, offset + 1));
    ASSERT_TRUE(cursor.open(journal, offset));
    append_text(journal, 0, "two", 0);
    EXPECT_EQ(drain(cursor), select_text(0) + "two");
    EXPECT_EQ(cursor.position(), offset + select_text(0).size() + 3);
    cursor.close();
  }
}

// Records of all sizes, in random databases, some pieces by reference; read in random steps as they come.
TEST(JournalStream, RandomRecords) {
  std::mt19937_64 random(printed_seed());
  Journal journal(1);
  const uint64_t begin = random() % 1000000;
  journal.start(begin);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, begin));
  std::string expected;
  std::string read;
  int db = -1;
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> texts(random() % 4);
    std::vector<Piece> pieces;
    const std::string prefix = random() % 4 == 0 ? "multi" : "";
    const int first = static_cast<int>(random() % 4) - 1;
    const int last = first >= 0 && random() % 8 == 0 ? static_cast<int>(random() % 3) : first;
    expected += prefix;
    if (first >= 0 && first != db) expected += select_text(first);
    if (last >= 0) db = last;
    for (std::string& text : texts) {
      const uint64_t kind = random() % 64;
      const size_t size = kind == 0 ? random() % 300000 : kind < 4 ? random() % 70000 : random() % 200;
      text = random_bytes(random, size);
      if (random() % 2 == 0) {
        const size_t lead = random() % 50;  // the argument lies somewhere in its blob
        base::Blob blob = base::Blob::create(lead + size + random() % 50);
        std::memcpy(blob.data() + lead, text.data(), size);
        const std::string_view bytes(blob.data() + lead, size);
        pieces.push_back({bytes, std::move(blob)});
      } else {
        pieces.push_back({text, {}});
      }
      expected += text;
    }
    ASSERT_EQ(journal.append(0, {.prefix = prefix, .first_db = first, .last_db = last, .pieces = pieces}),
              begin + expected.size());
    if (random() % 16 == 0) read += drain(cursor, 1 + random() % 5, 1 + random() % 200000);
    journal.trim();
  }
  read += drain(cursor);
  ASSERT_EQ(read.size(), expected.size());
  EXPECT_TRUE(read == expected);
}

TEST(JournalStream, LargePiecesAreReferencedNotCopied) {
  Journal journal(1);
  journal.start(0);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  std::mt19937_64 random(1);
  const base::Blob blob = base::Blob::copy_of(random_bytes(random, 1000000));
  const base::Blob small = base::Blob::copy_of(random_bytes(random, Journal::kReferenceBytes - 1));
  const base::Blob edge = base::Blob::copy_of(random_bytes(random, Journal::kReferenceBytes));
  const Piece pieces[] = {{"a", {}},           {blob.view(), blob}, {"b", {}}, {small.view(), small},
                          {edge.view(), edge}, {edge.view(), edge}};
  journal.append(0, {.pieces = pieces});
  std::vector<Slice> slices(16);
  // a, blob, b with small (which meets one border of segments), edge; the second edge continues other bytes.
  const size_t count = cursor.peek(0, slices, SIZE_MAX);
  slices.resize(count);
  std::string stream;
  size_t referenced = 0;
  for (const Slice& slice : slices) {
    EXPECT_GT(slice.size, 0u);
    stream += slice.view();
    for (const base::Blob* source : {&blob, &edge}) {
      if (slice.blob.data() == source->data()) {
        EXPECT_EQ(slice.offset, 0u);
        EXPECT_EQ(slice.size, source->size());
        ++referenced;
      }
    }
    EXPECT_NE(slice.blob.data(), small.data());
  }
  EXPECT_EQ(referenced, 3u);
  std::string expected;
  for (const Piece& piece : pieces) expected += piece.bytes;
  EXPECT_TRUE(stream == expected);
  // The limits of one call.
  EXPECT_EQ(cursor.peek(0, std::span(slices).first(2), SIZE_MAX), 2u);
  EXPECT_EQ(slices[1].size, blob.size());
  EXPECT_EQ(cursor.peek(0, slices, 300001), 2u);
  EXPECT_EQ(slices[1].size, 300000u);
  EXPECT_EQ(cursor.peek(0, slices, 0), 0u);
  EXPECT_EQ(cursor.peek(journal.head(), slices, SIZE_MAX), 0u);
  EXPECT_EQ(cursor.peek(500001, slices, 10), 1u);
  EXPECT_EQ(slices[0].offset, 500000u);
}

// A reference may begin and end exactly where segments do.
TEST(JournalStream, ReferencesOnSegmentBorders) {
  for (size_t lead :
       {size_t{0}, Journal::kSegmentBytes - 1, Journal::kSegmentBytes, Journal::kSegmentBytes + 1}) {
    for (size_t size :
         {Journal::kReferenceBytes, 2 * Journal::kSegmentBytes - 1, 2 * Journal::kSegmentBytes,
          2 * Journal::kSegmentBytes + 1, 3 * Journal::kSegmentBytes - lead % Journal::kSegmentBytes}) {
      Journal journal(1);
      journal.start(0);
      Journal::Cursor cursor;
      ASSERT_TRUE(cursor.open(journal, 0));
      std::string expected(lead, 'x');
      append_text(journal, 0, expected);
      std::mt19937_64 random(lead + size);
      for (int i = 0; i < 3; ++i) {
        const base::Blob blob = base::Blob::copy_of(random_bytes(random, size));
        append_blob(journal, 0, blob);
        expected += blob.view();
      }
      expected += "tail";
      append_text(journal, 0, "tail");
      EXPECT_TRUE(drain(cursor, 1) == expected) << lead << ' ' << size;
    }
  }
}

TEST(JournalStreamDeathTest, MisuseStopsTheProcess) {
  Journal journal(1);
  EXPECT_DEATH(append_text(journal, 0, "x"), "");
  journal.start(0);
  EXPECT_DEATH(append_text(journal, 1, "x"), "");
  const base::Blob blob = base::Blob::copy_of(std::string(Journal::kReferenceBytes, 'x'));
  const std::string elsewhere(Journal::kReferenceBytes, 'y');
  const Piece piece{elsewhere, blob};
  EXPECT_DEATH(journal.append(0, {.pieces = {&piece, 1}}), "");
  append_text(journal, 0, "bytes");
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  EXPECT_DEATH(cursor.advance(6), "");
  cursor.advance(3);
  EXPECT_DEATH(cursor.advance(2), "");
  EXPECT_DEATH(journal.stop(), "");
  EXPECT_DEATH(journal.start(0), "");
}

}  // namespace
}  // namespace gyre::journal
