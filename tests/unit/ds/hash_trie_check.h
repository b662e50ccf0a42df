// What must hold of every node and leaf of a HashTrie or ScoreIndex, for their tests.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "gyre/base/blob.h"
#include "gyre/ds/detail/hash_trie_node.h"
#include "gyre/ds/score_index.h"

namespace gyre::ds {

class HashTriePeer {
 public:
  template <class Trie>
  static void check(const Trie& trie) {
    HashTriePeer peer(trie.state_);
    peer.check_child(trie::Slot(trie.state_.root), 0, 0, 0);
    EXPECT_EQ(peer.elements_, trie.state_.size);
    EXPECT_EQ(peer.bytes_, trie.state_.footprint);
    for (unsigned depth = 0; depth < trie::State::kDepths; ++depth)
      EXPECT_EQ(peer.leaves_[depth], trie.state_.leaves[depth]) << "depth " << depth;
  }
  template <class Trie>
  static size_t leaves(const Trie& trie) {
    size_t sum = 0;
    for (uint32_t leaves : trie.state_.leaves) sum += leaves;
    return sum;
  }
  template <class Trie>
  static bool root_is_shared(const Trie& trie) {
    return trie::Slot(trie.state_.root).refs().load() != 1;
  }

 private:
  explicit HashTriePeer(const trie::State& state) : state_(state) {}

  /// The child's elements have `prefix` in their first `depth` bits. Returns how many there are.
  size_t check_child(trie::Slot slot, uint64_t prefix, unsigned depth, unsigned level) {
    if (slot.is_node()) return check_node(slot.node(), prefix, level);
    if (slot.is_empty()) return 0;
    check_leaf(slot.leaf(), prefix, depth);
    return slot.leaf()->count;
  }

  size_t check_node(const trie::Node* node, uint64_t prefix, unsigned level) {
    EXPECT_GE(node->refs.load(), 1u);
    EXPECT_GE(node->bits, 1);
    EXPECT_LE(node->bits, trie::kNodeBits);
    bytes_ += trie::Node::bytes(node->bits);
    size_t deepest = 0;
    size_t count = 0;
    for (size_t i = 0; i < node->width();) {
      const trie::Slot slot = node->slots()[i];
      if (slot.is_node()) EXPECT_EQ(node->bits, trie::kNodeBits);
      const size_t span = node->span(slot);
      EXPECT_EQ(i % span, 0u);
      for (size_t j = i; j < i + span; ++j) EXPECT_EQ(node->slots()[j].bits(), slot.bits());
      deepest += span == 1;
      const unsigned above = level * trie::kNodeBits;
      count += check_child(slot, prefix | uint64_t{i} << (64 - above - node->bits), above + slot.depth(),
                           level + 1);
      i += span;
    }
    EXPECT_EQ(deepest, node->deepest);
    EXPECT_GT(deepest, 0u) << "the directory could be half as large";
    EXPECT_EQ(count, node->count);
    return count;
  }

  void check_leaf(const trie::Leaf* leaf, uint64_t prefix, unsigned depth) {
    EXPECT_GE(leaf->refs.load(), 1u);
    EXPECT_GT(leaf->count, 0u);
    EXPECT_LE(leaf->count, state_.widest);
    EXPECT_LE(leaf->bytes(), leaf->capacity);
    bytes_ += leaf->capacity;
    leaves_[std::min(depth, trie::State::kDepths - 1)] += 1;
    const uint64_t mask = depth == 0 ? 0 : ~uint64_t{0} << (64 - depth);
    const char* at = leaf->end();
    for (size_t i = 0; i < leaf->count; ++i) {
      at -= leaf->stored(i);
      const uint64_t hash = trie::hash_at(*leaf, state_.scheme, i, at);
      EXPECT_EQ(hash & mask, prefix);
      EXPECT_EQ(leaf->fingerprint(i), state_.scheme.fingerprint(hash));
      EXPECT_EQ(trie::spot_of(*leaf, i).at, at);
      if (leaf->size(i) == trie::kExternal) {
        void* blob;
        std::memcpy(&blob, at, sizeof(blob));
        bytes_ += base::Blob::share(blob).footprint();
      }
    }
    EXPECT_EQ(at, leaf->end() - leaf->used);
    for (size_t i = leaf->count; i % trie::kChunk != 0; ++i) {
      EXPECT_EQ(leaf->fingerprint(i), 0);
      EXPECT_EQ(leaf->size(i), 0);
    }
    elements_ += leaf->count;
  }

  const trie::State& state_;
  size_t elements_ = 0;
  size_t bytes_ = 0;
  uint32_t leaves_[trie::State::kDepths] = {};
};

}  // namespace gyre::ds
