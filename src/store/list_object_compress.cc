// Which nodes of a list are compressed: those with `depth` nodes or more on either side. Every change leaves
// it so (settle()).
#include <algorithm>

#include "gyre/store/list_object.h"
#include "list_block.h"

namespace gyre::store {

using ds::BlockCursor;

namespace {

/// A change touches nodes that are this far at most from the one where its element is, or was.
constexpr int kTouched = 2;

}  // namespace

/// Another block of the same elements. The tree may move nodes: cursors other than this one become invalid.
void ListObject::put_instead(BlockCursor& cursor, ListBlock* block) {
  tree_.account(static_cast<int64_t>(block->outside()) - static_cast<int64_t>(block_of(cursor).outside()));
  tree_.replace(cursor, block, cursor.weight());
}

/// Makes the node one that can be changed.
void ListObject::open(BlockCursor& cursor) {
  const ListBlock& block = block_of(cursor);
  if (block.compressed) put_instead(cursor, block.make_expanded());
}

void ListObject::compress(BlockCursor& cursor) {
  const ListBlock& block = block_of(cursor);
  if (block.compressed || block.incompressible) return;
  if (ListBlock* compressed = block.make_compressed()) return put_instead(cursor, compressed);
  auto* same = static_cast<ListBlock*>(tree_.writable(cursor));
  same->incompressible = true;
  tree_.changed(cursor, same, cursor.weight(), {}, same->allocated());
}

bool ListObject::is_inner(const BlockCursor& cursor) const {
  BlockCursor before = cursor, behind = cursor;
  for (uint32_t i = 0; i < limits_.depth; ++i)
    if (!before.previous() || !behind.next()) return false;
  return true;
}

/// After a change at element `index`: what it has opened, made or moved is compressed or opened as its place
/// says. `at_end`: it has touched the outermost node only, and made or removed others.
void ListObject::settle(uint64_t index, bool at_end) {
  if (limits_.depth == 0) return;
  if (tree_.blocks() != settled_blocks_) {
    settle_ends();
  } else if (at_end) {
    return;
  }
  if (tree_.blocks() > 2 * uint64_t{limits_.depth}) settle_around(std::min(index, size() - 1));
}

/// With nodes more or less, those near the ends have other distances from them.
void ListObject::settle_ends() {
  const uint64_t blocks = tree_.blocks(), depth = limits_.depth;
  const uint64_t grown = blocks > settled_blocks_ ? blocks - settled_blocks_ : 0;
  const uint64_t looked_at = std::min(blocks, depth + grown + 1);
  settled_blocks_ = blocks;
  BlockCursor cursor = tree_.first();
  for (uint64_t place = 0; place < looked_at; ++place, cursor.next())
    place < depth || place + depth >= blocks ? open(cursor) : compress(cursor);
  cursor = tree_.last();
  for (uint64_t place = 0; place < looked_at; ++place, cursor.previous())
    place < depth || place + depth >= blocks ? open(cursor) : compress(cursor);
}

void ListObject::settle_around(uint64_t index) {
  uint64_t within = 0;
  BlockCursor cursor = tree_.at(index, &within);
  int looked_at = 1 + kTouched;
  for (BlockCursor before = cursor; looked_at <= 2 * kTouched && before.previous(); ++looked_at)
    cursor = before;
  for (; looked_at > 0 && cursor.valid(); --looked_at, cursor.next())
    if (!block_of(cursor).compressed && is_inner(cursor)) compress(cursor);
}

}  // namespace gyre::store
