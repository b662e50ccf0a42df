// Changes of a list.
#include <algorithm>
#include <cstring>

#include "gyre/base/check.h"
#include "gyre/ds/listpack_edit.h"
#include "gyre/store/list_object.h"
#include "list_block.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::ListpackEdit;
using ds::ListpackView;
using ds::PackedElement;

/// A node with more room than this gives memory back.
constexpr size_t kMaxSlack = 2, kSlackBytes = 128;
/// A node that shrank below this part of the limit is put together with a neighbour if both stay below the
/// other part.
constexpr size_t kSparsePart = 4, kMergedPart = 2;

/// Of a node that is neither plain nor compressed.
ListpackView listpack_of(const BlockCursor& cursor) { return ListpackView(block_of(cursor).view()); }

}  // namespace

bool ListObject::is_plain(const PackedElement& element) const {
  return !element.is_integer() &&
         ds::kEmptyListpack.size() + ds::listpack_element_size(element) > limits_.bytes;
}

ds::BlockHeader* ListObject::make_block(const PackedElement& element) {
  if (is_plain(element)) {
    ListBlock* block = ListBlock::create_plain(base::Blob::copy_of(element.bytes()));
    tree_.account(static_cast<int64_t>(block->outside()));
    return block;
  }
  const auto edit = ListpackEdit::append(ListpackView(ds::kEmptyListpack), {&element, 1});
  ListBlock* block = ListBlock::create(edit.new_size());
  std::memcpy(block->data(), ds::kEmptyListpack.data(), ds::kEmptyListpack.size());
  edit.apply(block->data());
  block->size = static_cast<uint32_t>(edit.new_size());
  return block;
}

/// Applies an edit of the node's listpack and tells the tree.
template <class Edit>
void ListObject::apply(BlockCursor& cursor, const Edit& edit) {
  auto* block = static_cast<ListBlock*>(tree_.writable(cursor));
  GYRE_CHECK(!block->compressed && !block->plain);
  block->incompressible = false;
  const size_t size = edit.new_size();
  if (size > block->capacity) {
    // A quarter ahead, but a full node is just full.
    const size_t ahead = std::max(size, std::min(size + size / 4, limits_.bytes));
    block = ListBlock::with_capacity(block, ahead);
  }
  edit.apply(block->data());
  block->size = static_cast<uint32_t>(size);
  if (block->capacity > kMaxSlack * size + kSlackBytes) block = ListBlock::with_capacity(block, size);
  const auto weight = static_cast<uint32_t>(ListpackView(block->view()).count());
  tree_.changed(cursor, block, weight, {}, block->allocated());
}

/// Into the node, if it stays within the limits.
bool ListObject::insert_into(BlockCursor& cursor, uint64_t within, const PackedElement& element) {
  if (!cursor.valid() || block_of(cursor).plain || cursor.weight() >= limits_.count) return false;
  if (block_of(cursor).expanded_bytes() + ds::listpack_element_size(element) > limits_.bytes) return false;
  open(cursor);
  const ListpackView list = listpack_of(cursor);
  const uint32_t at = within == cursor.weight() ? list.end() : list.seek(static_cast<int64_t>(within));
  apply(cursor, ListpackEdit::insert(list, at, {&element, 1}));
  return true;
}

/// What stands in the node from `within` on goes to a node of its own behind it; the cursor stays. Requires 0
/// < within < weight.
void ListObject::split(BlockCursor& cursor, uint64_t within) {
  open(cursor);
  const ListpackView list = listpack_of(cursor);
  const uint32_t at = list.seek(static_cast<int64_t>(within));
  ds::ListpackBuilder builder;
  builder.add_between(list, at, list.end());
  const auto moved = static_cast<uint32_t>(builder.count());
  ListBlock* right = ListBlock::create(builder.finish());
  apply(cursor, ListpackEdit::erase_between(list, at, list.end()));
  tree_.insert_after(cursor, right, moved);
  cursor.previous();
}

