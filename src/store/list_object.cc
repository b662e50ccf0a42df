#include "gyre/store/list_object.h"

#include <algorithm>
#include <string>

#include "gyre/base/check.h"
#include "gyre/ds/listpack_edit.h"
#include "list_block.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::ListpackEdit;
using ds::ListpackView;
using ds::PackedElement;

/// A node with more room than this gives memory back.
constexpr size_t kMaxSlack = 2, kSlackBytes = 128;
constexpr size_t kSmallestNodeClass = 4096;
static_assert(sizeof(ListBlock) == ListLimits::kNodeHead);
/// A node that shrank below this part of the limit is put together with a neighbour if both stay below the
/// other part.
constexpr size_t kSparsePart = 4, kMergedPart = 2;

const ListBlock& block_of(const BlockCursor& cursor) {
  return static_cast<const ListBlock&>(*cursor.block());
}
ListpackView listpack_of(const BlockCursor& cursor) { return ListpackView(block_of(cursor).view()); }

}  // namespace

ListLimits ListLimits::of(int max_listpack_size) {
  constexpr int kClasses = 5;
  if (max_listpack_size >= 0)
    return {.count = std::max<uint32_t>(1, static_cast<uint32_t>(max_listpack_size))};
  return {.bytes = (kSmallestNodeClass << (-std::max(max_listpack_size, -kClasses) - 1)) - kNodeHead};
}

const ListBlock& ListCursor::block() const { return block_of(path_); }

PackedElement ListCursor::get() const {
  const ListBlock& node = block();
  return node.plain() ? PackedElement::raw(node.view()) : ListpackView(node.view()).get(at_);
}

bool ListCursor::equals(std::string_view text) const {
  const ListBlock& node = block();
  return node.plain() ? node.view() == text : ListpackView(node.view()).equals(at_, text);
}

void ListCursor::next() {
  const ListBlock& node = block();
  if (!node.plain()) {
    const ListpackView list(node.view());
    at_ = list.next(at_);
    if (at_ != list.end()) return;
  }
  if (path_.next()) at_ = ListpackView::begin();
}

void ListCursor::previous() {
  const ListBlock& node = block();
  if (!node.plain() && at_ != ListpackView::begin()) {
    at_ = ListpackView(node.view()).prev(at_);
    return;
  }
  if (path_.previous() && !block().plain()) at_ = ListpackView(block().view()).last();
}

ListObject::ListObject(ListLimits limits) : ListObject(limits, ds::BlockTree(&kListBlockOps)) {}

ListObject::ListObject(ListLimits limits, ds::BlockTree tree)
    : Object(kForm), limits_(limits), tree_(std::move(tree)) {}

std::unique_ptr<ListObject> ListObject::from_packed(std::string_view bytes, ListLimits limits) {
  auto object = std::make_unique<ListObject>(limits);
  const ListpackView list(bytes);
  for (uint32_t at = list.first(); at != list.end(); at = list.next(at)) object->push_back(list.get(at));
  return object;
}

std::unique_ptr<Object> ListObject::freeze() const {
  return std::make_unique<ListObject>(limits_, tree_.freeze());
}

bool ListObject::reclaim(size_t blocks) {
  if (!reclaimer_) reclaimer_ = std::make_unique<ds::BlockReclaimer>(std::move(tree_));
  return reclaimer_->step(blocks);
}

ListCursor ListObject::at(uint64_t index) const {
  ListCursor cursor;
  if (index >= size()) return cursor;
  uint64_t within = 0;
  cursor.path_ = tree_.at(index, &within);
  if (!cursor.block().plain()) cursor.at_ = listpack_of(cursor.path_).seek(static_cast<int64_t>(within));
  return cursor;
}

ListObject::Node ListObject::node(const BlockCursor& cursor) {
  return {block_of(cursor).plain(), block_of(cursor).view()};
}

bool ListObject::is_plain(const PackedElement& element) const {
  return !element.is_integer() &&
         ds::kEmptyListpack.size() + ds::listpack_element_size(element) > limits_.bytes;
}

