// A node of a stream: a listpack in Redis's own format, so that an image is a copy of it.
//
//   node    = live deleted master-count master-field* 0 entry*
//   entry   = flags ms-delta sequence-delta [count (field value)*] elements       fields of its own
//           | flags ms-delta sequence-delta value* elements                       kSameFields: the master's
//
// Deltas are taken from the node's key, the ID of its first entry. `elements` counts the elements of the
// entry before it, so that entries are read backwards too; the 0 ends that walk. Deleted entries stay, with a
// flag.
//
// Private to this module.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "byte_block.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/id_tree.h"
#include "gyre/store/stream_id.h"

namespace gyre::store {

struct StreamNode : ByteBlock<StreamNode> {
  /// The listpack.
  std::string_view view() const { return {data(), size}; }
};

extern const ds::BlockOps kStreamNodeOps;

inline const StreamNode& node_of(const ds::BlockCursor& cursor) {
  return static_cast<const StreamNode&>(*cursor.block());
}

constexpr int64_t kStreamDeleted = 1, kStreamSameFields = 2;

/// The number of an element, which may be stored as text by writers other than Redis.
int64_t stream_number(const ds::ListpackView& list, uint32_t at);

/// What stands in front of a node's entries.
struct StreamNodeHead {
  int64_t live = 0, deleted = 0;
  uint64_t fields = 0;       // of the master
  uint32_t first_field = 0;  // position
  uint32_t terminator = 0;   // position of the 0
};
StreamNodeHead read_stream_head(const ds::ListpackView& list);

/// An entry as it stands in its node.
struct StreamEntryHead {
  uint32_t at = 0;  // position of the flags
  int64_t flags = 0;
  StreamId id;
  uint64_t fields = 0;
  uint32_t first = 0;  // position of the first field, or value

  bool same_fields() const { return (flags & kStreamSameFields) != 0; }
  bool deleted() const { return (flags & kStreamDeleted) != 0; }
};
StreamEntryHead read_stream_entry(const ds::ListpackView& list, uint32_t at, StreamId master,
                                  uint64_t master_fields);
/// The position behind the entry: the next one's flags, or end().
uint32_t skip_stream_entry(const ds::ListpackView& list, const StreamEntryHead& entry);
/// Stands for a position where there is no entry.
constexpr uint32_t kNoStreamEntry = 0;
/// The flags of the entry whose last element (`elements`) is at `last`; kNoStreamEntry when that is the
/// master's terminator.
uint32_t stream_entry_before(const ds::ListpackView& list, uint32_t last);

/// The ID of the last entry, deleted ones too; the master's when there is none.
StreamId last_id_of_node(const ds::BlockCursor& cursor);

}  // namespace gyre::store
