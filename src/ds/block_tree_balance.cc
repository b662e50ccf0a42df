// Removal from a BlockTree, and what keeps its nodes filled after it: merging with a neighbour, or borrowing
// from it.
#include "block_tree_internal.h"
#include "gyre/ds/block_tree.h"

namespace gyre::ds {
namespace {

/// Neighbours are merged only if the result has room left, so that a run of insertions does not split it at
/// once.
constexpr uint32_t kMergedKids = BlockTree::kMaxKids * 3 / 4;

void erase_slot(BlockNode* node, uint32_t slot) {
  transfer(node, slot + 1, node, slot, node->count - slot - 1U);
  --node->count;
}

}  // namespace

void BlockTree::remove(BlockCursor& cursor) {
  own_path(cursor);
  BlockNode* node = cursor.node_[0];
  uint32_t slot = cursor.slot_[0];
  uint64_t weight = node->weights()[slot];
  release_block(node->block(slot));
  erase_slot(node, slot);
  add_weight(cursor, 1, 0 - weight);
  weight_ -= weight;
  --blocks_;
  if (slot == 0 && node->count > 0) fix_keys(cursor, 0);

  uint32_t level = rebalance(cursor);
  if (root_ == nullptr) return;
  if (cursor.slot_[level] == cursor.node_[level]->count) {
    --cursor.slot_[level];
    if (!cursor.step(level, true)) {
      cursor.height_ = 0;
      return;
    }
  }
  cursor.descend(level, false);
}

/// Restores the least number of kids on the path, from the bottom up. Returns the level from which on the
/// path leads to where the removed block stood; the slot there may be one past the last.
uint32_t BlockTree::rebalance(BlockCursor& cursor) {
  uint32_t known = 0;
  for (uint32_t level = 0; level + 1 < height_; ++level) {
    BlockNode* node = cursor.node_[level];
    if (node->count >= kMinKids) break;
    BlockNode* parent = cursor.node_[level + 1];
    if (parent->count > 1) {
      if (!merge_or_borrow(cursor, level)) break;
      continue;
    }
    // An only kid, at the beginning or the end of the whole sequence: nothing to merge with.
    if (node->count > 0) break;
    free_node(node);
    parent->count = 0;
    known = level + 1;
  }
  shrink_root(cursor);
  return known;
}

void BlockTree::shrink_root(BlockCursor& cursor) {
  while (height_ > 1 && root_->count == 1) {
    BlockNode* kid = root_->node(0);
    free_node(root_);
    root_ = kid;
    cursor.height_ = --height_;
  }
  if (root_->count > 0) return;
  free_node(root_);
  root_ = nullptr;
  cursor.height_ = height_ = 0;
}

/// True when merged: the parent has lost a kid.
bool BlockTree::merge_or_borrow(BlockCursor& cursor, uint32_t level) {
  BlockNode* parent = cursor.node_[level + 1];
  uint32_t slot = cursor.slot_[level + 1];
  auto fits = [parent](uint32_t left) {
    return parent->node(left)->count + parent->node(left + 1)->count <= int{kMergedKids};
  };
  if (slot > 0 && fits(slot - 1)) {
    merge(cursor, level, slot - 1);
    return true;
  }
  if (slot + 1U < parent->count && fits(slot)) {
    merge(cursor, level, slot);
    return true;
  }
  borrow(cursor, level, slot > 0 ? slot - 1 : slot);
  return false;
}

/// The path's node on `level` has become kid `slot` of its parent; its first kid may be another one than
/// before.
void BlockTree::moved_into(BlockCursor& cursor, uint32_t level, uint32_t slot) {
  BlockNode* parent = cursor.node_[level + 1];
  cursor.slot_[level + 1] = static_cast<uint16_t>(slot);
  cursor.node_[level] = parent->node(slot);
  if (!ops_->keyed) return;
  parent->keys()[slot] = cursor.node_[level]->keys()[0];
  fix_keys(cursor, level + 1);
}

void BlockTree::merge(BlockCursor& cursor, uint32_t level, uint32_t left_slot) {
  BlockNode* parent = cursor.node_[level + 1];
  own_kid(parent, left_slot);
  own_kid(parent, left_slot + 1);
  BlockNode* left = parent->node(left_slot);
  BlockNode* right = parent->node(left_slot + 1);
  if (cursor.slot_[level + 1] != left_slot) cursor.slot_[level] += left->count;

  uint32_t count = left->count + uint32_t{right->count};
  BlockNode* merged = make_node(BlockNode::room_for(count), level);
  transfer(left, 0, merged, 0, left->count);
  transfer(right, 0, merged, left->count, right->count);
  merged->count = static_cast<uint16_t>(count);
  free_node(left);
  free_node(right);

  parent->kids()[left_slot] = merged;
  parent->weights()[left_slot] += parent->weights()[left_slot + 1];
  erase_slot(parent, left_slot + 1);
  moved_into(cursor, level, left_slot);
}

/// Evens out the kids of two neighbours, one of which, the path's node, has too few.
void BlockTree::borrow(BlockCursor& cursor, uint32_t level, uint32_t left_slot) {
  BlockNode* parent = cursor.node_[level + 1];
  own_kid(parent, left_slot);
  own_kid(parent, left_slot + 1);
  BlockNode* left = parent->node(left_slot);
  BlockNode* right = parent->node(left_slot + 1);
  bool to_left = cursor.slot_[level + 1] == left_slot;
  uint32_t total = left->count + uint32_t{right->count};
  uint32_t keep = total / 2;
  BlockNode* fresh = make_node(BlockNode::room_for(to_left ? keep : total - keep), level);
  uint64_t moved;
  if (to_left) {
    uint32_t n = keep - left->count;
    moved = weight_of(right, 0, n);
    transfer(left, 0, fresh, 0, left->count);
    transfer(right, 0, fresh, left->count, n);
    transfer(right, n, right, 0, right->count - n);
    free_node(left);
    parent->kids()[left_slot] = left = fresh;
  } else {
    uint32_t n = left->count - keep;
    moved = 0 - weight_of(left, keep, left->count);
    transfer(left, keep, fresh, 0, n);
    transfer(right, 0, fresh, n, right->count);
    cursor.slot_[level] = static_cast<uint16_t>(cursor.slot_[level] + n);
    free_node(right);
    parent->kids()[left_slot + 1] = right = fresh;
  }
  left->count = static_cast<uint16_t>(keep);
  right->count = static_cast<uint16_t>(total - keep);
  parent->weights()[left_slot] += moved;
  parent->weights()[left_slot + 1] -= moved;
  if (ops_->keyed) parent->keys()[left_slot + 1] = right->keys()[0];
  moved_into(cursor, level, to_left ? left_slot : left_slot + 1);
}

// ---- checking ---------------------------------------------------------------------------------------------

namespace {

struct Totals {
  uint64_t weight = 0, blocks = 0;
  size_t bytes = 0;
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tree
void check_node(BlockNode* node, uint32_t level, bool first, bool last, Totals* totals) {
  GYRE_CHECK(node->refs.load() > 0 && node->level == level);
  GYRE_CHECK(node->count > 0 && node->count <= node->capacity && node->capacity <= BlockTree::kMaxKids);
  GYRE_CHECK(first || last || node->count >= BlockTree::kMinKids);
  totals->bytes += node->bytes();
  for (uint32_t i = 0; i < node->count; ++i) {
    if (i > 0 && node->keyed) GYRE_CHECK(node->keys()[i - 1] <= node->keys()[i]);
    if (level == 0) {
      GYRE_CHECK(node->block(i)->refs.load() > 0);
      totals->weight += node->weights()[i];
      totals->bytes += node->block(i)->bytes;
      ++totals->blocks;
      continue;
    }
    if (node->keyed) GYRE_CHECK(node->keys()[i] == node->node(i)->keys()[0]);
    uint64_t before = totals->weight;
    check_node(node->node(i), level - 1, first && i == 0, last && i + 1U == node->count, totals);
    GYRE_CHECK(totals->weight - before == node->weights()[i]);
  }
}

}  // namespace

void BlockTree::check() const {
  Totals totals;
  if (root_ != nullptr) check_node(root_, height_ - 1, true, true, &totals);
  GYRE_CHECK(totals.weight == weight_ && totals.blocks == blocks_ && (root_ != nullptr || height_ == 0));
  GYRE_CHECK(height_ < 2 || root_->count > 1);
  GYRE_CHECK(bytes_ >= totals.bytes);  // what account() added comes on top
}

}  // namespace gyre::ds
