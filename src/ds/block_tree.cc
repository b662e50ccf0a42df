#include "gyre/ds/block_tree.h"

#include <utility>

#include "block_tree_internal.h"

namespace gyre::ds {

// ---- cursor -----------------------------------------------------------------------------------------------

const BlockHeader* BlockCursor::block() const { return node_[0]->block(slot_[0]); }
uint32_t BlockCursor::weight() const { return static_cast<uint32_t>(node_[0]->weights()[slot_[0]]); }
BlockKey BlockCursor::key() const { return node_[0]->key(slot_[0]); }

/// Fills in the path below `level`, along the first or the last kids.
void BlockCursor::descend(uint32_t level, bool to_last) {
  for (; level > 0; --level) {
    node_[level - 1] = node_[level]->node(slot_[level]);
    slot_[level - 1] = to_last ? static_cast<uint16_t>(node_[level - 1]->count - 1) : uint16_t{0};
  }
}

/// To the neighbouring kid on `level`; what stands below that level is left as it was.
bool BlockCursor::step(uint32_t level, bool forward) {
  uint32_t turn = level;  // where the paths to here and to there part
  while (turn < height_ && (forward ? slot_[turn] + 1U >= node_[turn]->count : slot_[turn] == 0)) ++turn;
  if (turn == height_) return false;
  slot_[turn] = static_cast<uint16_t>(forward ? slot_[turn] + 1 : slot_[turn] - 1);
  for (; turn > level; --turn) {
    node_[turn - 1] = node_[turn]->node(slot_[turn]);
    slot_[turn - 1] = forward ? uint16_t{0} : static_cast<uint16_t>(node_[turn - 1]->count - 1);
  }
  return true;
}

bool BlockCursor::next() {
  if (!step(0, true)) height_ = 0;
  return valid();
}

bool BlockCursor::previous() {
  if (!step(0, false)) height_ = 0;
  return valid();
}

// ---- life -------------------------------------------------------------------------------------------------

BlockTree::BlockTree(BlockTree&& other) noexcept
    : ops_(other.ops_),
      root_(std::exchange(other.root_, nullptr)),
      weight_(std::exchange(other.weight_, 0)),
      blocks_(std::exchange(other.blocks_, 0)),
      bytes_(std::exchange(other.bytes_, 0)),
      height_(std::exchange(other.height_, 0)) {}

BlockTree& BlockTree::operator=(BlockTree&& other) noexcept {
  if (this == &other) return *this;
  clear();
  ops_ = other.ops_;
  root_ = std::exchange(other.root_, nullptr);
  weight_ = std::exchange(other.weight_, 0);
  blocks_ = std::exchange(other.blocks_, 0);
  bytes_ = std::exchange(other.bytes_, 0);
  height_ = std::exchange(other.height_, 0);
  return *this;
}

void BlockTree::clear() {
  if (root_ != nullptr) release_node(std::exchange(root_, nullptr), ops_);
  weight_ = blocks_ = 0;
  bytes_ = 0;
  height_ = 0;
}

BlockTree BlockTree::freeze() const {
  BlockTree frozen(ops_);
  if (root_ == nullptr) return frozen;
  root_->refs.fetch_add(1, std::memory_order_relaxed);
  frozen.root_ = root_;
  frozen.weight_ = weight_;
  frozen.blocks_ = blocks_;
  frozen.bytes_ = bytes_;
  frozen.height_ = height_;
  return frozen;
}

void release_node(BlockNode* node, const BlockOps* ops) {
  if (!drop(node->refs)) return;
  for (uint32_t i = 0; i < node->count; ++i) {
    if (node->level != 0) {
      release_node(node->node(i), ops);
    } else if (drop(node->block(i)->refs)) {
      ops->destroy(node->block(i));
    }
  }
  BlockNode::free(node);
}

// ---- search -----------------------------------------------------------------------------------------------

BlockCursor BlockTree::first() const {
  BlockCursor cursor;
  if (root_ == nullptr) return cursor;
  cursor.height_ = height_;
  cursor.node_[height_ - 1] = root_;
  cursor.slot_[height_ - 1] = 0;
  cursor.descend(height_ - 1, false);
  return cursor;
}

BlockCursor BlockTree::last() const {
  BlockCursor cursor;
  if (root_ == nullptr) return cursor;
  cursor.height_ = height_;
  cursor.node_[height_ - 1] = root_;
  cursor.slot_[height_ - 1] = static_cast<uint16_t>(root_->count - 1);
  cursor.descend(height_ - 1, true);
  return cursor;
}

BlockCursor BlockTree::at(uint64_t index, uint64_t* within) const {
  GYRE_CHECK(index < weight_);
  BlockCursor cursor;
  cursor.height_ = height_;
  BlockNode* node = root_;
  for (uint32_t level = height_; level-- > 0;) {
    const uint64_t* weights = node->weights();
    uint32_t slot = 0;
    while (index >= weights[slot]) index -= weights[slot++];
    cursor.node_[level] = node;
    cursor.slot_[level] = static_cast<uint16_t>(slot);
    if (level > 0) node = node->node(slot);
  }
  *within = index;
  return cursor;
}

uint64_t BlockTree::rank(const BlockCursor& cursor) const {
  if (!cursor.valid()) return weight_;
  uint64_t sum = 0;
  for (uint32_t level = 0; level < cursor.height_; ++level)
    sum += weight_of(cursor.node_[level], 0, cursor.slot_[level]);
  return sum;
}

BlockCursor BlockTree::last_before(BlockKey key, Before before, const void* context) const {
  BlockCursor cursor;
  if (root_ == nullptr) return cursor;
  BlockNode* node = root_;
  uint32_t low =
      0;  // kids known to be before; below the root the first one is, as it begins with its parent's block
  for (uint32_t level = height_; level-- > 0;) {
    const BlockKey* keys = node->keys();
    uint32_t high = node->count;
    while (low < high) {
      uint32_t middle = (low + high) / 2;
      bool is_before = keys[middle] == key ? before(context, node->first_block(middle)) : keys[middle] < key;
      if (is_before)
        low = middle + 1;
      else
        high = middle;
    }
    if (low == 0) return cursor;
    cursor.node_[level] = node;
    cursor.slot_[level] = static_cast<uint16_t>(low - 1);
    if (level > 0) node = node->node(low - 1);
    low = 1;
  }
  cursor.height_ = height_;
  return cursor;
}

BlockCursor BlockTree::last_at_or_before(BlockKey key) const {
  return last_before(key, [](const void*, const BlockHeader*) { return true; }, nullptr);
}

BlockCursor BlockTree::first_at_or_after(BlockKey key) const {
  BlockCursor cursor = last_before(key, [](const void*, const BlockHeader*) { return false; }, nullptr);
  if (!cursor.valid()) return first();
  cursor.next();
  return cursor;
}

// ---- reclaiming -------------------------------------------------------------------------------------------

BlockReclaimer::BlockReclaimer(BlockTree&& tree) : ops_(tree.ops_) {
  BlockNode* root = std::exchange(tree.root_, nullptr);
  tree.clear();
  if (root == nullptr || !drop(root->refs)) return;
  node_[0] = root;
  slot_[0] = 0;
  depth_ = 1;
}

BlockReclaimer::BlockReclaimer(BlockReclaimer&& other) noexcept : ops_(other.ops_) {
  depth_ = std::exchange(other.depth_, 0);
  std::copy_n(other.node_, depth_, node_);
  std::copy_n(other.slot_, depth_, slot_);
}

BlockReclaimer::~BlockReclaimer() {
  while (step(SIZE_MAX)) {
  }
}

bool BlockReclaimer::step(size_t nodes) {
  for (; depth_ > 0 && nodes > 0; --nodes) {
    BlockNode* node = node_[depth_ - 1];
    uint16_t& slot = slot_[depth_ - 1];
    if (slot == node->count) {
      BlockNode::free(node);
      --depth_;
    } else if (node->level == 0) {
      BlockHeader* block = node->block(slot++);
      if (drop(block->refs)) ops_->destroy(block);
    } else {
      BlockNode* kid = node->node(slot++);
      if (!drop(kid->refs)) continue;
      node_[depth_] = kid;
      slot_[depth_++] = 0;
    }
  }
  return depth_ > 0;
}

}  // namespace gyre::ds
