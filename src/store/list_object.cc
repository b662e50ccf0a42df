#include "gyre/store/list_object.h"

#include <algorithm>
#include <string>

#include "gyre/base/check.h"
#include "list_block.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::ListpackView;
using ds::PackedElement;

constexpr size_t kSmallestNodeClass = 4096;
/// In Redis the depth is a number of 16 bits, and so is the size that its DEBUG OBJECT shows.
constexpr int kMaxDepth = 65535, kMaxCount = 32767;
static_assert(sizeof(ListBlock) == ListLimits::kNodeHead);

}  // namespace

ListLimits ListLimits::of(int max_listpack_size, int compress_depth) {
  constexpr int kClasses = 5;
  ListLimits limits{.depth = static_cast<uint32_t>(std::clamp(compress_depth, 0, kMaxDepth)),
                    .configured_size = std::clamp(max_listpack_size, -kClasses, kMaxCount)};
  if (max_listpack_size >= 0) {
    limits.count = std::max<uint32_t>(1, static_cast<uint32_t>(max_listpack_size));
  } else {
    limits.bytes = (kSmallestNodeClass << (-std::max(max_listpack_size, -kClasses) - 1)) - kNodeHead;
  }
  return limits;
}

/// Makes the bytes of the path's node readable.
void ListCursor::enter() {
  const ListBlock& block = block_of(path_);
  plain_ = block.plain;
  bytes_ = block.view();
  if (!block.compressed) return;
  if (room_ < block.expanded_size) {
    room_ = block.expanded_size;
    expanded_ = std::make_unique_for_overwrite<char[]>(room_);
  }
  block.expand_into(expanded_.get());
  bytes_ = {expanded_.get(), block.expanded_size};
}

PackedElement ListCursor::get() const {
  return plain_ ? PackedElement::raw(bytes_) : ListpackView(bytes_).get(at_);
}

bool ListCursor::equals(std::string_view text) const {
  return plain_ ? bytes_ == text : ListpackView(bytes_).equals(at_, text);
}

void ListCursor::next() {
  if (!plain_) {
    const ListpackView list(bytes_);
    at_ = list.next(at_);
    if (at_ != list.end()) return;
  }
  if (!path_.next()) return;
  enter();
  at_ = ListpackView::begin();
}

void ListCursor::previous() {
  if (!plain_ && at_ != ListpackView::begin()) {
    at_ = ListpackView(bytes_).prev(at_);
    return;
  }
  if (!path_.previous()) return;
  enter();
  if (!plain_) at_ = ListpackView(bytes_).last();
}

ListObject::ListObject(ListLimits limits) : ListObject(limits, ds::BlockTree(&kListBlockOps)) {}

ListObject::ListObject(ListLimits limits, ds::BlockTree tree)
    : Object(kForm), limits_(limits), tree_(std::move(tree)), settled_blocks_(tree_.blocks()) {}

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
  cursor.enter();
  if (!cursor.plain_) cursor.at_ = ListpackView(cursor.bytes_).seek(static_cast<int64_t>(within));
  return cursor;
}

ListObject::Node ListObject::node(const BlockCursor& cursor) {
  const ListBlock& block = block_of(cursor);
  return {block.plain, block.view(), block.compressed ? block.expanded_size : 0};
}

uint64_t ListObject::expanded_bytes() const {
  uint64_t bytes = 0;
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next())
    bytes += block_of(cursor).expanded_bytes();
  return bytes;
}

uint64_t ListObject::compressed_nodes() const {
  uint64_t nodes = 0;
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next())
    nodes += block_of(cursor).compressed ? 1 : 0;
  return nodes;
}

void ListObject::check() const {
  tree_.check();
  GYRE_CHECK(settled_blocks_ == tree_.blocks() || limits_.depth == 0);
  uint64_t place = 0;
  for (BlockCursor cursor = tree_.first(); cursor.valid(); cursor.next(), ++place) {
    const ListBlock& block = block_of(cursor);
    const bool inner = limits_.depth > 0 && place >= limits_.depth && place + limits_.depth < tree_.blocks();
    GYRE_CHECK(inner ? block.compressed != block.incompressible : !block.compressed);
    GYRE_CHECK(cursor.weight() >= 1);
    std::string bytes(block.view());
    if (block.compressed) {
      bytes.resize(block.expanded_size);
      block.expand_into(bytes.data());
    }
    if (block.plain) {
      GYRE_CHECK(cursor.weight() == 1);
      continue;
    }
    GYRE_CHECK(ds::listpack_valid(bytes, /*deep=*/true));
    GYRE_CHECK(ListpackView(bytes).count() == cursor.weight() && cursor.weight() <= limits_.count);
  }
}

}  // namespace gyre::store
