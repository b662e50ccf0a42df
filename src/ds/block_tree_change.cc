// Changes of a BlockTree: ownership of the path, insertion with splits, and the bookkeeping of weights and
// keys.
#include <utility>

#include "block_tree_internal.h"
#include "gyre/ds/block_tree.h"

namespace gyre::ds {

BlockNode* BlockTree::make_node(uint32_t capacity, uint32_t level) {
  BlockNode* node = BlockNode::make(capacity, level, ops_->keyed);
  bytes_ += node->bytes();
  return node;
}

/// Frees the node alone: its kids have moved.
void BlockTree::free_node(BlockNode* node) {
  bytes_ -= node->bytes();
  BlockNode::free(node);
}

// ---- ownership --------------------------------------------------------------------------------------------

/// The node itself if only this tree holds it, else a copy, for which the reference to the node is given up.
BlockNode* BlockTree::own(BlockNode* node) {
  if (exclusive(node->refs)) return node;
  BlockNode* copy = BlockNode::make(node->capacity, node->level, node->keyed);  // bytes_ stays as it is
  copy->count = node->count;
  transfer(node, 0, copy, 0, node->count);
  for (uint32_t i = 0; i < copy->count; ++i) {
    auto& refs = copy->level == 0 ? copy->block(i)->refs : copy->node(i)->refs;
    refs.fetch_add(1, std::memory_order_relaxed);
  }
  release_node(node, ops_);
  return copy;
}

void BlockTree::set_node(BlockCursor& cursor, uint32_t level, BlockNode* node) {
  cursor.node_[level] = node;
  if (level + 1 == height_)
    root_ = node;
  else
    cursor.node_[level + 1]->kids()[cursor.slot_[level + 1]] = node;
}

/// From the root down: a copy of a node gives its kids a second reference, so that they are copied too.
void BlockTree::own_path(BlockCursor& cursor) {
  for (uint32_t level = height_; level-- > 0;) {
    if (!exclusive(cursor.node_[level]->refs)) set_node(cursor, level, own(cursor.node_[level]));
  }
}

void BlockTree::own_kid(BlockNode* parent, uint32_t slot) { parent->kids()[slot] = own(parent->node(slot)); }

void BlockTree::release_block(BlockHeader* block) {
  bytes_ -= block->bytes;
  if (drop(block->refs)) ops_->destroy(block);
}

BlockHeader* BlockTree::writable(BlockCursor& cursor) {
  own_path(cursor);
  BlockHeader* block = cursor.node_[0]->block(cursor.slot_[0]);
  if (exclusive(block->refs)) return block;
  BlockHeader* copy = ops_->clone(block);
  bytes_ += copy->bytes;
  release_block(block);
  cursor.node_[0]->kids()[cursor.slot_[0]] = copy;
  return copy;
}

// ---- weights and keys -------------------------------------------------------------------------------------

/// Adds to what the nodes from `level` up say of the kid on the path; a negative difference wraps around.
void BlockTree::add_weight(BlockCursor& cursor, uint32_t level, uint64_t difference) {
  for (; level < cursor.height_; ++level) cursor.node_[level]->weights()[cursor.slot_[level]] += difference;
}

/// The key of the kid on the path in `level` has changed: tells those above.
void BlockTree::fix_keys(BlockCursor& cursor, uint32_t level) {
  if (!ops_->keyed) return;
  for (; level + 1 < height_ && cursor.slot_[level] == 0; ++level)
    cursor.node_[level + 1]->keys()[cursor.slot_[level + 1]] = cursor.node_[level]->keys()[0];
}

void BlockTree::update(BlockCursor& cursor, uint32_t weight, BlockKey key) {
  BlockNode* node = cursor.node_[0];
  uint64_t difference = weight - node->weights()[cursor.slot_[0]];
  if (difference != 0) {
    add_weight(cursor, 0, difference);
    weight_ += difference;
  }
  if (!ops_->keyed || node->keys()[cursor.slot_[0]] == key) return;
  node->keys()[cursor.slot_[0]] = key;
  fix_keys(cursor, 0);
}

void BlockTree::changed(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key,
                        uint32_t bytes) {
  cursor.node_[0]->kids()[cursor.slot_[0]] = block;
  bytes_ += static_cast<size_t>(bytes) - block->bytes;
  block->bytes = bytes;
  update(cursor, weight, key);
}

void BlockTree::replace(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key) {
  own_path(cursor);
  release_block(cursor.node_[0]->block(cursor.slot_[0]));
  cursor.node_[0]->kids()[cursor.slot_[0]] = block;
  bytes_ += block->bytes;
  update(cursor, weight, key);
}

// ---- insertion --------------------------------------------------------------------------------------------

void BlockTree::insert_before(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key) {
  uint32_t past = cursor.valid() ? 0 : 1;
  if (past != 0) cursor = last();
  insert(cursor, cursor.valid() ? cursor.slot_[0] + past : 0, block, weight, key);
}

void BlockTree::insert_after(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key) {
  uint32_t past = cursor.valid() ? 1 : 0;
  if (past == 0) cursor = first();
  insert(cursor, cursor.valid() ? cursor.slot_[0] + past : 0, block, weight, key);
}

void BlockTree::insert(BlockCursor& cursor, uint32_t slot, BlockHeader* block, uint32_t weight,
                       BlockKey key) {
  if (root_ == nullptr) start(cursor);
  own_path(cursor);
  place(cursor, 0, slot, block, weight, key);
  add_weight(cursor, 1, weight);
  weight_ += weight;
  ++blocks_;
  bytes_ += block->bytes;
}

void BlockTree::start(BlockCursor& cursor) {
  root_ = make_node(BlockNode::room_for(1), 0);
  height_ = cursor.height_ = 1;
  cursor.node_[0] = root_;
}

void BlockTree::resize(BlockCursor& cursor, uint32_t level, uint32_t kids) {
  BlockNode* node = cursor.node_[level];
  uint32_t capacity = BlockNode::room_for(kids);
  if (capacity == node->capacity) return;
  BlockNode* fresh = make_node(capacity, level);
  fresh->count = node->count;
  transfer(node, 0, fresh, 0, node->count);
  free_node(node);
  set_node(cursor, level, fresh);
}

/// Puts a kid into the node of the path on `level`; the path then leads to it. The weight is not added to
/// those above.
void BlockTree::place(BlockCursor& cursor, uint32_t level, uint32_t slot, void* kid, uint64_t weight,
                      BlockKey key) {
  if (cursor.node_[level]->count == kMaxKids) slot = split(cursor, level, slot, key);
  if (cursor.node_[level]->count == cursor.node_[level]->capacity)
    resize(cursor, level, cursor.node_[level]->count + 1U);
  BlockNode* node = cursor.node_[level];
  transfer(node, slot, node, slot + 1, node->count - slot);
  node->kids()[slot] = kid;
  node->weights()[slot] = weight;
  if (ops_->keyed) node->keys()[slot] = key;
  ++node->count;
  cursor.slot_[level] = static_cast<uint16_t>(slot);
  if (slot == 0) fix_keys(cursor, level);
}

/// Makes room in a full node where a kid with `key` is to stand at `slot`; the path then leads to the half in
/// which it is to stand, at the slot returned. At the ends of the whole sequence the full half stays full:
/// what grows there comes in order.
uint32_t BlockTree::split(BlockCursor& cursor, uint32_t level, uint32_t slot, BlockKey key) {
  BlockNode* node = cursor.node_[level];
  uint32_t count = node->count;
  bool at_start = slot == 0, at_end = slot == count;
  for (uint32_t above = level + 1; above < height_; ++above) {
    at_start &= cursor.slot_[above] == 0;
    at_end &= cursor.slot_[above] + 1U == cursor.node_[above]->count;
  }
  uint32_t keep = at_end ? count : at_start ? 0 : count / 2;
  if (level + 1 == height_) grow_root(cursor);

  // The new node goes in empty, which disturbs no sum, even if its parent has to be split for it.
  BlockNode* fresh = make_node(BlockNode::room_for(count - keep + 1), level);
  place(cursor, level + 1, cursor.slot_[level + 1] + 1U, fresh, 0, keep < count ? node->key(keep) : key);
  BlockCursor left = cursor;
  left.step(level + 1, false);
  cursor.node_[level] = fresh;
  left.node_[level] = node;

  uint64_t moved = weight_of(node, keep, count);
  transfer(node, keep, fresh, 0, count - keep);
  fresh->count = static_cast<uint16_t>(count - keep);
  node->count = static_cast<uint16_t>(keep);
  add_weight(cursor, level + 1, moved);
  add_weight(left, level + 1, 0 - moved);
  if (keep > 0 && keep < count) resize(left, level, keep + 1);
  if (keep == count || slot > keep) return slot - keep;
  cursor = left;
  return slot;
}

void BlockTree::grow_root(BlockCursor& cursor) {
  GYRE_CHECK(height_ < BlockCursor::kMaxHeight);
  BlockNode* root = make_node(BlockNode::room_for(2), height_);
  root->count = 1;
  root->kids()[0] = root_;
  root->weights()[0] = weight_;
  if (ops_->keyed) root->keys()[0] = root_->keys()[0];
  cursor.node_[height_] = root_ = root;
  cursor.slot_[height_] = 0;
  cursor.height_ = ++height_;
}

}  // namespace gyre::ds
