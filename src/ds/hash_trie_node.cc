#include "gyre/ds/detail/hash_trie_node.h"

#include <algorithm>
#include <new>

#include "gyre/base/memory.h"

namespace gyre::ds::trie {
namespace {

/// A copy of a node that others hold too; the children have one more parent.
Node* copy_node(Node* node, size_t& footprint) {
  Node* copy = Node::make(node->bits, node->count, footprint);
  copy->deepest = node->deepest;
  std::copy_n(node->slots(), node->width(), copy->slots());
  const size_t width = node->width();
  // The counts are in as many lines that are not in the cache: all of them are asked for before the first
  // locked addition waits for its own.
  for (size_t i = 0; i < width; i += copy->span(copy->slots()[i])) {
    if (!copy->slots()[i].is_empty()) __builtin_prefetch(&copy->slots()[i].refs(), 1);
  }
  for (size_t i = 0; i < width; i += copy->span(copy->slots()[i])) {
    const Slot child = copy->slots()[i];
    if (!child.is_empty()) child.refs().fetch_add(1, std::memory_order_relaxed);
  }
  return copy;
}

}  // namespace

Node* Node::make(unsigned bits, uint64_t count, size_t& footprint) {
  footprint += bytes(bits);
  return new (base::allocate(bytes(bits))) Node{{1}, static_cast<uint16_t>(bits), 0, count};
}

void Node::free_block(Node* node, size_t& footprint) {
  footprint -= bytes(node->bits);
  base::deallocate(node);
}

Leaf* descend(const State& state, uint64_t hash, Path& path) {
  Slot at(state.root);
  while (at.is_node()) {
    Node* node = at.node();
    const size_t index = node->index_of(hash << (path.levels * kNodeBits));
    path.push(node, index);
    at = node->slots()[index];
  }
  prefetch_leaf(at.leaf());
  return at.leaf();
}

Leaf* leaf_for(const State& state, uint64_t hash, unsigned& depth) {
  Slot at(state.root);
  depth = 0;
  for (unsigned above = 0; at.is_node(); above += kNodeBits) {
    const Node* node = at.node();
    at = node->slots()[node->index_of(hash << above)];
    depth = above + at.depth();
  }
  return at.leaf();
}

void own_nodes(State& state, Path& path) {
  for (unsigned level = 0; level < path.levels; ++level) {
    Node* node = path.steps[level].node;
    if (!node->shared()) [[likely]]
      continue;
    size_t of_the_other = 0;
    Node* copy = copy_node(node, of_the_other);
    path.set(state, level, Slot::of(copy));
    path.steps[level].node = copy;
    release(Slot::of(node));
  }
}

Leaf* own_leaf(State& state, Path& path, size_t bytes) {
  Leaf* leaf = path.leaf_slot(state).leaf();
  if (leaf->shared()) {
    // Blobs become shared, not more: the footprint only follows the block.
    Leaf* copy = copy_leaf(*leaf, std::max(bytes, leaf->bytes()), state.footprint);
    state.footprint -= leaf->capacity;
    set_leaf(state, path, copy);
    release(Slot::of(leaf, 0));
    return copy;
  }
  if (leaf->capacity >= bytes) return leaf;
  leaf = resize_leaf(leaf, bytes, state.footprint);
  set_leaf(state, path, leaf);
  return leaf;
}

void set_leaf(State& state, Path& path, Leaf* leaf) {
  const Slot before = path.leaf_slot(state);
  if (before.is_empty() != (leaf == nullptr)) count_leaf(state, path.depth(state), leaf != nullptr ? 1 : -1);
  const Slot after = Slot::of(leaf, before.depth());
  if (path.levels == 0) {
    state.root = after.bits();
    return;
  }
  const auto [node, index] = path.last();
  const size_t span = node->span(before);
  std::fill_n(node->slots() + (index & ~(span - 1)), span, after);
}

}  // namespace gyre::ds::trie