void ListObject::insert(uint64_t index, const PackedElement& element) {
  const bool at_end = index == 0 || index == size();
  insert_at(index, element);
  settle(index, at_end);
}

void ListObject::insert_at(uint64_t index, const PackedElement& element) {
  const bool plain = is_plain(element);
  uint64_t within = 0;
  BlockCursor cursor;
  if (index < size()) {
    cursor = tree_.at(index, &within);
  } else if ((cursor = tree_.last()).valid()) {
    within = cursor.weight();
  }
  if (!plain && insert_into(cursor, within, element)) return;
  if (cursor.valid() && within == 0 && index != 0) {
    // Between two nodes: behind the one before.
    cursor.previous();
    within = cursor.weight();
    if (!plain && insert_into(cursor, within, element)) return;
  }
  if (cursor.valid() && within != 0 && within != cursor.weight()) {
    split(cursor, within);
    if (!plain && insert_into(cursor, within, element)) return;
    BlockCursor right = cursor;
    right.next();
    if (!plain && insert_into(right, 0, element)) return;
  }
  ds::BlockHeader* block = make_block(element);
  if (within == 0) {
    if (!cursor.valid()) cursor = tree_.first();
    tree_.insert_before(cursor, block, 1);
  } else {
    tree_.insert_after(cursor, block, 1);
  }
}

void ListObject::replace(uint64_t index, const PackedElement& element) {
  uint64_t within = 0;
  BlockCursor cursor = tree_.at(index, &within);
  if (!block_of(cursor).plain && !is_plain(element)) {
    open(cursor);
    const ListpackView list = listpack_of(cursor);
    const auto edit = ListpackEdit::replace(list, list.seek(static_cast<int64_t>(within)), {&element, 1});
    if (edit.new_size() <= std::max(limits_.bytes, edit.old_size())) {
      apply(cursor, edit);
      return settle(index, index == 0 || index + 1 == size());
    }
  }
  insert_at(index, element);
  erase(index + 1);
  settle(index, /*at_end=*/false);
}

void ListObject::remove_block(BlockCursor& cursor) {
  tree_.account(-static_cast<int64_t>(block_of(cursor).outside()));
  tree_.remove(cursor);
}

void ListObject::erase(uint64_t index, uint64_t count) {
  if (index >= size()) return;
  count = std::min(count, size() - index);
  const bool at_end = index == 0 || index + count == size();
  while (count > 0) {
    uint64_t within = 0;
    BlockCursor cursor = tree_.at(index, &within);
    const uint64_t taken = std::min<uint64_t>(count, cursor.weight() - within);
    if (taken == cursor.weight()) {
      remove_block(cursor);
    } else {
      open(cursor);
      const ListpackView list = listpack_of(cursor);
      const uint32_t at = list.seek(static_cast<int64_t>(within));
      apply(cursor, ListpackEdit::erase(list, at, taken));
      if (taken == count && block_of(cursor).size < limits_.bytes / kSparsePart) merge_around(cursor);
    }
    count -= taken;
  }
  settle(index, at_end);
}

void ListObject::merge_around(BlockCursor cursor) {
  if (merge_with_next(cursor)) return;
  if (cursor.previous()) merge_with_next(cursor);
}

bool ListObject::merge_with_next(BlockCursor cursor) {
  BlockCursor right = cursor;
  if (!right.next() || block_of(cursor).plain || block_of(right).plain) return false;
  const size_t both = block_of(cursor).expanded_bytes() + block_of(right).expanded_bytes();
  if (both - ds::kEmptyListpack.size() > limits_.bytes / kMergedPart) return false;
  if (cursor.weight() + right.weight() > limits_.count) return false;
  // Opening one may move the tree's nodes on the way to the other.
  open(cursor);
  right = cursor;
  right.next();
  open(right);
  cursor = right;
  cursor.previous();
  const ListpackView list = listpack_of(cursor), more = listpack_of(right);
  const auto edit = ListpackEdit::insert_all(list, list.end(), more);
  apply(cursor, edit);
  cursor.next();
  remove_block(cursor);
  return true;
}

}  // namespace gyre::store
