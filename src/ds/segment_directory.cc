// The directory: doubled and halved in steps beside other work, so that no single change pays for its size.
// At a billion keys in one table (1.4 million segments) a doubling writes 32 MB, 16 KiB at a time.
#include <sys/mman.h>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"
#include "gyre/ds/segment_table_base.h"
#include "segment_internal.h"

namespace gyre::ds {

namespace {
constexpr size_t kHeadBytes = 64;
/// Directories up to this depth (8 KiB) are copied at once.
constexpr unsigned kImmediateDepth = 9;
constexpr size_t kStepWords = 512;
}  // namespace

// A directory once visible stays until the table ends, because a prefetching thread may still look at it; one
// per depth, used again, so that all together are at most twice the largest.
SegmentTableBase::Directory* SegmentTableBase::directory_for(unsigned depth) {
  if (growth_ == nullptr) {
    growth_ = static_cast<Growth*>(take(sizeof(Growth)));
    std::memset(static_cast<void*>(growth_), 0, sizeof(Growth));
    growth_->directories[0] = &first_;
    growth_->depth_counts[0] = static_cast<uint32_t>(segment_count_);
  }
  Directory*& entry = growth_->directories[depth];
  if (entry != nullptr) return entry;
  size_t words = size_t{1} << depth;
  size_t bytes = kHeadBytes + words * (sizeof(uint64_t) + sizeof(Segment*));
  void* block;
  if (bytes <= Arena::kMaxPagedBytes) {
    block = take(bytes);
  } else {
    // A mapping, so that its pages are cleared one by one as the copying reaches them.
    block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    GYRE_CHECK(block != MAP_FAILED);
    base::account(static_cast<int64_t>(bytes));
    memory_bytes_ += bytes;
  }
  entry = new (block) Directory;
  entry->depth = depth;
  entry->bytes = bytes;
  entry->words = reinterpret_cast<std::atomic<uint64_t>*>(static_cast<char*>(block) + kHeadBytes);
  entry->segments = reinterpret_cast<Segment**>(entry->words + words);
  return entry;
}

void SegmentTableBase::publish(Segment* segment, size_t index) {
  auto* d = const_cast<Directory*>(directory());
  size_t span = size_t{1} << (d->depth - segment->depth);
  size_t begin = index & ~(span - 1);
  uint64_t word = segment->buckets != nullptr ? make_word(segment->buckets, segment->bucket_count)
                                              : make_word(&internal::kEmptyBucket, 1);
  for (size_t i = begin; i < begin + span; ++i) {
    d->words[i].store(word, std::memory_order_relaxed);
    d->segments[i] = segment;
  }
  if (growth_ == nullptr || growth_->next == nullptr) return;
  copy_words(*d, *growth_->next, begin, begin + span < growth_->copied ? begin + span : growth_->copied);
}

// Words [begin, end) of `from`, to their places in a directory of twice or half its size.
void SegmentTableBase::copy_words(const Directory& from, Directory& to, size_t begin, size_t end) {
  bool doubled = to.depth > from.depth;
  for (size_t i = begin; i < end; ++i) {
    uint64_t word = from.words[i].load(std::memory_order_relaxed);
    size_t at = doubled ? 2 * i : i / 2;
    to.words[at].store(word, std::memory_order_relaxed);
    to.segments[at] = from.segments[i];
    if (!doubled) continue;
    to.words[at + 1].store(word, std::memory_order_relaxed);
    to.segments[at + 1] = from.segments[i];
  }
}

void SegmentTableBase::start_directory(unsigned depth) {
  Directory* next = directory_for(depth);
  growth_->next = next;
  growth_->copied = 0;
  if (depth <= kImmediateDepth) advance_directory(size_t{1} << directory()->depth);
}

void SegmentTableBase::advance_directory(size_t words) {
  if (growth_ == nullptr || growth_->next == nullptr) return;
  const Directory* d = directory();
  size_t total = size_t{1} << d->depth;
  size_t end = total - growth_->copied <= words ? total : growth_->copied + words;
  copy_words(*d, *growth_->next, growth_->copied, end);
  growth_->copied = end;
  if (end != total) return;
  directory_.store(growth_->next, std::memory_order_release);
  growth_->next = nullptr;
}

// Whether the segment may split now. A split needs a directory deeper than the segment; where that is
// missing, it is begun or continued, and the segment grows meanwhile. A directory is not deepened for hashes
// that do not spread.
bool SegmentTableBase::ready_to_split(const Segment& segment) {
  advance_directory(kStepWords);
  unsigned depth = directory()->depth;
  if (segment.depth < depth) {
    // Splitting to the full depth of the present directory forbids halving it.
    if (growth_->next != nullptr && growth_->next->depth < segment.depth + 1u) growth_->next = nullptr;
    return true;
  }
  if (depth == kMaxDepth || (size_t{1} << depth) > 8 * segment_count_ + 64) return false;
  if (growth_ == nullptr || growth_->next == nullptr)
    start_directory(depth + 1);
  else if (growth_->next->depth < depth)
    growth_->next = nullptr;
  return segment.depth < directory()->depth;
}

// Halves when nothing is left within two levels of the full depth: the spare level keeps a table that
// breathes from going back and forth.
void SegmentTableBase::maybe_halve() {
  advance_directory(kStepWords);
  if (growth_ == nullptr || growth_->next != nullptr) return;
  unsigned depth = directory()->depth;
  if (depth == 0 || growth_->depth_counts[depth] != 0) return;
  if (depth > 1 && growth_->depth_counts[depth - 1] != 0) return;
  if (depth == 1 && growth_->depth_counts[1] != 0) return;
  start_directory(depth - 1);
}

void SegmentTableBase::clear_all() {
  const Directory* d = directory();
  size_t words = size_t{1} << d->depth;
  for (size_t i = 0; i < words;) {
    Segment* segment = d->segments[i];
    if (segment == nullptr) break;
    i += size_t{1} << (d->depth - segment->depth);
    free_segment(segment);
  }
  if (growth_ != nullptr) growth_->next = nullptr;
  first_segment_ = nullptr;
  first_word_.store(make_word(&internal::kEmptyBucket, 1), std::memory_order_relaxed);
  directory_.store(&first_, std::memory_order_release);
  size_ = 0;
  max_buckets_ = 1;
}

// Directories and their list, at the table's end.
void SegmentTableBase::drop_memory() {
  if (growth_ == nullptr) return;
  for (unsigned depth = 1; depth <= kMaxDepth; ++depth) {
    Directory* d = growth_->directories[depth];
    if (d == nullptr) continue;
    size_t bytes = d->bytes;
    if (bytes <= Arena::kMaxPagedBytes) {
      give(d, bytes);
      continue;
    }
    base::account(-static_cast<int64_t>(bytes));
    memory_bytes_ -= bytes;
    munmap(d, bytes);
  }
  give(growth_, sizeof(Growth));
  growth_ = nullptr;
}

void SegmentTableBase::abandon() {
  if (growth_ != nullptr) {
    for (Directory* d : growth_->directories) {
      if (d == nullptr || d->bytes <= Arena::kMaxPagedBytes) continue;
      base::account(-static_cast<int64_t>(d->bytes));
      munmap(d, d->bytes);
    }
  }
  growth_ = nullptr;
  first_segment_ = nullptr;
  first_word_.store(make_word(&internal::kEmptyBucket, 1), std::memory_order_relaxed);
  directory_.store(&first_, std::memory_order_release);
  size_ = 0;
  segment_count_ = 0;
  max_buckets_ = 1;
  memory_bytes_ = 0;
}

}  // namespace gyre::ds
