// Going through all elements: leaf by leaf, in the order of hashes. A position is a hash; what begins there
// is found from the root again, which costs little against a leaf's elements and needs no trace of the
// structure in a cursor.
#include "gyre/ds/detail/hash_trie_node.h"

namespace gyre::ds {
namespace {

using trie::Leaf;
using trie::State;

constexpr unsigned kCursorBits = 48;
constexpr unsigned kDroppedBits = 64 - kCursorBits;
constexpr uint64_t kDropped = (uint64_t{1} << kDroppedBits) - 1;

/// The hashes of a leaf but for the first: 2^(64 - depth) - 1.
uint64_t extent(unsigned depth) { return depth == 64 ? 0 : ~uint64_t{0} >> depth; }

void visit_from(const Leaf& leaf, const trie::Scheme& scheme, uint64_t from, const trie::Visitor& visit) {
  const char* at = leaf.end();
  for (size_t i = 0; i < leaf.count; ++i) {
    at -= leaf.stored(i);
    if (trie::hash_at(leaf, scheme, i, at) >= from) visit(trie::element_at(leaf, scheme.form, i, at));
  }
}

void visit_all(const Leaf& leaf, const trie::Scheme& scheme, const trie::Visitor& visit) {
  const char* at = leaf.end();
  for (size_t i = 0; i < leaf.count; ++i) {
    at -= leaf.stored(i);
    visit(trie::element_at(leaf, scheme.form, i, at));
  }
}

}  // namespace

// Positions between calls are where a leaf began or ended. If leaves have been joined since, one lies within
// a leaf, whose earlier hashes have been shown; if divided, there is still a leaf that begins there. Leaves
// that have more bits in common than a cursor holds are shown in one call, so that every call gets on.
uint64_t HashTrie::scan_leaves(uint64_t cursor, size_t count, const trie::Visitor& visit) const {
  uint64_t position = cursor << kDroppedBits;
  size_t seen = 0;
  while (true) {
    unsigned depth;
    const Leaf* leaf = trie::leaf_for(state_, position, depth);
    const uint64_t rest = extent(depth);
    if (leaf != nullptr) {
      if ((position & rest) != 0)
        visit_from(*leaf, state_.scheme, position, visit);
      else
        visit_all(*leaf, state_.scheme, visit);
      seen += leaf->count;
    }
    position = (position | rest) + 1;
    if (position == 0) return 0;
    if (seen >= count && (position & kDropped) == 0) return position >> kDroppedBits;
  }
}

bool HashTrie::Cursor::next(Element& element) {
  while (leaf_ == nullptr || index_ == leaf_->count) {
    if (last_) return false;
    unsigned depth;
    leaf_ = trie::leaf_for(*state_, position_, depth);
    position_ = (position_ | extent(depth)) + 1;
    last_ = position_ == 0;
    index_ = 0;
    if (leaf_ != nullptr) at_ = leaf_->end();
    // The next leaf comes into the cache while this one is read.
    if (const Leaf* coming = last_ ? nullptr : trie::leaf_for(*state_, position_, depth)) {
      const char* lines = reinterpret_cast<const char*>(coming);
      for (size_t line = 0; line < 1024; line += 64) __builtin_prefetch(lines + line);
    }
  }
  at_ -= leaf_->stored(index_);
  element = trie::element_at(*leaf_, state_->scheme.form, index_, at_);
  ++index_;
  return true;
}

}  // namespace gyre::ds
