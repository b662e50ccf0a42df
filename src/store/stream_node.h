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

#include "gyre/ds/block_tree.h"
#include "gyre/ds/listpack.h"
#include "gyre/store/stream_id.h"

namespace gyre::store {

/// One allocation: this, and behind it the listpack.
struct StreamNode : ds::BlockHeader {
  uint32_t size = 0;      // of the listpack
  uint32_t capacity = 0;  // room for it

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::string_view view() const { return {data(), size}; }
  /// What `bytes` is told to be: by create(), and afterwards through the tree.
  uint32_t allocated() const { return static_cast<uint32_t>(sizeof(StreamNode)) + capacity; }

  static StreamNode* create(size_t capacity);
  static StreamNode* create(std::string_view listpack);
  /// Where the node is when it has room for `capacity` bytes, and little more. Requires refs == 1.
  static StreamNode* with_capacity(StreamNode* node, size_t capacity);
};

extern const ds::BlockOps kStreamNodeOps;

inline ds::BlockKey key_of(StreamId id) { return {id.ms, id.sequence}; }
inline StreamId id_of(ds::BlockKey key) { return {key.high, key.low}; }
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
