// Random elements, each with the same probability.
#include <bit>

#include "gyre/base/check.h"
#include "gyre/base/random.h"
#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds {
namespace trie {
namespace {

/// If fewer than one try in so many would be accepted, counting is the better way.
constexpr uint64_t kTries = 64;

/// The element with so many before it, found by the counts of nodes and leaves: up to 256 of them for each
/// level.
Spot pick_by_rank(const State& state, uint64_t rank, Path& path) {
  Slot at(state.root);
  while (at.is_node()) {
    Node* node = at.node();
    size_t index = 0;
    for (;; index += node->span(at)) {
      at = node->slots()[index];
      const uint64_t count = at.is_empty() ? 0 : at.is_node() ? at.node()->count : at.leaf()->count;
      if (rank < count) break;
      rank -= count;
    }
    path.push(node, index);
  }
  return spot_of(*at.leaf(), rank);
}

/// The depth of the deepest leaf; kDepths or more as kDepths - 1.
unsigned deepest_leaf(const State& state) {
  unsigned depth = State::kDepths - 1;
  while (state.leaves[depth] == 0) --depth;
  return depth;
}

}  // namespace

// A random hash leads to a leaf with probability 2^-depth; a random number below widest * 2^(deepest - depth)
// is then one of its indices with a probability that makes up for that. What is accepted is uniform.
Spot pick(const State& state, base::Random& random, Path& path) {
  const unsigned deepest = deepest_leaf(state);
  const uint64_t places = uint64_t{state.widest} << deepest;
  if (deepest == State::kDepths - 1 || state.size < places / kTries)
    return pick_by_rank(state, random.below(state.size), path);
  for (;;) {
    path.levels = 0;
    const Leaf* leaf = descend(state, random.next(), path);
    if (leaf == nullptr) continue;
    const uint64_t index = random.below(uint64_t{state.widest} << (deepest - path.depth(state)));
    if (index < leaf->count) return spot_of(*leaf, index);
  }
}

}  // namespace trie

HashTrie::Element HashTrie::random(base::Random& random) const {
  GYRE_CHECK(state_.size > 0);
  trie::Path path;
  const trie::Spot spot = trie::pick(state_, random, path);
  return trie::element_at(*path.leaf_slot(state_).leaf(), form(), spot.index, spot.at);
}

void HashTrie::pop(base::Random& random, const trie::Visitor& visit) {
  GYRE_CHECK(state_.size > 0);
  trie::Path path;
  const trie::Spot spot = trie::pick(state_, random, path);
  visit(trie::element_at(*path.leaf_slot(state_).leaf(), form(), spot.index, spot.at));
  trie::own_nodes(state_, path);
  trie::erase_at(state_, path, spot);
}

}  // namespace gyre::ds
