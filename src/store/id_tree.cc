#include "gyre/store/id_tree.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::BlockHeader;

/// Leaves of both kinds just fit a size class of the allocator then.
constexpr uint32_t kMaxItems = 63;
constexpr uint32_t kFirstItems = 2;
/// A leaf with fewer items is put together with the next if both have no more than kMergedItems.
constexpr uint32_t kSparseItems = kMaxItems / 4, kMergedItems = kMaxItems / 2;

/// One allocation: this, and behind it the items.
template <class Item>
struct Run : BlockHeader {
  uint32_t size = 0;
  uint32_t capacity = 0;

  Item* items() { return reinterpret_cast<Item*>(this + 1); }
  const Item* items() const { return reinterpret_cast<const Item*>(this + 1); }

  static Run* create(uint32_t capacity) {
    auto* run = new (base::allocate(bytes_for(capacity))) Run;
    run->note_capacity();
    run->bytes = run->allocated();
    return run;
  }
  static Run* with_capacity(Run* run, uint32_t capacity) {
    run = static_cast<Run*>(base::reallocate(run, bytes_for(capacity)));
    run->note_capacity();
    return run;
  }
  uint32_t allocated() const { return static_cast<uint32_t>(base::usable_size(this)); }
  void append(const Item* from, uint32_t count) {
    std::memcpy(items() + size, from, count * sizeof(Item));
    size += count;
  }
  /// Where the ID is, or belongs.
  uint32_t place_of(StreamId id) const {
    return static_cast<uint32_t>(
        std::lower_bound(items(), items() + size, id, [](const Item& a, StreamId b) { return a.id < b; }) -
        items());
  }

 private:
  static size_t bytes_for(uint32_t capacity) { return sizeof(Run) + capacity * sizeof(Item); }
  void note_capacity() {
    capacity = std::min(kMaxItems, static_cast<uint32_t>((allocated() - sizeof(Run)) / sizeof(Item)));
  }
};

template <class Item>
BlockHeader* clone(const BlockHeader* header) {
  const auto& run = static_cast<const Run<Item>&>(*header);
  auto* copy = Run<Item>::create(run.size);
  copy->append(run.items(), run.size);
  return copy;
}

template <class Item>
void destroy(BlockHeader* header) {
  auto* run = static_cast<Run<Item>*>(header);
  run->~Run<Item>();
  base::deallocate(run);
}

template <class Item>
constexpr ds::BlockOps kOps{clone<Item>, destroy<Item>, /*keyed=*/true};

template <class Item>
const Run<Item>& run_of(const BlockCursor& cursor) {
  return static_cast<const Run<Item>&>(*cursor.block());
}

template <class Item>
void note(ds::BlockTree& tree, BlockCursor& cursor, Run<Item>* run) {
  tree.changed(cursor, run, run->size, key_of(run->items()[0].id), run->allocated());
}

}  // namespace

template <class Item>
const Item& IdTree<Item>::Cursor::operator*() const {
  return run_of<Item>(path_).items()[at_];
}

template <class Item>
void IdTree<Item>::Cursor::next() {
  if (++at_ < run_of<Item>(path_).size) return;
  path_.next();
  at_ = 0;
}

template <class Item>
IdTree<Item>::IdTree() : tree_(&kOps<Item>) {}

template <class Item>
IdTree<Item>::Cursor IdTree<Item>::first() const {
  Cursor cursor;
  cursor.path_ = tree_.first();
  return cursor;
}

template <class Item>
IdTree<Item>::Cursor IdTree<Item>::last() const {
  Cursor cursor;
  cursor.path_ = tree_.last();
  if (cursor.valid()) cursor.at_ = run_of<Item>(cursor.path_).size - 1;
  return cursor;
}

template <class Item>
IdTree<Item>::Cursor IdTree<Item>::at_or_after(StreamId id) const {
  Cursor cursor;
  cursor.path_ = tree_.last_at_or_before(key_of(id));
  if (!cursor.valid()) return first();
  const Run<Item>& run = run_of<Item>(cursor.path_);
  cursor.at_ = run.place_of(id);
  if (cursor.at_ == run.size) {
    cursor.path_.next();
    cursor.at_ = 0;
  }
  return cursor;
}

template <class Item>
const Item* IdTree<Item>::find(StreamId id) const {
  const BlockCursor cursor = tree_.last_at_or_before(key_of(id));
  if (!cursor.valid()) return nullptr;
  const Run<Item>& run = run_of<Item>(cursor);
  const uint32_t at = run.place_of(id);
  return at < run.size && run.items()[at].id == id ? &run.items()[at] : nullptr;
}

