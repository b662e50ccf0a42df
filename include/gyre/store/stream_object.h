// Streams: OBJECT ENCODING "stream". A BlockTree of nodes in Redis's own format (src/store/stream_node.h),
// keyed by the ID of their first entry; and the consumer groups.
//
// Costs: adding at the end, finding, deleting and trimming O(log n) and the bytes of a node; dropping whole
// nodes O(log n) each.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "gyre/ds/block_tree.h"
#include "gyre/ds/packed_element.h"
#include "gyre/store/object.h"
#include "gyre/store/stream_group.h"
#include "gyre/store/stream_id.h"

namespace gyre::store {

/// How large nodes may grow.
struct StreamLimits {
  uint64_t node_bytes = 4096;  // 0: no limit
  uint64_t node_entries = 100;
};

/// What XTRIM and XADD take away from the front.
struct StreamTrim {
  enum class By : uint8_t { kNothing, kLength, kId };
  By by = By::kNothing;
  uint64_t max_length = 0;   // kLength: so many stay
  StreamId min_id;           // kId: entries below go
  bool whole_nodes = false;  // "~": stop rather than change a node
  uint64_t limit = 0;        // no more than so many entries go; 0: no limit
};

class StreamObject final : public Object {
 public:
  static constexpr ValueForm kForm = kStream;
  StreamObject();
  /// Of groups only, to be disposed of.
  explicit StreamObject(StreamGroups groups);

  uint64_t size() const override { return nodes_.weight(); }
  size_t footprint() const override { return sizeof(*this) + nodes_.footprint() + groups_.footprint(); }
  std::unique_ptr<Object> freeze() const override;
  bool reclaim(size_t blocks) override;

  /// The highest ID there ever was, or what XSETID said.
  StreamId last_id() const { return last_id_; }
  /// Of the first entry; zero when there is none.
  StreamId first_id() const { return first_id_; }
  StreamId max_deleted_id() const { return max_deleted_id_; }
  /// Entries ever added.
  uint64_t entries_added() const { return entries_added_; }
  /// The ID of the first or the last entry (deleted ones count with `deleted`); zero, or for the first the
  /// maximum, when there is none.
  StreamId edge_id(bool first, bool deleted) const;
  bool contains(StreamId id) const;

  /// Requires that no entry is behind it.
  void set_last_id(StreamId id);
  void set_max_deleted_id(StreamId id) { max_deleted_id_ = id; }
  void set_entries_added(uint64_t n) { entries_added_ = n; }

  // Texts given may not be views into this object.

  /// Adds an entry: field, value, field, value ... Requires id > last_id() and no more than 1 GB.
  void append(StreamId id, std::span<const std::string_view> pairs, StreamLimits limits);
  /// For loaders: a node as node_bytes() gives it, behind all others. False, and nothing changed, when
  /// it is no such node or does not belong there. Requires ds::listpack_valid(node, true). last_id() follows
  /// keys and live entries; the other numbers are left to set.
  bool append_node(StreamId key, std::string_view node);
  /// Deletes an entry; false when it is not there.
  bool erase(StreamId id);
  /// Returns how many entries went.
  uint64_t trim(const StreamTrim& trim);

  /// The consumer groups.
  const StreamGroups& groups() const { return groups_; }
  StreamGroups& groups() { return groups_; }

  /// The counter of reads that an ID stands for (StreamGroup::entries_read), or kUnknownReads.
  int64_t reads_up_to(StreamId id) const;
  /// Whether entries behind `id` may have been deleted out of the middle.
  bool has_gaps_from(StreamId id) const;

  /// Nodes one after the other, for writers of images; their keys are IDs.
  uint64_t nodes() const { return nodes_.blocks(); }
  ds::BlockCursor first_node() const { return nodes_.first(); }
  static std::string_view node_bytes(const ds::BlockCursor& cursor);
  /// How many nodes a radix tree of the nodes' keys has (XINFO STREAM).
  uint64_t radix_nodes() const { return radix_nodes_; }

  /// Aborts if an invariant does not hold. O(n), for tests.
  void check() const;

 private:
  friend class StreamRange;
  void start_node(StreamId id, std::span<const std::string_view> pairs);
  void append_to(ds::BlockCursor& cursor, StreamId id, std::span<const std::string_view> pairs, size_t limit);
  void close_node(ds::BlockCursor& cursor);
  /// Behind all others.
  void add_node(std::string_view listpack, uint32_t live, StreamId key);
  void remove_node(ds::BlockCursor& cursor);
  uint64_t trim_node(ds::BlockCursor& cursor, const StreamTrim& trim);

  ds::BlockTree nodes_;
  StreamGroups groups_;
  StreamId last_id_, first_id_, max_deleted_id_;
  uint64_t entries_added_ = 0;
  uint64_t radix_nodes_ = 1;
  std::unique_ptr<ds::BlockReclaimer> reclaimer_;
};

/// Goes through the entries between two IDs, both included. Valid until the stream is changed.
class StreamRange {
 public:
  enum class Direction : uint8_t { kForward, kBackward };
  StreamRange(const StreamObject& stream, StreamId from, StreamId to,
              Direction direction = Direction::kForward, bool deleted_too = false);

  /// To the next entry; false at the end.
  bool next();
  /// Of the entry that next() went to.
  StreamId id() const { return id_; }
  uint64_t fields() const { return fields_; }
  /// The fields of the entry in order; called fields() times at most. Views into the stream.
  struct Pair {
    ds::PackedElement field, value;
  };
  Pair next_pair();

 private:
  uint32_t next_in_node();

  ds::BlockCursor node_;
  StreamId from_, to_, id_, master_;
  uint64_t fields_ = 0, pairs_left_ = 0, master_fields_ = 0;
  uint32_t entry_ = 0, field_ = 0, value_ = 0, master_field_ = 0;  // positions
  bool inside_ = false;                                            // the node
  bool same_fields_ = false;
  const bool backward_, deleted_too_;
};

}  // namespace gyre::store
