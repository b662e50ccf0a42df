#include "gyre/journal/journal.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "gyre/base/check.h"
#include "segment_ring.h"

namespace gyre::journal {
namespace {

// "*2", "$6", "SELECT" and the length line, with an int of up to 10 digits.
constexpr size_t kSelectBytes = 48;

std::string_view select_command(int database, std::span<char> room) {
  char digits[12];
  const auto count = static_cast<size_t>(std::to_chars(digits, std::end(digits), database).ptr - digits);
  char* p = room.data();
  auto put = [&p](std::string_view text) {
    std::memcpy(p, text.data(), text.size());
    p += text.size();
  };
  put("*2\r\n$6\r\nSELECT\r\n$");
  p = std::to_chars(p, room.data() + room.size(), count).ptr;
  put("\r\n");
  put({digits, count});
  put("\r\n");
  return {room.data(), static_cast<size_t>(p - room.data())};
}

/// Puts a reserved range into the segments, front to back.
class Filler {
 public:
  Filler(internal::SegmentRing& ring, uint64_t position) : ring_(ring), position_(position) {}

  void copy(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t begin = enter();
      if (bytes_ == nullptr) bytes_ = ring_.bytes_of(*segment_);
      const size_t size = std::min(bytes.size(), Journal::kSegmentBytes - begin);
      std::memcpy(bytes_ + begin, bytes.data(), size);
      bytes.remove_prefix(size);
      position_ += size;
    }
  }

  void refer(const Piece& piece) {
    auto offset = static_cast<size_t>(piece.bytes.data() - piece.blob.data());
    size_t left = piece.bytes.size();
    GYRE_CHECK(offset <= piece.blob.size() && left <= piece.blob.size() - offset);
    while (left > 0) {
      const size_t begin = enter();
      const size_t size = std::min(left, Journal::kSegmentBytes - begin);
      left -= size;
      ring_.refer(*segment_, begin, begin + size, piece.blob, offset, left == 0);
      offset += size;
      position_ += size;
    }
  }

 private:
  /// Where in its segment the position is.
  size_t enter() {
    const uint64_t window = internal::window_of(position_);
    if (segment_ == nullptr || segment_->window != window) {
      segment_ = &ring_.obtain(window);
      bytes_ = nullptr;
    }
    return internal::within(position_);
  }

  internal::SegmentRing& ring_;
  uint64_t position_;
  internal::Segment* segment_ = nullptr;
  char* bytes_ = nullptr;
};

}  // namespace

Journal::Journal(unsigned writers)
    : writers_(writers),
      bounds_(std::make_unique<Bound[]>(writers)),
      ring_(std::make_unique<internal::SegmentRing>()),
      head_(make_word(0, kUnknownDatabase)) {}

Journal::~Journal() {
  GYRE_CHECK(cursors_.empty());
  require_quiet();
  const uint64_t behind = internal::window_of(position_of(head_.load(std::memory_order_relaxed))) + 1;
  internal::Taken taken;
  ring_->take_before(behind, SIZE_MAX, &taken);
  ring_->release(std::move(taken), /*keep=*/false);
  GYRE_CHECK(ring_->footprint() == 0);
}

void Journal::require_quiet() const {
  for (unsigned i = 0; i < writers_; ++i)
    GYRE_CHECK(bounds_[i].value.load(std::memory_order_acquire) == kNoBound);
}

void Journal::start(uint64_t offset) {
  std::lock_guard lock(mutex_);
  GYRE_CHECK(cursors_.empty());
  require_quiet();
  const uint64_t position = position_of(head_.load(std::memory_order_acquire));
  base_.store(offset - position, std::memory_order_relaxed);
  first_.store(position, std::memory_order_release);
  forget_database();
  active_.store(true, std::memory_order_relaxed);
}

void Journal::stop() {
  {
    std::lock_guard lock(mutex_);
    GYRE_CHECK(cursors_.empty());
    require_quiet();
    active_.store(false, std::memory_order_relaxed);
    first_.store(position_of(head_.load(std::memory_order_acquire)), std::memory_order_release);
  }
  trim();
}

void Journal::forget_database() { head_.fetch_or(kUnknownDatabase, std::memory_order_acq_rel); }

// Steps 1 and 2 of the header. Returns where the record begins; `select` becomes what goes between prefix and
// pieces.
uint64_t Journal::reserve(unsigned writer, const Record& record, std::string_view* select,
                          std::span<char> select_room, uint64_t* end) {
  uint64_t size = record.prefix.size();
  for (const Piece& piece : record.pieces) size += piece.bytes.size();
  const bool names_database = record.first_db != Record::kAnyDb;
  const uint64_t needed = names_database ? remembered(record.first_db) : kUnknownDatabase;
  const int last = record.last_db != Record::kAnyDb ? record.last_db : record.first_db;

  uint64_t word = head_.load(std::memory_order_relaxed);
  bounds_[writer].value.store(position_of(word), std::memory_order_release);
  uint64_t next;
  do {
    uint64_t behind = position_of(word) + size;
    *select = {};
    if (names_database && (needed == kUnknownDatabase || needed != database_of(word))) {
      *select = select_command(record.first_db, select_room);
      behind += select->size();
    }
    *end = behind;
    next = make_word(behind, last == Record::kAnyDb ? database_of(word) : remembered(last));
  } while (!head_.compare_exchange_weak(word, next, std::memory_order_release, std::memory_order_relaxed));
  GYRE_CHECK(*end < kMaxPosition);
  return position_of(word);
}

uint64_t Journal::append(unsigned writer, const Record& record) {
  GYRE_CHECK(writer < writers_ && active());
  char select_room[kSelectBytes];
  std::string_view select;
  uint64_t end;
  const uint64_t begin = reserve(writer, record, &select, select_room, &end);

  Filler filler(*ring_, begin);
  filler.copy(record.prefix);
  filler.copy(select);
  for (const Piece& piece : record.pieces) {
    if (piece.blob && piece.bytes.size() >= kReferenceBytes) {
      filler.refer(piece);
    } else {
      filler.copy(piece.bytes);
    }
  }
  bounds_[writer].value.store(kNoBound, std::memory_order_release);
  return end + base_.load(std::memory_order_relaxed);
}

uint64_t Journal::head() const {
  return position_of(head_.load(std::memory_order_acquire)) + base_.load(std::memory_order_relaxed);
}

uint64_t Journal::committed() { return committed_position() + base_.load(std::memory_order_relaxed); }

uint64_t Journal::first() const {
  return first_.load(std::memory_order_acquire) + base_.load(std::memory_order_relaxed);
}

uint64_t Journal::committed_position() {
  uint64_t previous = committed_.load(std::memory_order_acquire);
  uint64_t least = position_of(head_.load(std::memory_order_acquire));
  if (least <= previous) return previous;
  for (unsigned i = 0; i < writers_; ++i)
    least = std::min(least, bounds_[i].value.load(std::memory_order_acquire));
  while (previous < least && !committed_.compare_exchange_weak(previous, least, std::memory_order_acq_rel,
                                                               std::memory_order_acquire)) {
  }
  return std::max(previous, least);
}

uint64_t Journal::footprint() const { return ring_->footprint(); }

uint64_t Journal::segment_allocations() const { return ring_->allocations(); }

}  // namespace gyre::journal
