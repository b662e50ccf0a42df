// Large lists: OBJECT ENCODING "quicklist". A BlockTree of nodes; a node is a listpack of some KB, or
// "plain": one element that is larger than a node may be, in a Blob of its own.
//
// With list-compress-depth D nodes that have D nodes or more on either side are kept compressed (LZF) where
// that saves anything. A compressed node never changes: whoever reads it expands it into memory of the
// reader's own, and whoever changes it puts an expanded node in its place, which is compressed anew at the
// end of the change. So frozen lists, which share nodes, are read by any thread as ever.
//
// Costs: access by index, and each change, O(log n + D) and the bytes of a node or two.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "gyre/ds/block_tree.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/object.h"

namespace gyre::store {

/// How large nodes may grow, and which are compressed. A list keeps those it was made with, as in Redis.
struct ListLimits {
  /// A node with its head takes what an allocator has a class for.
  static constexpr size_t kNodeHead = 24;

  size_t bytes = 8192 - kNodeHead;  // of the listpack
  uint32_t count = UINT32_MAX;
  uint32_t depth = 0;        // nodes at each end that are not compressed; 0: none is
  int configured_size = -2;  // list-max-listpack-size as DEBUG OBJECT shows it

  /// By list-max-listpack-size: -1 to -5 mean nodes of 4 KiB to 64 KiB, others a number of elements (in at
  /// most 8 KiB). By list-compress-depth, of which Redis takes 65535 at most.
  static ListLimits of(int max_listpack_size, int compress_depth);
};

struct ListBlock;

/// A place in a list. Valid until the list is changed; what get() returned until the cursor moves on.
class ListCursor {
 public:
  bool valid() const { return path_.valid(); }
  /// Require valid(), as do next() and previous(); past either end a cursor becomes invalid.
  ds::PackedElement get() const;
  bool equals(std::string_view text) const;
  void next();
  void previous();

 private:
  friend class ListObject;
  void enter();
  ds::BlockCursor path_;
  bool plain_ = false;
  uint32_t at_ = 0;         // in the listpack
  std::string_view bytes_;  // of the node, expanded
  std::unique_ptr<char[]> expanded_;
  size_t room_ = 0;  // in expanded_
};

class ListObject final : public Object {
 public:
  static constexpr ValueForm kForm = kListQuicklist;
  explicit ListObject(ListLimits limits);
  ListObject(ListLimits limits, ds::BlockTree tree);
  /// All elements of a listpack.
  static std::unique_ptr<ListObject> from_packed(std::string_view bytes, ListLimits limits);

  uint64_t size() const override { return tree_.weight(); }
  size_t footprint() const override { return sizeof(*this) + tree_.footprint(); }
  std::unique_ptr<Object> freeze() const override;
  bool reclaim(size_t blocks) override;

  ListCursor first() const { return at(0); }
  ListCursor last() const { return at(size() - 1); }
  /// Invalid when there is none.
  ListCursor at(uint64_t index) const;

  // Elements given may not be views into this object.

  void push_front(const ds::PackedElement& element) { insert(0, element); }
  void push_back(const ds::PackedElement& element) { insert(size(), element); }
  /// The element gets this index. Requires index <= size().
  void insert(uint64_t index, const ds::PackedElement& element);
  /// Requires index < size().
  void replace(uint64_t index, const ds::PackedElement& element);
  /// Removes `count` elements from this index on, or as many as there are.
  void erase(uint64_t index, uint64_t count = 1);

  /// Nodes one after the other, for writers of images.
  struct Node {
    bool plain = false;
    std::string_view bytes;      // of the listpack, or of the one element
    uint64_t expanded_size = 0;  // not 0: the bytes are LZF of so many
  };
  uint64_t nodes() const { return tree_.blocks(); }
  static Node node(const ds::BlockCursor& cursor);
  ds::BlockCursor first_node() const { return tree_.first(); }

  const ListLimits& limits() const { return limits_; }
  /// Of all nodes, expanded. O(nodes).
  uint64_t expanded_bytes() const;
  uint64_t compressed_nodes() const;

  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  bool is_plain(const ds::PackedElement& element) const;
  ds::BlockHeader* make_block(const ds::PackedElement& element);
  void insert_at(uint64_t index, const ds::PackedElement& element);
  bool insert_into(ds::BlockCursor& cursor, uint64_t within, const ds::PackedElement& element);
  void split(ds::BlockCursor& cursor, uint64_t within);
  template <class Edit>
  void apply(ds::BlockCursor& cursor, const Edit& edit);
  void remove_block(ds::BlockCursor& cursor);
  void merge_around(ds::BlockCursor cursor);
  bool merge_with_next(ds::BlockCursor cursor);

  // Compression.
  void open(ds::BlockCursor& cursor);
  void compress(ds::BlockCursor& cursor);
  void put_instead(ds::BlockCursor& cursor, ListBlock* block);
  bool is_inner(const ds::BlockCursor& cursor) const;
  void settle(uint64_t index, bool at_end);
  void settle_ends();
  void settle_around(uint64_t index);

  ListLimits limits_;
  ds::BlockTree tree_;
  uint64_t settled_blocks_ = 0;  // how many there were when the ends were looked at last
  std::unique_ptr<ds::BlockReclaimer> reclaimer_;
};

}  // namespace gyre::store