template <class Item>
Item* IdTree<Item>::edit(StreamId id) {
  BlockCursor cursor = tree_.last_at_or_before(key_of(id));
  if (!cursor.valid()) return nullptr;
  const uint32_t at = run_of<Item>(cursor).place_of(id);
  if (at == run_of<Item>(cursor).size || run_of<Item>(cursor).items()[at].id != id) return nullptr;
  auto* run = static_cast<Run<Item>*>(tree_.writable(cursor));
  note(tree_, cursor, run);
  return &run->items()[at];
}

template <class Item>
bool IdTree<Item>::insert(const Item& item) {
  BlockCursor cursor = tree_.last_at_or_before(key_of(item.id));
  if (!cursor.valid()) cursor = tree_.first();
  uint32_t at = 0;
  if (cursor.valid()) {
    at = run_of<Item>(cursor).place_of(item.id);
    const Run<Item>& run = run_of<Item>(cursor);
    if (at < run.size && run.items()[at].id == item.id) return false;
    if (run.size < kMaxItems) {
      insert_into(cursor, at, item);
      return true;
    }
    if (at != run.size) {
      split(cursor);
      const uint32_t left = run_of<Item>(cursor).size;
      if (at > left) {
        cursor.next();
        at -= left;
      }
      insert_into(cursor, at, item);
      return true;
    }
  }
  // Behind a full one: those that grow at their end have full leaves.
  auto* fresh = Run<Item>::create(kFirstItems);
  fresh->append(&item, 1);
  tree_.insert_after(cursor, fresh, 1, key_of(item.id));
  return true;
}

template <class Item>
void IdTree<Item>::insert_into(BlockCursor& cursor, uint32_t at, const Item& item) {
  auto* run = static_cast<Run<Item>*>(tree_.writable(cursor));
  if (run->size == run->capacity)
    run =
        Run<Item>::with_capacity(run, std::min(kMaxItems, run->size + std::max(kFirstItems, run->size / 4)));
  Item* place = run->items() + at;
  std::memmove(place + 1, place, (run->size - at) * sizeof(Item));
  std::memcpy(place, &item, sizeof(Item));
  ++run->size;
  note(tree_, cursor, run);
}

/// The upper half of a leaf goes to a leaf of its own; the cursor stays.
template <class Item>
void IdTree<Item>::split(BlockCursor& cursor) {
  auto* run = static_cast<Run<Item>*>(tree_.writable(cursor));
  const uint32_t left = run->size / 2;
  auto* right = Run<Item>::create(run->size - left);
  right->append(run->items() + left, run->size - left);
  run->size = left;
  run = Run<Item>::with_capacity(run, left + left / 4);
  note(tree_, cursor, run);
  tree_.insert_after(cursor, right, right->size, key_of(right->items()[0].id));
  cursor.previous();
}

template <class Item>
bool IdTree<Item>::erase(StreamId id) {
  BlockCursor cursor = tree_.last_at_or_before(key_of(id));
  if (!cursor.valid()) return false;
  const uint32_t at = run_of<Item>(cursor).place_of(id), size = run_of<Item>(cursor).size;
  if (at == size || run_of<Item>(cursor).items()[at].id != id) return false;
  if (size == 1) {
    tree_.remove(cursor);
    return true;
  }
  auto* run = static_cast<Run<Item>*>(tree_.writable(cursor));
  Item* place = run->items() + at;
  std::memmove(place, place + 1, (size - at - 1) * sizeof(Item));
  --run->size;
  if (run->capacity > 2 * run->size + kFirstItems) run = Run<Item>::with_capacity(run, run->size);
  note(tree_, cursor, run);
  if (run->size < kSparseItems) merge_with_next(cursor);
  return true;
}

template <class Item>
void IdTree<Item>::merge_with_next(BlockCursor cursor) {
  BlockCursor right = cursor;
  if (!right.next()) return;
  const uint32_t more = run_of<Item>(right).size, size = run_of<Item>(cursor).size;
  if (size + more > kMergedItems) return;
  auto* run = static_cast<Run<Item>*>(tree_.writable(cursor));
  if (size + more > run->capacity) run = Run<Item>::with_capacity(run, size + more);
  right = cursor;
  right.next();
  run->append(run_of<Item>(right).items(), more);
  note(tree_, cursor, run);
  cursor.next();
  tree_.remove(cursor);
}

template <class Item>
void IdTree<Item>::check() const {
  tree_.check();
  StreamId before;
  bool any = false;
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next()) {
    const Run<Item>& run = run_of<Item>(cursor);
    GYRE_CHECK(run.size >= 1 && run.size <= run.capacity && run.capacity <= kMaxItems);
    GYRE_CHECK(cursor.weight() == run.size && cursor.key() == key_of(run.items()[0].id));
    for (uint32_t i = 0; i < run.size; ++i) {
      GYRE_CHECK(!any || before < run.items()[i].id);
      before = run.items()[i].id;
      any = true;
    }
  }
}

template class IdTree<PendingEntry>;
template class IdTree<PendingId>;

}  // namespace gyre::store
