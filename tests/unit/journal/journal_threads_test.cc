// Several writers, several readers and trimming at once. Each record says who wrote it, its number and its
// length, and its bytes follow from that; readers follow the stream with a parser that knows which SELECT
// must stand where. A byte that a reader gets too early, twice or not at all does not parse.
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "journal_util.h"

namespace gyre::journal {
namespace {

constexpr unsigned kWriters = 4;
constexpr unsigned kReaders = 4;
#ifdef GYRE_SANITIZED
constexpr uint32_t kRecords = 12000;
#else
constexpr uint32_t kRecords = 30000;
#endif
constexpr size_t kMaxBody = 200000;
constexpr uint8_t kAny = 255;
constexpr std::string_view kMulti = "M";

struct Header {
  char mark = 'R';
  uint8_t writer = 0;
  uint8_t db = 0;
  bool in_multi = false;
  uint32_t number = 0;
  uint32_t size = 0;
};

/// Where all bodies are cut from; no piece of it is like another.
const std::string& material() {
  static const std::string bytes = [] {
    std::mt19937_64 random(99);
    return random_bytes(random, kMaxBody + 5000);
  }();
  return bytes;
}

std::string_view body_of(const Header& header) {
  return std::string_view(material()).substr((header.number * 4 + header.writer) % 5000, header.size);
}

void write_records(Journal& journal, unsigned writer, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (uint32_t number = 0; number < kRecords; ++number) {
    Header header{.writer = static_cast<uint8_t>(writer), .number = number};
    header.db = random() % 4 == 0 ? kAny : static_cast<uint8_t>(random() % 3);
    header.in_multi = header.db != kAny && random() % 4 == 0;
    const uint64_t kind = random() % 1024;
    header.size = static_cast<uint32_t>(kind == 0  ? random() % kMaxBody
                                        : kind < 8 ? random() % 9000
                                                   : random() % 100);
    const std::string_view body = body_of(header);
    Piece pieces[2] = {{{reinterpret_cast<const char*>(&header), sizeof(header)}, {}}, {body, {}}};
    if (body.size() >= Journal::kReferenceBytes) {
      pieces[1].blob = base::Blob::copy_of(body);
      pieces[1].bytes = pieces[1].blob.view();
    }
    const int db = header.db == kAny ? Record::kAnyDb : header.db;
    journal.append(writer, {.prefix = header.in_multi ? kMulti : std::string_view(),
                            .first_db = db,
                            .last_db = db,
                            .pieces = pieces});
  }
}

class StreamChecker {
 public:
  /// Takes what came and checks all that is whole. False: broken (said by a failure).
  bool take(const Slice& slice) {
    pending_ += slice.view();
    size_t used = 0;
    while (std::optional<size_t> size = item(std::string_view(pending_).substr(used))) used += *size;
    pending_.erase(0, used);
    return !broken_;
  }
  bool finished() const {
    if (!pending_.empty() || multi_ || selected_) return false;
    return std::all_of(std::begin(numbers_), std::end(numbers_), [](uint32_t n) { return n == kRecords; });
  }

 private:
  std::nullopt_t broken(const char* what) {
    ADD_FAILURE() << what;
    broken_ = true;
    return std::nullopt;
  }

  /// Size of the item that `bytes` begin with; none: more is needed, or it is broken.
  std::optional<size_t> item(std::string_view bytes) {
    if (bytes.empty() || broken_) return std::nullopt;
    switch (bytes[0]) {
      case 'M':
        if (multi_ || selected_) return broken("a prefix inside of a record");
        multi_ = true;
        return 1;
      case '*':
        return select(bytes);
      case 'R':
        return record(bytes);
      default:
        return broken("no item begins so");
    }
  }

  std::optional<size_t> select(std::string_view bytes) {
    const size_t size = select_text(0).size();
    if (bytes.size() < size) return std::nullopt;
    const int db = bytes[size - 3] - '0';
    if (db < 0 || db > 2 || bytes.substr(0, size) != select_text(db)) return broken("a broken SELECT");
    if (selected_) return broken("two SELECTs");
    if (db == db_) return broken("a SELECT of the present database");
    db_ = db;
    selected_ = true;
    return size;
  }

  std::optional<size_t> record(std::string_view bytes) {
    Header header;
    if (bytes.size() < sizeof(header)) return std::nullopt;
    std::memcpy(&header, bytes.data(), sizeof(header));
    if (header.writer >= kWriters || header.size > kMaxBody) return broken("a broken header");
    if (bytes.size() < sizeof(header) + header.size) return std::nullopt;
    if (header.number != numbers_[header.writer]++) return broken("a writer's records are not in order");
    if (bytes.substr(sizeof(header), header.size) != body_of(header)) return broken("a broken body");
    if (header.in_multi != multi_) return broken("not the record of its prefix");
    if (header.db == kAny ? selected_ : header.db != db_) return broken("not the database of the record");
    multi_ = selected_ = false;
    return sizeof(header) + header.size;
  }

