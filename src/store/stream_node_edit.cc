#include "stream_node_edit.h"

#include <algorithm>

namespace gyre::store {

namespace {

using ds::ListpackEdit;
using ds::PackedElement;

/// Integers from 0 up to this take one byte, whatever it says.
constexpr int64_t kOneByteMax = 127;

}  // namespace

StreamNodeEdit::StreamNodeEdit(ds::BlockTree& tree, ds::BlockCursor& cursor)
    : tree_(tree), cursor_(cursor), node_(static_cast<StreamNode*>(tree.writable(cursor))) {}

StreamNodeEdit::~StreamNodeEdit() {
  const ds::ListpackView list = this->list();
  const auto live = static_cast<uint32_t>(stream_number(list, list.first()));
  tree_.changed(cursor_, node_, live, cursor_.key(), node_->allocated());
}

void StreamNodeEdit::append(std::span<const PackedElement> elements, size_t limit) {
  const auto edit = ListpackEdit::append(list(), elements);
  // Half as much again, but a full node is just full: of the usual limit, which is a size that allocators have, the node's
  // head is a part.
  const size_t size = edit.new_size(), full = limit - std::min(limit, sizeof(StreamNode));
  apply(edit, std::max(size, std::min(size + size / 2, full)));
}

void StreamNodeEdit::set_number(uint32_t at, int64_t value) {
  char* byte = node_->data() + at;
  if (static_cast<uint8_t>(*byte) <= kOneByteMax && value >= 0 && value <= kOneByteMax) [[likely]] {
    *byte = static_cast<char>(value);
    return;
  }
  const PackedElement element(value);
  const auto edit = ListpackEdit::replace(list(), at, {&element, 1});
  apply(edit, edit.new_size());
}

void StreamNodeEdit::set_counts(int64_t live, int64_t deleted) {
  set_number(ds::ListpackView::begin(), live);
  set_number(list().next(ds::ListpackView::begin()), deleted);
}

void StreamNodeEdit::apply(const ListpackEdit& edit, size_t ahead) {
  if (edit.new_size() > node_->capacity) move_to(ahead);
  edit.apply(node_->data());
  node_->size = static_cast<uint32_t>(edit.new_size());
}

void StreamNodeEdit::move_to(size_t capacity) { node_ = StreamNode::with_capacity(node_, capacity); }

}  // namespace gyre::store
