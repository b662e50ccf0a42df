// A persistent counted B+-tree over opaque leaf blocks: a sequence of reference-counted blocks, each with a
// weight (how many elements it holds) and, if its owner wants, an ordering key (of its first element). What
// stands in a block is its owner's business: a run of a sorted set, a listpack of a list or of a stream.
//
// Persistence: freeze() gives a further tree on the same root in O(1). Nodes and blocks are shared between
// trees and counted; a tree changes in place only what it reaches by counts of 1 from its root, and copies
// the rest on its way.
//
// Threads: a tree belongs to one thread at a time. Trees that share nodes may be used, changed and destroyed
// by different threads at once without a lock. freeze() is called by the thread that owns the tree.
//
// Cursors are paths into one tree; any change of that tree invalidates all of them but the one it was given.
//
// Invariants: all bottom nodes have the same depth; keys never fall along the sequence; weights and keys of a
// kid stand in its parent and are exact; every inner node but the first and the last of its level has at
// least kMinKids kids (those two may have fewer, so that a tree that grows at an end has full nodes). Cost:
// O(log n) node visits for everything but clear() and destruction.
#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace gyre::ds {

/// What a block begins with. A new block has one reference, which the tree takes over with it.
struct BlockHeader {
  std::atomic<uint32_t> refs{1};
  /// What footprint() counts for it: its own allocation (what may pass 4 GB hangs on it and is told through
  /// account()). Set by the owner before the tree gets the block, afterwards by the tree (changed()).
  uint32_t bytes = 0;
};

/// How a tree treats its blocks; shared by all trees of one kind.
struct BlockOps {
  /// An equal block with one reference and its own `bytes`.
  BlockHeader* (*clone)(const BlockHeader* block);
  /// Frees a block whose last reference is gone. May be called by any thread.
  void (*destroy)(BlockHeader* block);
  /// Whether blocks have ordering keys. Without, keys take no memory and every key argument is ignored.
  bool keyed;
};

struct BlockKey {
  uint64_t high = 0;
  uint64_t low = 0;
  friend auto operator<=>(const BlockKey&, const BlockKey&) = default;
};

struct BlockNode;

/// The path to a block; invalid: past the end.
class BlockCursor {
 public:
  /// 16 kids or more in all but the outermost nodes of a level.
  static constexpr uint32_t kMaxHeight = 12;

  bool valid() const { return height_ != 0; }
  /// Require valid().
  const BlockHeader* block() const;
  uint32_t weight() const;
  BlockKey key() const;
  /// To the neighbour; false, and invalid, when there is none.
  bool next();
  bool previous();

 private:
  friend class BlockTree;
  bool step(uint32_t level, bool forward);
  void descend(uint32_t level, bool to_last);

  BlockNode* node_[kMaxHeight];  // [0] holds blocks, [height_ - 1] is the root
  uint16_t slot_[kMaxHeight];
  uint32_t height_ = 0;
};

class BlockTree {
 public:
  static constexpr uint32_t kMaxKids = 63;
  static constexpr uint32_t kMinKids = 16;

  explicit BlockTree(const BlockOps* ops) : ops_(ops) {}
  BlockTree(BlockTree&& other) noexcept;
  BlockTree& operator=(BlockTree&& other) noexcept;
  /// Frees what no other tree holds, however long that takes; for large trees see BlockReclaimer.
  ~BlockTree() { clear(); }
  void clear();

  /// A tree of the same blocks. O(1).
  BlockTree freeze() const;

  bool empty() const { return blocks_ == 0; }
  uint64_t weight() const { return weight_; }
  uint64_t blocks() const { return blocks_; }
  /// Bytes of nodes and blocks and what account() added. What is shared with other trees counts in each.
  size_t footprint() const { return bytes_; }
  /// For memory that hangs on blocks and is not in their `bytes`.
  void account(int64_t bytes) { bytes_ += static_cast<size_t>(bytes); }

  BlockCursor first() const;
  BlockCursor last() const;
  /// The block that holds element `index`, and where in it. Requires index < weight().
  BlockCursor at(uint64_t index, uint64_t* within) const;
  /// Elements before the cursor's block; weight() for an invalid cursor.
  uint64_t rank(const BlockCursor& cursor) const;