ds::BlockHeader* ListObject::make_block(const PackedElement& element) {
  if (is_plain(element)) {
    ListBlock* block = ListBlock::create_plain(element.bytes());
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
  if (!cursor.valid() || block_of(cursor).plain() || cursor.weight() >= limits_.count) return false;
  const ListpackView list = listpack_of(cursor);
  if (list.size() + ds::listpack_element_size(element) > limits_.bytes) return false;
  const uint32_t at = within == cursor.weight() ? list.end() : list.seek(static_cast<int64_t>(within));
  apply(cursor, ListpackEdit::insert(list, at, {&element, 1}));
  return true;
}

/// What stands in the node from `within` on goes to a node of its own behind it; the cursor stays. Requires 0
/// < within < weight.
void ListObject::split(BlockCursor& cursor, uint64_t within) {
  const ListpackView list = listpack_of(cursor);
  const uint32_t at = list.seek(static_cast<int64_t>(within));
  ds::ListpackBuilder builder;
  builder.add_between(list, at, list.end());
  const auto moved = static_cast<uint32_t>(builder.count());
  ListBlock* right = ListBlock::create_packed(builder.finish());
  apply(cursor, ListpackEdit::erase_between(list, at, list.end()));
  tree_.insert_after(cursor, right, moved);
  cursor.previous();
}

void ListObject::insert(uint64_t index, const PackedElement& element) {
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
  if (!block_of(cursor).plain() && !is_plain(element)) {
    const ListpackView list = listpack_of(cursor);
    const auto edit = ListpackEdit::replace(list, list.seek(static_cast<int64_t>(within)), {&element, 1});
    if (edit.new_size() <= std::max(limits_.bytes, edit.old_size())) return apply(cursor, edit);
  }
  insert(index, element);
  erase(index + 1);
}

void ListObject::remove_block(BlockCursor& cursor) {
  tree_.account(-static_cast<int64_t>(block_of(cursor).outside()));
  tree_.remove(cursor);
}

void ListObject::erase(uint64_t index, uint64_t count) {
  if (index >= size()) return;
  count = std::min(count, size() - index);
  while (count > 0) {
    uint64_t within = 0;
    BlockCursor cursor = tree_.at(index, &within);
    const uint64_t taken = std::min<uint64_t>(count, cursor.weight() - within);
    if (taken == cursor.weight()) {
      remove_block(cursor);
    } else {
      const ListpackView list = listpack_of(cursor);
      const uint32_t at = list.seek(static_cast<int64_t>(within));
      apply(cursor, ListpackEdit::erase(list, at, taken));
      if (taken == count && block_of(cursor).size < limits_.bytes / kSparsePart) merge_around(cursor);
    }
    count -= taken;
  }
}

void ListObject::merge_around(BlockCursor cursor) {
  if (merge_with_next(cursor)) return;
  if (cursor.previous()) merge_with_next(cursor);
}

bool ListObject::merge_with_next(BlockCursor cursor) {
  BlockCursor right = cursor;
  if (!right.next() || block_of(cursor).plain() || block_of(right).plain()) return false;
  const ListpackView list = listpack_of(cursor), more = listpack_of(right);
  const auto edit = ListpackEdit::insert_all(list, list.end(), more);
  if (edit.new_size() > limits_.bytes / kMergedPart || cursor.weight() + right.weight() > limits_.count)
    return false;
  apply(cursor, edit);
  cursor.next();
  remove_block(cursor);
  return true;
}

void ListObject::check() const {
  tree_.check();
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next()) {
    const ListBlock& block = block_of(cursor);
    GYRE_CHECK(cursor.weight() >= 1);
    if (block.plain()) {
      GYRE_CHECK(cursor.weight() == 1);
      continue;
    }
    GYRE_CHECK(ds::listpack_valid(block.view(), /*deep=*/true));
    GYRE_CHECK(ListpackView(block.view()).count() == cursor.weight() && cursor.weight() <= limits_.count);
  }
}

}  // namespace gyre::store
