#include "gyre/ds/time_wheel.h"

#include <bit>
#include <cstring>

#include "gyre/base/check.h"
#include "time_wheel_internal.h"

namespace gyre::ds {

using internal::tick_of;

namespace {

/// The first set bit at or after `from` among 256, or 256.
unsigned next_bit(const uint64_t (&words)[4], unsigned from) {
  for (unsigned w = from / 64; w < 4; ++w) {
    uint64_t word = words[w];
    if (w == from / 64) word &= ~uint64_t{0} << (from % 64);
    if (word != 0) return w * 64 + static_cast<unsigned>(std::countr_zero(word));
  }
  return 256;
}

unsigned digit(uint64_t tick, unsigned level) { return static_cast<unsigned>(tick >> (8 * level)) & 255; }

}  // namespace

TimeWheel::TimeWheel(Arena& arena, int64_t now_ms) : arena_(arena), tick_(tick_of(now_ms)) {}

TimeWheel::~TimeWheel() { clear(); }

void TimeWheel::clear() {
  abort_compaction();
  for (unsigned level = 0; level < kLevels; ++level) {
    if (levels_[level] == nullptr) continue;
    for (unsigned b = 0; b < kBuckets; ++b) drop(levels_[level][b]);
    arena_.free(levels_[level], kBuckets * sizeof(List));
    memory_bytes_ -= kBuckets * sizeof(List);
    levels_[level] = nullptr;
    for (uint64_t& word : occupied_[level]) word = 0;
  }
  drop(overflow_);
  drop(due_);
  while (pending_count_ > 0) drop(pending_[--pending_count_].list);
  GYRE_CHECK(items_ == 0);
}

void TimeWheel::abandon() {
  for (unsigned level = 0; level < kLevels; ++level) {
    levels_[level] = nullptr;
    for (uint64_t& word : occupied_[level]) word = 0;
  }
  overflow_ = due_ = {};
  pending_count_ = 0;
  items_ = memory_bytes_ = 0;
  compacting_ = false;
  parts_.clear();
  targets_.clear();
  dividing_ = {};
}

// The level of the highest digit in which the quantum differs from the position; what is past belongs to the
// position.
TimeWheel::Spot TimeWheel::spot_of(uint64_t tick) const {
  if (tick <= tick_) return {0, digit(tick_, 0)};
  unsigned level = (63u - static_cast<unsigned>(std::countl_zero(tick ^ tick_))) / 8;
  if (level >= kLevels) return {kOverflow, 0};
  return {level, digit(tick, level)};
}

TimeWheel::List& TimeWheel::list_at(Spot spot) {
  if (spot.level == kOverflow) return overflow_;
  List*& lists = levels_[spot.level];
  if (lists == nullptr) {
    lists = static_cast<List*>(arena_.allocate(kBuckets * sizeof(List)));
    memory_bytes_ += kBuckets * sizeof(List);
    std::memset(static_cast<void*>(lists), 0, kBuckets * sizeof(List));
  }
  return lists[spot.bucket];
}

void TimeWheel::put(uint64_t tick, uint64_t hash) {
  Spot spot = spot_of(tick);
  push(list_at(spot), hash);
  if (spot.level != kOverflow) occupied_[spot.level][spot.bucket / 64] |= uint64_t{1} << (spot.bucket % 64);
}

void TimeWheel::mark_emptied(Spot spot) {
  if (spot.level != kOverflow)
    occupied_[spot.level][spot.bucket / 64] &= ~(uint64_t{1} << (spot.bucket % 64));
}

void TimeWheel::add(uint64_t hash, int64_t expire_ms) { put(tick_of(expire_ms), hash); }

void TimeWheel::update(uint64_t hash, int64_t old_expire_ms, int64_t new_expire_ms) {
  uint64_t tick = tick_of(new_expire_ms);
  // An item of a quantum that is over may be on its way out, and one that is met too early says nothing.
  uint64_t old_tick = tick_of(old_expire_ms);
  bool has_item = old_expire_ms >= 0 && old_tick >= tick_ && trusted();
  if (has_item && spot_of(old_tick) == spot_of(tick)) return;
  put(tick, hash);
}

bool TimeWheel::collect_due(int64_t now_ms, size_t max_items, ExpirySource& source,
                            std::vector<uint64_t>& out) {
  uint64_t now = tick_of(now_ms);
  // The position is normally `now`: the quantum that is not over yet.
  if (now < tick_) rewind(now);
  size_t budget = max_items;
  for (;;) {
    budget -= distribute(budget, source);
    if (pending_count_ != 0) return false;
    budget -= collect_list(budget, source, out);
    if (due_.last != nullptr) return false;
    if (tick_ >= now) return true;
    uint64_t event = next_event(now);
    if (event > tick_)
      tick_ = event;
    else
      step();
  }
}

// Due items. After a backward jump they may have been met too early, and then go back.
size_t TimeWheel::collect_list(size_t budget, ExpirySource& source, std::vector<uint64_t>& out) {
  size_t done = 0;
  bool exact = trusted();
  for (; done < budget && due_.last != nullptr; ++done) {
    uint64_t hash = pop(due_);
    if (!exact) {
      int64_t expiry = source.expiry_of(hash);
      if (expiry < 0) continue;
      if (uint64_t tick = tick_of(expiry); tick >= tick_) {
        put(tick, hash);
        continue;
      }
    }
    out.push_back(hash);
  }
  return done;
}

// Items of buckets of higher levels that the position has entered go to lower levels, by their present
// expiry. One whose expiry this bucket does not cover is stale: its entry has an item elsewhere.
size_t TimeWheel::distribute(size_t budget, ExpirySource& source) {
  size_t done = 0;
  bool exact = trusted();
  while (pending_count_ != 0) {
    Pending& from = pending_[pending_count_ - 1];
    for (; done < budget && from.list.last != nullptr; ++done) {
      uint64_t hash = pop(from.list);
      int64_t expiry = source.expiry_of(hash);
      if (expiry < 0) continue;
      uint64_t tick = tick_of(expiry);
      if (exact && (tick < from.low || tick > from.high)) continue;
      put(tick, hash);
    }
    if (from.list.last != nullptr) break;
    --pending_count_;
  }
  return done;
}

// The next quantum, at most `limit`, at which step() has something to do: an occupied bucket of the lowest
// level, or the entry into an occupied bucket above.
uint64_t TimeWheel::next_event(uint64_t limit) const {
  uint64_t tick = tick_;
  for (unsigned level = 0; level < kLevels; ++level) {
    uint64_t block = tick_ >> (8 * (level + 1)) << (8 * (level + 1));
    unsigned from = level == 0 ? digit(tick_, 0) : digit(tick_, level) + 1;
    unsigned next = from > 255 ? 256 : next_bit(occupied_[level], from);
    if (next < 256) {
      tick = block + (uint64_t{next} << (8 * level));
      // A bucket above is entered by the step that leaves the quantum before it.
      if (level > 0) --tick;
      return tick < limit ? tick : limit;
    }
    // After a backward jump a bucket behind the position may be occupied: then every block's end counts.
    tick = block + (uint64_t{1} << (8 * (level + 1))) - 1;
    bool wraps = next_bit(occupied_[level], 0) < 256;
    if (wraps) return tick < limit ? tick : limit;
  }
  // Only the overflow list is left: it is looked at when the position enters another block of all levels.
  if (overflow_.last == nullptr) return limit;
  return tick < limit ? tick : limit;
}

// Handles the quantum at the position: takes out its bucket, moves on, and takes out the buckets that the
// position has entered.
void TimeWheel::step() {
  Spot spot{0, digit(tick_, 0)};
  if (compacting_ && compact_at_ == spot) abort_compaction();
  if (levels_[0] != nullptr) {
    splice(due_, levels_[0][spot.bucket]);
    mark_emptied(spot);
  }
  ++tick_;
  for (unsigned level = 1; level <= kLevels && digit(tick_, level - 1) == 0; ++level) take_out(level);
}

void TimeWheel::take_out(unsigned level) {
  Spot spot{level, level == kOverflow ? 0 : digit(tick_, level)};
  if (compacting_ && compact_at_ == spot) abort_compaction();
  if (level != kOverflow && levels_[level] == nullptr) return;
  List& list = list_at(spot);
  if (list.last == nullptr) return;
  // The overflow list holds all times beyond: what is still beyond comes back to it.
  uint64_t high = level == kOverflow ? ~uint64_t{0} : tick_ + (uint64_t{1} << (8 * level)) - 1;
  pending_[pending_count_++] = {list, tick_, high};
  list.last = nullptr;
  mark_emptied(spot);
}

// The clock went back. Where items lie now, they are met at their time or earlier, because the buckets of a
// level are entered in order and an item's digit comes first in its own block or in one before. Only what is
// already past at the old position would wait for a whole turn: it moves along.
void TimeWheel::rewind(uint64_t tick) {
  abort_compaction();
  if (trust_from_ < tick_) trust_from_ = tick_;
  Spot old{0, digit(tick_, 0)};
  tick_ = tick;
  Spot spot{0, digit(tick_, 0)};
  if (old == spot || levels_[0] == nullptr || levels_[0][old.bucket].last == nullptr) return;
  splice(levels_[0][spot.bucket], levels_[0][old.bucket]);
  mark_emptied(old);
  occupied_[0][spot.bucket / 64] |= uint64_t{1} << (spot.bucket % 64);
}

}  // namespace gyre::ds
