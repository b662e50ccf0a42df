// Lists of the wheel, and its compaction.
#include <algorithm>

#include "gyre/base/check.h"
#include "time_wheel_internal.h"

namespace gyre::ds {

namespace {
/// A part of at most this many items is sorted and checked in one go: about 100 µs with a cache miss each.
constexpr size_t kDirect = 512;
constexpr unsigned kTargets = 256;
constexpr unsigned kTopShift = 56;
}  // namespace

TimeWheel::Chunk* TimeWheel::grow(List& list) {
  unsigned size_class = 0;
  if (list.last != nullptr) size_class = std::min(list.last->size_class() + 1, Chunk::kClasses - 1);
  size_t bytes = Chunk::bytes_of(size_class);
  auto* chunk = static_cast<Chunk*>(arena_.allocate(bytes));
  memory_bytes_ += bytes;
  chunk->head = uint64_t{size_class} << 56;
  if (list.last == nullptr) {
    chunk->set_next(chunk);
  } else {
    chunk->set_next(list.last->next());
    list.last->set_next(chunk);
  }
  list.last = chunk;
  return chunk;
}

void TimeWheel::push(List& list, uint64_t hash) {
  Chunk* chunk = list.last;
  if (chunk == nullptr || chunk->room() == 0) chunk = grow(list);
  chunk->items()[chunk->count()] = hash;
  chunk->head += Chunk::kOne;
  ++items_;
}

// From the first chunk, which can be unlinked without a search. Requires a list that is not empty.
uint64_t TimeWheel::pop(List& list) {
  Chunk* chunk = list.last->next();
  chunk->head -= Chunk::kOne;
  uint64_t hash = chunk->items()[chunk->count()];
  --items_;
  if (chunk->count() == 0) {
    if (chunk == list.last)
      list.last = nullptr;
    else
      list.last->set_next(chunk->next());
    free_chunk(chunk);
  }
  return hash;
}

void TimeWheel::sample(uint64_t random, size_t max, std::vector<uint64_t>& out) const {
  constexpr unsigned kSkippedChunks = 64;
  max += out.size();
  auto take = [&](const List& list) {
    if (list.last == nullptr) return;
    const Chunk* chunk = list.last;
    for (unsigned skip = random % kSkippedChunks; skip > 0; --skip) chunk = chunk->next();
    const Chunk* first = chunk;
    do {
      for (unsigned i = 0; i < chunk->count() && out.size() < max; ++i) out.push_back(chunk->items()[i]);
      chunk = chunk->next();
    } while (chunk != first && out.size() < max);
  };
  for (unsigned n = 0; n < kLevels; ++n) {
    const List* lists = levels_[(random / kSkippedChunks + n) % kLevels];
    const uint64_t start = random / kSkippedChunks / kLevels;
    for (unsigned b = 0; lists != nullptr && b < kBuckets && out.size() < max; ++b) take(lists[(start + b) % kBuckets]);
  }
  take(overflow_);
  take(due_);
  for (unsigned n = 0; n < pending_count_; ++n) take(pending_[n].list);
}

void TimeWheel::free_chunk(Chunk* chunk) {
  size_t bytes = Chunk::bytes_of(chunk->size_class());
  memory_bytes_ -= bytes;
  arena_.free(chunk, bytes);
}

void TimeWheel::splice(List& to, List& from) {
  if (from.last == nullptr) return;
  if (to.last == nullptr) {
    to.last = from.last;
  } else {
    Chunk* first = to.last->next();
    to.last->set_next(from.last->next());
    from.last->set_next(first);
    to.last = from.last;
  }
  from.last = nullptr;
}

void TimeWheel::drop(List& list) {
  if (list.last == nullptr) return;
  Chunk* chunk = list.last->next();
  list.last->set_next(nullptr);
  list.last = nullptr;
  while (chunk != nullptr) {
    Chunk* next = chunk->next();
    items_ -= chunk->count();
    free_chunk(chunk);
    chunk = next;
  }
}

// Finding duplicates among millions of items without memory for them: the bucket's items are divided by 8
// bits of the hash, and the parts again, until a part is small enough to be sorted. What is kept returns to
// the bucket.
size_t TimeWheel::compact(size_t budget, ExpirySource& source) {
  size_t dropped = 0;
  size_t done = 0;
  while (done < budget) {
    if (!compacting_ && !open_compaction()) break;
    if (!targets_.empty()) {
      done += divide(budget - done, dropped);
    } else if (parts_.empty()) {
      close_compaction();
    } else if (parts_.back().count <= kDirect) {
      done += settle(source, dropped);
    } else {
      dividing_ = parts_.back();
      parts_.pop_back();
      targets_.assign(kTargets, Part{{}, 0, dividing_.shift >= 8 ? dividing_.shift - 8 : 0});
    }
    if (!compacting_) ++done;  // buckets cost something, too
  }
  return dropped;
}

bool TimeWheel::small(const List& list) const {
  size_t count = 0;
  const Chunk* chunk = list.last;
  do {
    count += chunk->count();
    chunk = chunk->next();
  } while (chunk != list.last && count <= kDirect);
  return count <= kDirect;
}

// Takes out the next bucket that has items, in the order of the levels, round and round.
bool TimeWheel::open_compaction() {
  for (unsigned tries = 0; tries <= kLevels * kBuckets + 1; ++tries) {
    if (compact_at_.level == kOverflow)
      compact_at_ = {0, 0};
    else if (++compact_at_.bucket == kBuckets)
      compact_at_ = {compact_at_.level + 1, 0};
    if (compact_at_.level != kOverflow && levels_[compact_at_.level] == nullptr) {
      compact_at_.bucket = kBuckets - 1;
      continue;
    }
    List& list = list_at(compact_at_);
    if (list.last == nullptr) continue;
    compacting_ = true;
    parts_.push_back({list, small(list) ? kDirect : items_ + kDirect, kTopShift});
    list.last = nullptr;
    // The bucket stays marked as occupied, so that the position stops at it.
    return true;
  }
  return false;
}

void TimeWheel::close_compaction() {
  compacting_ = false;
  if (list_at(compact_at_).last == nullptr) mark_emptied(compact_at_);
}

// The bucket is needed now: everything goes back as it is.
void TimeWheel::abort_compaction() {
  if (!compacting_) return;
  List& list = list_at(compact_at_);
  for (Part& part : parts_) splice(list, part.list);
  for (Part& part : targets_) splice(list, part.list);
  splice(list, dividing_.list);
  parts_.clear();
  targets_.clear();
  close_compaction();
}

size_t TimeWheel::divide(size_t budget, size_t& dropped) {
  size_t done = 0;
  for (; done < budget && dividing_.list.last != nullptr; ++done) {
    uint64_t hash = pop(dividing_.list);
    Part& target = targets_[(hash >> dividing_.shift) & 255];
    // A key whose expiry was set again and again: its items follow each other.
    if (const Chunk* last = target.list.last; last != nullptr && last->items()[last->count() - 1] == hash) {
      ++dropped;
      continue;
    }
    push(target.list, hash);
    ++target.count;
  }
  if (dividing_.list.last != nullptr) return done;
  for (Part& target : targets_) {
    if (target.count != 0) parts_.push_back(target);
  }
  targets_.clear();
  return done;
}

size_t TimeWheel::settle(ExpirySource& source, size_t& dropped) {
  Part part = parts_.back();
  parts_.pop_back();
  sorting_.clear();
  while (part.list.last != nullptr) sorting_.push_back(pop(part.list));
  size_t all = sorting_.size();
  std::sort(sorting_.begin(), sorting_.end());
  sorting_.erase(std::unique(sorting_.begin(), sorting_.end()), sorting_.end());
  dropped += all - sorting_.size();
  List& bucket = list_at(compact_at_);
  for (uint64_t hash : sorting_) {
    int64_t expiry = source.expiry_of(hash);
    uint64_t tick = internal::tick_of(expiry);
    if (expiry >= 0 && spot_of(tick) == compact_at_) {
      push(bucket, hash);
    } else if (expiry >= 0 && !trusted()) {
      put(tick, hash);
    } else {
      ++dropped;
    }
  }
  return all;
}

}  // namespace gyre::ds