  std::string pending_;
  uint32_t numbers_[kWriters] = {};
  int db_ = -1;
  bool multi_ = false;
  bool selected_ = false;
  bool broken_ = false;
};

void read_records(Journal& journal, Journal::Cursor& cursor, uint64_t seed, std::atomic<bool>& stop) {
  std::mt19937_64 random(seed);
  StreamChecker checker;
  uint64_t committed = cursor.position();
  std::vector<Slice> slices(8);
  while (!checker.finished() && !stop.load(std::memory_order_relaxed)) {
    const uint64_t now = journal.committed();
    ASSERT_GE(now, committed);
    committed = now;
    const auto out = std::span(slices).first(1 + random() % slices.size());
    const size_t count = cursor.peek(cursor.position(), out, 1 + random() % 100000);
    uint64_t position = cursor.position();
    for (const Slice& slice : out.first(count)) position += slice.size;
    // Slices stay as they are when the ring lets go of their bytes.
    const bool early = random() % 2 == 0;
    if (early) {
      cursor.advance(position);
      journal.trim();
    }
    for (const Slice& slice : out.first(count)) {
      if (!checker.take(slice)) stop = true;
    }
    if (!early) cursor.advance(position);
    if (count == 0) std::this_thread::yield();
  }
  if (!stop) EXPECT_EQ(cursor.lag(), 0u);
}

/// Cursors that come and go, at both ends of what is kept.
void come_and_go(Journal& journal, uint64_t seed, const std::atomic<bool>& done) {
  std::mt19937_64 random(seed);
  std::vector<Slice> slices(4);
  while (!done) {
    Journal::Cursor cursor;
    const bool opened = cursor.open(journal, random() % 2 == 0 ? journal.committed() : journal.first());
    if (opened) cursor.peek(cursor.position(), slices, 1000);
    journal.trim();
    std::this_thread::yield();
  }
}

TEST(JournalThreads, ReadersSeeWholeRecordsInOrder) {
  const uint64_t seed = printed_seed();
  constexpr uint64_t kBacklog = 100000;
  Journal journal(kWriters);
  journal.set_backlog_bytes(kBacklog);
  for (uint64_t begin : {uint64_t{0}, uint64_t{1} << 60}) {
    journal.start(begin);
    std::atomic<bool> stop = false;
    std::atomic<bool> done = false;
    std::array<Journal::Cursor, kReaders> cursors;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kReaders; ++i) {
      ASSERT_TRUE(cursors[i].open(journal, begin));
      threads.emplace_back([&, i] { read_records(journal, cursors[i], seed + 100 + i, stop); });
    }
    for (unsigned i = 0; i < kWriters; ++i)
      threads.emplace_back([&, i] { write_records(journal, i, seed + i); });
    std::thread visitor([&] { come_and_go(journal, seed + 200, done); });
    for (std::thread& thread : threads) thread.join();
    done = true;
    visitor.join();
    for (Journal::Cursor& cursor : cursors) cursor.close();
    EXPECT_EQ(journal.committed(), journal.head());
    journal.trim();
    EXPECT_GE(journal.first() + kBacklog + Journal::kSegmentBytes, journal.head());
    journal.stop();
    while (journal.footprint() > 0) journal.trim();
    if (testing::Test::HasFailure()) return;
  }
}

// Writers in different databases that meet at the head as often as can be: whoever loses the swap decides
// anew.
TEST(JournalThreads, SelectIsDecidedWithThePlace) {
  constexpr uint32_t kEach = kRecords * 10;
  Journal journal(kWriters);
  journal.start(0);
  Journal::Cursor cursor;
  ASSERT_TRUE(cursor.open(journal, 0));
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kWriters; ++i) {
    threads.emplace_back([&journal, i] {
      const std::string text(1, static_cast<char>('0' + i));
      for (uint32_t n = 0; n < kEach; ++n) append_text(journal, i, text, static_cast<int>(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string stream = drain(cursor, 64);
  char db = 'x';
  uint64_t records = 0;
  for (size_t at = 0; at < stream.size(); ++records, ++at) {
    if (stream[at] == '*') {
      const char selected = stream[at + select_text(0).size() - 3];
      ASSERT_NE(selected, db);
      ASSERT_EQ(stream.substr(at, select_text(0).size()), select_text(selected - '0'));
      db = selected;
      at += select_text(0).size();
    }
    ASSERT_EQ(stream[at], db);
  }
  EXPECT_EQ(records, uint64_t{kEach} * kWriters);
}

// A writer in the middle of its record holds back what others have published behind it, and nobody sees a
// part of the record. Tried until the record is caught half written.
TEST(JournalThreads, ARecordInTheMakingHoldsBack) {
  const std::string large(8 << 20, 'L');
  bool caught = false;
  for (int attempt = 0; attempt < 100 && !caught; ++attempt) {
    Journal journal(2);
    journal.start(0);
    Journal::Cursor cursor;
    ASSERT_TRUE(cursor.open(journal, 0));
    append_text(journal, 1, "before");
    std::thread writer([&] { append_text(journal, 0, large); });
    while (journal.head() == 6) std::this_thread::yield();
    append_text(journal, 1, "behind");
    EXPECT_EQ(journal.head(), large.size() + 12);
    const uint64_t committed = journal.committed();
    caught = committed == 6;
    EXPECT_TRUE(caught || committed == journal.head()) << committed;
    writer.join();
    EXPECT_EQ(journal.committed(), journal.head());
    const std::string read = drain(cursor, 16);
    EXPECT_TRUE(read == "before" + large + "behind");
  }
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace gyre::journal
