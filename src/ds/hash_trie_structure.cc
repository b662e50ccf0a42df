// How a trie grows and shrinks: leaves divided and joined, directories doubled and halved.
#include <algorithm>

#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds::trie {
namespace {

/// A leaf of which four were not too many for one is worth looking at its neighbour; two of which two were
/// not become one.
bool sparse(size_t count, size_t bytes) { return leaf_may_hold(count * 4, bytes * 4); }
bool worth_joining(size_t count, size_t bytes) { return leaf_may_hold(count * 2, bytes * 2); }

/// A directory of one bit over the leaf at the end of the path.
void put_node_above(State& state, Path& path, uint64_t hash) {
  Leaf* leaf = path.leaf_slot(state).leaf();
  Node* node = Node::make(1, leaf == nullptr ? 0 : leaf->count, state.footprint);
  std::fill_n(node->slots(), 2, Slot::of(leaf, 0));
  path.set(state, path.levels, Slot::of(node));
  path.push(node, node->index_of(hash << (path.levels * kNodeBits)));
}

/// The path's last node anew with another number of bits, one more or one less.
void resize_directory(State& state, Path& path, bool doubled) {
  auto& [node, index] = path.last();
  Node* resized = Node::make(doubled ? node->bits + 1u : node->bits - 1u, node->count, state.footprint);
  for (size_t i = 0; i < resized->width(); ++i) resized->slots()[i] = node->slots()[doubled ? i / 2 : i * 2];
  if (!doubled) {
    for (size_t i = 0; i < resized->width(); i += resized->span(resized->slots()[i]))
      resized->deepest += resized->slots()[i].depth() == resized->bits;
  }
  path.set(state, path.levels - 1, Slot::of(resized));
  Node::free_block(node, state.footprint);
  node = resized;
  index = doubled ? index * 2 : index / 2;
}

/// Lets a leaf go whose elements stand elsewhere now, with their blobs; others may still have it.
void drop_moved(State& state, Leaf* leaf) {
  if (!leaf->shared()) {
    free_block(leaf, state.footprint);
    return;
  }
  share_blobs(*leaf);
  state.footprint -= leaf->capacity;
  release(Slot::of(leaf, 0));
}

struct Half {
  size_t count = 0;
  size_t used = 0;
  Leaf* leaf = nullptr;
};

/// Two leaves from one, by a bit of the hash. The old one is let go.
void divide(State& state, Leaf* leaf, unsigned bit, Half (&halves)[2]) {
  // Only leaves of hashes that are equal have more elements, and those are not divided.
  uint8_t sides[kLeafElements];
  const char* at = leaf->end();
  for (size_t i = 0; i < leaf->count; ++i) {
    at -= leaf->stored(i);
    sides[i] = hash_at(*leaf, state.scheme, i, at) >> (63 - bit) & 1;
    Half& half = halves[sides[i]];
    half.count += 1;
    half.used += leaf->stored(i);
  }
  for (Half& half : halves) {
    if (half.count > 0) half.leaf = make_leaf(Leaf::bytes_for(half.count, half.used), state.footprint);
  }
  at = leaf->end();
  for (size_t i = 0; i < leaf->count; ++i) {
    at -= leaf->stored(i);
    append_raw(*halves[sides[i]].leaf, leaf->fingerprint(i), leaf->size(i), at);
  }
  drop_moved(state, leaf);
}

void append_all(State& state, Leaf& to, Leaf* from) {
  if (from == nullptr) return;
  const char* at = from->end();
  for (size_t i = 0; i < from->count; ++i) {
    at -= from->stored(i);
    append_raw(to, from->fingerprint(i), from->size(i), at);
  }
  drop_moved(state, from);
}

/// Joins the leaf with its neighbour, if that is a leaf as deep and both are sparse.
bool join(State& state, Path& path) {
  const auto [node, index] = path.last();
  const Slot slot = path.leaf_slot(state);
  if (slot.depth() == 0) return false;
  const size_t span = node->span(slot);
  const Slot other = node->slots()[index ^ span];
  if (other.is_node() || other.depth() != slot.depth()) return false;
  Leaf* leaf = slot.leaf();
  Leaf* neighbour = other.leaf();
  const size_t count = (leaf ? leaf->count : 0) + (neighbour ? neighbour->count : 0);
  const size_t used = (leaf ? leaf->used : 0) + (neighbour ? neighbour->used : 0);
  if (!worth_joining(count, Leaf::bytes_for(count, used))) return false;

  const unsigned depth = path.depth(state);
  if (leaf) count_leaf(state, depth, -1);
  if (neighbour) count_leaf(state, depth, -1);
  if (count > 0) count_leaf(state, depth - 1, 1);
  Leaf* joined = leaf ? leaf : neighbour;
  if (leaf && neighbour) {
    joined = make_leaf(Leaf::bytes_for(count, used), state.footprint);
    append_all(state, *joined, leaf);
    append_all(state, *joined, neighbour);
  }
  if (slot.depth() == node->bits) node->deepest -= 2;
  std::fill_n(node->slots() + (index & ~(2 * span - 1)), 2 * span, Slot::of(joined, slot.depth() - 1));
  return true;
}

/// Halves the directory as often as no child needs its last bit, and takes the node away when one leaf is all
/// it has.
void shrink_directory(State& state, Path& path) {
  while (path.last().node->deepest == 0 && path.last().node->bits > 1) resize_directory(state, path, false);
  Node* node = path.last().node;
  if (node->deepest != 0) return;
  Leaf* leaf = path.leaf_slot(state).leaf();
  path.levels -= 1;
  path.set(state, path.levels, Slot::of(leaf, path.levels == 0 ? 0 : kNodeBits));
  Node::free_block(node, state.footprint);
}

}  // namespace

void split(State& state, Path& path, uint64_t hash) {
  if (path.levels == 0 || path.leaf_slot(state).depth() == kNodeBits)
    put_node_above(state, path, hash);
  else if (path.leaf_slot(state).depth() == path.last().node->bits)
    resize_directory(state, path, true);
  auto& [node, index] = path.last();
  index = node->index_of(hash << ((path.levels - 1) * kNodeBits));

  const unsigned depth = path.depth(state);
  const Slot slot = path.leaf_slot(state);
  const size_t span = node->span(slot);
  Half halves[2];
  divide(state, slot.leaf(), depth, halves);
  count_leaf(state, depth, -1);
  Slot* first = node->slots() + (index & ~(span - 1));
  for (const Half& half : halves) {
    if (half.leaf) count_leaf(state, depth + 1, 1);
    std::fill_n(first, span / 2, Slot::of(half.leaf, slot.depth() + 1));
    first += span / 2;
  }
  if (slot.depth() + 1 == node->bits) node->deepest += 2;
}

void settle(State& state, Path& path) {
  Leaf* leaf = path.leaf_slot(state).leaf();
  if (leaf != nullptr) {
    const size_t bytes = leaf->bytes();
    if (block_bytes(bytes) * 4 <= size_t{leaf->capacity} * 3)
      set_leaf(state, path, resize_leaf(leaf, bytes, state.footprint));
    if (leaf = path.leaf_slot(state).leaf(); !sparse(leaf->count, bytes)) return;
  }
  while (path.levels > 0 && join(state, path)) shrink_directory(state, path);
}

}  // namespace gyre::ds::trie