  /// Keyed trees: the last block whose key is at most `key`, the first whose key is at least `key`; invalid
  /// when none is.
  BlockCursor last_at_or_before(BlockKey key) const;
  BlockCursor first_at_or_after(BlockKey key) const;
  /// The last block whose key is below `key`, or equal with before(context, block) true; invalid when none
  /// is. For owners whose order is finer than the key; `before` must not rise along blocks of equal keys
  /// (true first, then false).
  using Before = bool (*)(const void* context, const BlockHeader* block);
  BlockCursor last_before(BlockKey key, Before before, const void* context) const;

  /// The cursor goes to the new block. An invalid cursor: insert_before appends, insert_after prepends.
  void insert_before(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key = {});
  void insert_after(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key = {});
  /// Drops the block; the cursor goes to the one after it, or becomes invalid. Requires valid(), as do all
  /// below.
  void remove(BlockCursor& cursor);
  /// Drops the block and puts another in its place.
  void replace(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key = {});

  /// The block, nobody else's from here on (cloned if it was shared). After changing it call changed().
  BlockHeader* writable(BlockCursor& cursor);
  /// Takes note of a change made through writable(). `block`: the same block, or where its owner has moved it
  /// (header included).
  void changed(BlockCursor& cursor, BlockHeader* block, uint32_t weight, BlockKey key, uint32_t bytes);

  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  friend class BlockReclaimer;

  BlockNode* make_node(uint32_t capacity, uint32_t level);
  void free_node(BlockNode* node);
  BlockNode* own(BlockNode* node);
  void own_path(BlockCursor& cursor);
  void own_kid(BlockNode* parent, uint32_t slot);
  void set_node(BlockCursor& cursor, uint32_t level, BlockNode* node);
  void resize(BlockCursor& cursor, uint32_t level, uint32_t kids);
  static void add_weight(BlockCursor& cursor, uint32_t level, uint64_t difference);
  void fix_keys(BlockCursor& cursor, uint32_t level);
  void update(BlockCursor& cursor, uint32_t weight, BlockKey key);
  void insert(BlockCursor& cursor, uint32_t slot, BlockHeader* block, uint32_t weight, BlockKey key);
  void start(BlockCursor& cursor);
  void place(BlockCursor& cursor, uint32_t level, uint32_t slot, void* kid, uint64_t weight, BlockKey key);
  uint32_t split(BlockCursor& cursor, uint32_t level, uint32_t slot, BlockKey key);
  void grow_root(BlockCursor& cursor);
  uint32_t rebalance(BlockCursor& cursor);
  bool merge_or_borrow(BlockCursor& cursor, uint32_t level);
  void merge(BlockCursor& cursor, uint32_t level, uint32_t left_slot);
  void borrow(BlockCursor& cursor, uint32_t level, uint32_t left_slot);
  void moved_into(BlockCursor& cursor, uint32_t level, uint32_t slot);
  void shrink_root(BlockCursor& cursor);
  void release_block(BlockHeader* block);

  const BlockOps* ops_;
  BlockNode* root_ = nullptr;
  uint64_t weight_ = 0;
  uint64_t blocks_ = 0;
  size_t bytes_ = 0;
  uint32_t height_ = 0;
};

/// Frees a tree in steps. Any thread.
class BlockReclaimer {
 public:
  explicit BlockReclaimer(BlockTree&& tree);
  BlockReclaimer(BlockReclaimer&& other) noexcept;
  BlockReclaimer& operator=(BlockReclaimer&&) = delete;
  ~BlockReclaimer();
  /// Looks at no more than `nodes` nodes and blocks (most of which it frees); true while there is more to do.
  bool step(size_t nodes);

 private:
  const BlockOps* ops_;
  BlockNode* node_[BlockCursor::kMaxHeight];  // from the root down
  uint16_t slot_[BlockCursor::kMaxHeight];    // the kid to look at next
  uint32_t depth_ = 0;
};

}  // namespace gyre::ds
