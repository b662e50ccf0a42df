// The inner node of a BlockTree: parallel arrays, so that a search touches only keys, a rank only weights.
#pragma once

#include <algorithm>
#include <cstring>
#include <new>

#include "gyre/base/check.h"
#include "gyre/base/memory.h"
#include "gyre/ds/block_tree.h"

namespace gyre::ds {

struct alignas(8) BlockNode {
  std::atomic<uint32_t> refs{1};
  uint16_t count = 0;
  uint16_t capacity;
  uint16_t level;  // 0: the kids are blocks
  bool keyed;
  // Followed by kids, weights and, in keyed trees, keys: `capacity` of each.

  BlockNode(uint32_t room, uint32_t at_level, bool with_keys)
      : capacity(static_cast<uint16_t>(room)), level(static_cast<uint16_t>(at_level)), keyed(with_keys) {}

  void** kids() { return reinterpret_cast<void**>(this + 1); }
  uint64_t* weights() { return reinterpret_cast<uint64_t*>(kids() + capacity); }
  /// Only in keyed trees.
  BlockKey* keys() { return reinterpret_cast<BlockKey*>(weights() + capacity); }
  BlockKey key(uint32_t slot) { return keyed ? keys()[slot] : BlockKey{}; }
  BlockNode* node(uint32_t slot) { return static_cast<BlockNode*>(kids()[slot]); }
  BlockHeader* block(uint32_t slot) { return static_cast<BlockHeader*>(kids()[slot]); }
  /// The first block below kid `slot`.
  BlockHeader* first_block(uint32_t slot) {
    BlockNode* at = this;
    for (; at->level != 0; slot = 0) at = at->node(slot);
    return at->block(slot);
  }

  static size_t bytes(uint32_t capacity, bool keyed) {
    return sizeof(BlockNode) + capacity * (sizeof(void*) + sizeof(uint64_t) + (keyed ? sizeof(BlockKey) : 0));
  }
  size_t bytes() const { return bytes(capacity, keyed); }
  /// Room for `kids`, in steps that waste little of it and, with the header, little of the allocator's size
  /// classes.
  static uint32_t room_for(uint32_t kids) {
    uint32_t step = kids < 32 ? 4 : 8;
    return std::min((kids / step + 1) * step - 1, BlockTree::kMaxKids);
  }

  static BlockNode* make(uint32_t capacity, uint32_t level, bool keyed) {
    return new (base::allocate(bytes(capacity, keyed))) BlockNode(capacity, level, keyed);
  }
  static void free(BlockNode* node) { base::deallocate(node); }
};
static_assert(sizeof(BlockNode) == 16 && BlockTree::kMaxKids % 8 == 7);

/// Gives up one reference; true when it was the last.
inline bool drop(std::atomic<uint32_t>& refs) {
  // Whoever finds itself alone needs no locked instruction: nobody else can make a reference from nothing.
  return refs.load(std::memory_order_acquire) == 1 || refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
}
inline bool exclusive(const std::atomic<uint32_t>& refs) { return refs.load(std::memory_order_acquire) == 1; }

/// Moves `n` kids from `from`[at] to `to`[where]; the places there are free, the gap in `from` stays to be
/// closed.
inline void transfer(BlockNode* from, uint32_t at, BlockNode* to, uint32_t where, uint32_t n) {
  std::memmove(to->kids() + where, from->kids() + at, n * sizeof(void*));
  std::memmove(to->weights() + where, from->weights() + at, n * sizeof(uint64_t));
  if (to->keyed) std::memmove(to->keys() + where, from->keys() + at, n * sizeof(BlockKey));
}
inline uint64_t weight_of(BlockNode* node, uint32_t from, uint32_t to) {
  uint64_t sum = 0;
  for (const uint64_t* w = node->weights(); from < to; ++from) sum += w[from];
  return sum;
}
/// Gives up a reference to a node and, if it was the last, what hangs on it.
void release_node(BlockNode* node, const BlockOps* ops);

}  // namespace gyre::ds
