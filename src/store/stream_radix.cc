#include "stream_radix.h"

#include <algorithm>

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::BlockKey;
using ds::BlockTree;

constexpr int kBits = 8, kHalf = 8, kKeyBytes = 16;
/// Where the edge to the root begins.
constexpr int kAboveRoot = -1;

/// How many bytes two keys have in common.
int common_bytes(BlockKey a, BlockKey b) {
  if (a.high != b.high) return __builtin_clzll(a.high ^ b.high) / kBits;
  if (a.low != b.low) return kHalf + __builtin_clzll(a.low ^ b.low) / kBits;
  return kKeyBytes;
}
int common_bytes(const BlockCursor& a, BlockKey b) {
  return a.valid() ? common_bytes(a.key(), b) : kAboveRoot;
}

/// What stands between a node at depth `from`, which takes a byte, and another one at `to`, and that one.
int edge_nodes(int from, int to) { return to > from + 1 ? 2 : 1; }

/// The bits behind the first `bytes` bytes.
BlockKey bits_behind(int bytes) {
  constexpr uint64_t kAll = UINT64_MAX;
  if (bytes >= kHalf) return {0, bytes == kKeyBytes ? 0 : kAll >> ((bytes - kHalf) * kBits)};
  return {kAll >> (bytes * kBits), kAll};
}

struct Neighbours {
  BlockCursor before, behind;
  int common(BlockKey key) const { return std::max(common_bytes(before, key), common_bytes(behind, key)); }
};

}  // namespace

uint64_t radix_nodes_for(const BlockTree& keys, const BlockCursor& cursor) {
  const BlockKey key = cursor.key();
  Neighbours next{cursor, cursor};
  next.before.previous();
  next.behind.next();
  const int fork = next.common(key);
  if (fork == kAboveRoot) return 1;  // and the root, which is always there

  // The others that begin with the same `fork` bytes: from the one before `first` to the one behind `last`.
  const BlockKey bits = bits_behind(fork);
  BlockCursor first = keys.first_at_or_after({key.high & ~bits.high, key.low & ~bits.low});
  BlockCursor last = keys.last_at_or_before({key.high | bits.high, key.low | bits.low});
  Neighbours outer{first, last};
  outer.before.previous();
  outer.behind.next();
  if (first.key() == key) first.next();
  if (last.key() == key) last.previous();
  const int leaf = edge_nodes(fork, kKeyBytes);
  const int below = common_bytes(first.key(), last.key());
  if (below == fork) return static_cast<uint64_t>(leaf);
  // They had not parted here, but further below, or there is only one of them.
  const int above = outer.common(key);
  return static_cast<uint64_t>(edge_nodes(above, fork) + edge_nodes(fork, below) - edge_nodes(above, below) +
                               leaf);
}

uint64_t count_radix_nodes(const BlockTree& keys) {
  // A leaf for each key, a node where keys part, and one for each chain of bytes between those. The stack
  // holds the depths of the open nodes of the path to the last key.
  uint64_t count = 0;
  int open[kKeyBytes + 1];
  int height = 0;
  const auto close = [&](int down_to) {
    while (height > 0 && open[height - 1] > down_to) {
      const int depth = open[--height];
      const int parent = std::max(down_to, height > 0 ? open[height - 1] : kAboveRoot);
      count += static_cast<uint64_t>(edge_nodes(parent, depth));
    }
  };
  BlockKey before;
  for (BlockCursor cursor = keys.first(); cursor.valid(); cursor.next()) {
    if (height > 0) {
      const int common = common_bytes(before, cursor.key());
      close(common);
      if (height == 0 || open[height - 1] < common) open[height++] = common;
    }
    open[height++] = kKeyBytes;
    before = cursor.key();
  }
  close(kAboveRoot);
  return std::max<uint64_t>(count, 1);
}

}  // namespace gyre::store
