// The inner nodes of HashTrie, the way to a leaf, and what changes the structure.
//
// A node's directory has a slot for each value of `bits` bits of the hash: bits 8k .. 8k + bits - 1 from the
// top for a node k levels below the root. A leaf that was told apart by fewer of them, its depth in the node,
// stands in all the slots that agree in those. An inner child stands in one slot of a node with all 8 bits.
#pragma once

#include <atomic>
#include <cstdint>

#include "gyre/ds/detail/hash_trie_leaf.h"

namespace gyre::ds::trie {

constexpr unsigned kNodeBits = 8;
constexpr unsigned kMaxLevels = 64 / kNodeBits;

struct Node;

/// A pointer with, in its lowest four bits, a leaf's depth in the node, or the mark of an inner node. A leaf
/// without elements is a null pointer with a depth.
class Slot {
 public:
  Slot() = default;
  explicit Slot(uintptr_t bits) : bits_(bits) {}
  static Slot of(Leaf* leaf, unsigned depth) { return Slot(reinterpret_cast<uintptr_t>(leaf) | depth); }
  static Slot of(Node* node) { return Slot(reinterpret_cast<uintptr_t>(node) | kInner); }

  bool is_node() const { return (bits_ & kMask) == kInner; }
  bool is_empty() const { return (bits_ & ~kMask) == 0; }
  Node* node() const { return reinterpret_cast<Node*>(bits_ & ~kMask); }
  Leaf* leaf() const { return reinterpret_cast<Leaf*>(bits_ & ~kMask); }
  unsigned depth() const { return static_cast<unsigned>(bits_ & kMask); }
  uintptr_t bits() const { return bits_; }
  /// The count, which both kinds begin with.
  std::atomic<uint32_t>& refs() const { return *reinterpret_cast<std::atomic<uint32_t>*>(bits_ & ~kMask); }

 private:
  static constexpr uintptr_t kMask = 15;
  static constexpr uintptr_t kInner = 15;
  uintptr_t bits_ = 0;
};

struct Node {
  std::atomic<uint32_t> refs;
  uint16_t bits;
  uint16_t deepest;  // children whose depth is `bits`, empty leaves and inner nodes among them
  uint64_t count;    // elements below

  Slot* slots() { return reinterpret_cast<Slot*>(this + 1); }
  const Slot* slots() const { return reinterpret_cast<const Slot*>(this + 1); }
  size_t width() const { return size_t{1} << bits; }
  bool shared() const { return refs.load(std::memory_order_acquire) != 1; }
  /// In how many slots the child in this one stands.
  size_t span(Slot slot) const { return slot.is_node() ? 1 : size_t{1} << (bits - slot.depth()); }
  static size_t bytes(unsigned bits) { return block_bytes(sizeof(Node) + (sizeof(Slot) << bits)); }
  /// The slot for a hash, of whose bits those above have been shifted out.
  size_t index_of(uint64_t rest) const { return rest >> (64 - bits); }

  static Node* make(unsigned bits, uint64_t count, size_t& footprint);
  static void free_block(Node* node, size_t& footprint);
};
static_assert(sizeof(Node) == 16);

/// The way from the root to a slot with a leaf.
struct Path {
  struct Step {
    Node* node;
    size_t index;
  };
  Step steps[kMaxLevels];
  unsigned levels = 0;

  void push(Node* node, size_t index) { steps[levels++] = {node, index}; }
  Step& last() { return steps[levels - 1]; }
  /// The slot that leads to the node of step `level`, or, with all levels, to the leaf.
  Slot get(const State& state, unsigned level) const {
    return level == 0 ? Slot(state.root) : steps[level - 1].node->slots()[steps[level - 1].index];
  }
  void set(State& state, unsigned level, Slot slot) {
    if (level == 0)
      state.root = slot.bits();
    else
      steps[level - 1].node->slots()[steps[level - 1].index] = slot;
  }
  Slot leaf_slot(const State& state) const { return get(state, levels); }
  /// How many bits of the hash the leaf's elements have in common.
  unsigned depth(const State& state) const {
    return levels == 0 ? 0 : (levels - 1) * kNodeBits + leaf_slot(state).depth();
  }
};

/// Descends to the leaf for the hash, which may be empty.
Leaf* descend(const State& state, uint64_t hash, Path& path);
/// The same without the way; `depth` becomes the leaf's depth in bits.
Leaf* leaf_for(const State& state, uint64_t hash, unsigned& depth);

/// Asks for the lines that describe the leaf's elements, the first of which a lookup waits for anyway. Harmless for none,
/// and behind the end of a small one.
inline void prefetch_leaf(const Leaf* leaf) {
  const auto lines = reinterpret_cast<uintptr_t>(leaf);
  for (const uintptr_t offset : {0, 64, 128}) __builtin_prefetch(reinterpret_cast<const void*>(lines + offset));
}

/// Drops a reference to what is in a slot, and frees what nobody holds any more. Takes as long as there is to
/// free.
void release(Slot slot);

/// Copies those nodes of the path that others hold too.
void own_nodes(State& state, Path& path);
/// The leaf at the end of the path, this trie's own and with room for `bytes`. Requires: own_nodes() was
/// called.
Leaf* own_leaf(State& state, Path& path, size_t bytes);

// The following require that the path's nodes are owned, and leave it leading to the leaf for `hash`.

void insert_new(State& state, Path& path, const Item& item);
void assign(State& state, Path& path, const Spot& spot, const Item& item);
void erase_at(State& state, Path& path, const Spot& spot);

/// Puts a leaf, or none, in the place of the one that the path leads to.
void set_leaf(State& state, Path& path, Leaf* leaf);
/// Divides the leaf by one more bit. Requires: it is not at the last bit of the hash.
void split(State& state, Path& path, uint64_t hash);
/// After a removal: gives back what the leaf has too much, joins it with its neighbour when both are sparse,
/// and takes away directories and nodes that are not needed any more. The path is spent.
void settle(State& state, Path& path);

/// A random element, each with the same probability. Requires: there is one.
Spot pick(const State& state, base::Random& random, Path& path);

inline void count_leaf(State& state, unsigned depth, int change) {
  uint32_t& leaves = state.leaves[depth < State::kDepths ? depth : State::kDepths - 1];
  leaves = static_cast<uint32_t>(static_cast<int64_t>(leaves) + change);
}

}  // namespace gyre::ds::trie
