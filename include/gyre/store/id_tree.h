// What is pending, in the order of stream IDs: a persistent ordered map over BlockTree, whose leaves are
// sorted arrays.
//
// Owner and thread, freezing and costs as BlockTree: O(log n) nodes and the bytes of a leaf. References and
// cursors are valid until the tree is changed.
#pragma once

#include <cstdint>
#include <utility>

#include "gyre/ds/block_tree.h"
#include "gyre/store/stream_id.h"

namespace gyre::store {

/// IDs as keys of trees, and back.
inline ds::BlockKey key_of(StreamId id) { return {id.ms, id.sequence}; }
inline StreamId id_of(ds::BlockKey key) { return {key.high, key.low}; }

/// An entry that was delivered to a consumer and not acknowledged, as its group knows it.
struct PendingEntry {
  StreamId id;
  int64_t delivered_ms = 0;
  uint64_t deliveries = 0;
  uint64_t consumer = 0;  // its number in the group
};
/// The same, as its consumer knows it.
struct PendingId {
  StreamId id;
};

/// Item: trivially copyable, has an `id`. Instantiated for the two above.
template <class Item>
class IdTree {
 public:
  class Cursor {
   public:
    bool valid() const { return path_.valid(); }
    /// Require valid().
    const Item& operator*() const;
    const Item* operator->() const { return &**this; }
    void next();

   private:
    friend class IdTree;
    ds::BlockCursor path_;
    uint32_t at_ = 0;
  };

  IdTree();

  uint64_t size() const { return tree_.weight(); }
  bool empty() const { return tree_.empty(); }
  size_t footprint() const { return tree_.footprint(); }
  IdTree freeze() const { return IdTree(tree_.freeze()); }

  Cursor first() const;
  Cursor last() const;
  /// The first item whose ID is not below.
  Cursor at_or_after(StreamId id) const;
  /// Null when it is not there.
  const Item* find(StreamId id) const;

  /// The item, to be changed except for its ID; null when it is not there.
  Item* edit(StreamId id);
  /// False, and nothing changed, when the ID is there.
  bool insert(const Item& item);
  /// False when it is not there.
  bool erase(StreamId id);

  /// The blocks, for a BlockReclaimer; the tree is empty then.
  ds::BlockTree take() { return std::exchange(tree_, IdTree().tree_); }
  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  explicit IdTree(ds::BlockTree tree) : tree_(std::move(tree)) {}
  void insert_into(ds::BlockCursor& cursor, uint32_t at, const Item& item);
  void split(ds::BlockCursor& cursor);
  void merge_with_next(ds::BlockCursor cursor);

  ds::BlockTree tree_;
};

extern template class IdTree<PendingEntry>;
extern template class IdTree<PendingId>;

}  // namespace gyre::store
