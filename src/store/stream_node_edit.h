// Changing a node of a stream. Private to this module.
#pragma once

#include <span>

#include "gyre/ds/listpack_edit.h"
#include "stream_node.h"

namespace gyre::store {

/// Leave to change the node at a cursor, which stays; the tree is told when it goes out of scope.
class StreamNodeEdit {
 public:
  StreamNodeEdit(ds::BlockTree& tree, ds::BlockCursor& cursor);
  ~StreamNodeEdit();
  StreamNodeEdit(const StreamNodeEdit&) = delete;
  StreamNodeEdit& operator=(const StreamNodeEdit&) = delete;

  ds::ListpackView list() const { return ds::ListpackView(node_->view()); }
  /// Behind the last element. The elements are no views into the node. `limit`: the node grows to so many
  /// bytes.
  void append(std::span<const ds::PackedElement> elements, size_t limit);
  void set_number(uint32_t at, int64_t value);
  /// How many entries are there, and how many are marked as deleted.
  void set_counts(int64_t live, int64_t deleted);
  void shrink() { move_to(node_->size); }

 private:
  void move_to(size_t capacity);
  void apply(const ds::ListpackEdit& edit, size_t ahead);

  ds::BlockTree& tree_;
  ds::BlockCursor& cursor_;
  StreamNode* node_;
};

}  // namespace gyre::store
