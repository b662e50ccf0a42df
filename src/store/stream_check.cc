// Looking through nodes of streams: those that come from outside, before anything trusts them, and all for
// tests.
#include <algorithm>
#include <optional>

#include "gyre/base/check.h"
#include "gyre/base/numbers.h"
#include "gyre/store/stream_object.h"
#include "stream_node.h"
#include "stream_radix.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::ListpackView;
using ds::PackedElement;

/// A node's size is counted with 32 bits, and Redis grows none much beyond half of this.
constexpr size_t kMostNodeBytes = 2 * ds::kListpackSafeBytes;

/// Goes through a node, element by element.
class NodeWalk {
 public:
  /// Live entries stand behind `last`.
  NodeWalk(ListpackView list, StreamId master, StreamId last)
      : list_(list), at_(list.first()), master_(master), last_(last) {}

  /// The numbers in front, the master's fields and the terminator.
  bool read_head() {
    int64_t terminator = 0;
    return number(&live_) && number(&deleted_) && number(&fields_) && skip(fields_) && number(&terminator) &&
           terminator == 0;
  }
  bool at_end() const { return at_ == list_.end(); }
  /// An entry: if it lives, behind the live one before. Deleted ones may be in the way: XSETID may go below
  /// them.
  bool read_entry() {
    int64_t flags = 0, ms = 0, sequence = 0, fields = fields_, elements = 0;
    if (!number(&flags) || !number(&ms) || !number(&sequence)) return false;
    const StreamId id{master_.ms + static_cast<uint64_t>(ms),
                      master_.sequence + static_cast<uint64_t>(sequence)};
    constexpr int64_t kHead = 3;  // flags and the two deltas
    int64_t expected = kHead + fields;
    if ((flags & kStreamSameFields) == 0) {
      if (!number(&fields) || !skip(fields)) return false;
      expected = kHead + 1 + 2 * fields;
    }
    if (!skip(fields) || !number(&elements) || elements != expected) return false;
    if ((flags & kStreamDeleted) != 0) {
      ++deleted_seen_;
      return true;
    }
    if (++live_seen_ == 1) first_ = id;
    const bool ascends = id >= master_ && id > last_;
    last_ = id;
    return ascends;
  }
  bool counts_hold() const { return live_ == live_seen_ && deleted_ == deleted_seen_; }

  int64_t live() const { return live_; }
  /// The first live entry; zero when there is none.
  StreamId first() const { return first_; }
  /// The last one; what was before when there is none.
  StreamId last() const { return last_; }

 private:
  bool number(int64_t* out) {
    if (at_end()) return false;
    const PackedElement element = list_.get(at_);
    at_ = list_.next(at_);
    if (element.is_integer()) {
      *out = element.integer();
      return true;
    }
    const std::optional<int64_t> value = base::parse_int64(element.bytes());
    *out = value.value_or(0);
    return value.has_value();
  }
  bool skip(int64_t count) {
    if (count < 0) return false;
    for (; count > 0; --count) {
      if (at_end()) return false;
      at_ = list_.next(at_);
    }
    return true;
  }

  const ListpackView list_;
  uint32_t at_;
  const StreamId master_;
  int64_t live_ = 0, deleted_ = 0, fields_ = 0;
  int64_t live_seen_ = 0, deleted_seen_ = 0;
  StreamId first_, last_;
};

}  // namespace

bool StreamObject::append_node(StreamId key, std::string_view node) {
  if (node.size() > kMostNodeBytes || (!nodes_.empty() && key <= last_id_)) return false;
  NodeWalk walk(ListpackView(node), key, last_id_);
  if (!walk.read_head()) return false;
  while (!walk.at_end()) {
    if (!walk.read_entry()) return false;
  }
  if (!walk.counts_hold()) return false;
  if (size() == 0) first_id_ = walk.first();
  last_id_ = std::max(key, walk.last());
  add_node(node, static_cast<uint32_t>(walk.live()), key);
  return true;
}

void StreamObject::check() const {
  nodes_.check();
  groups_.check();
  StreamId last;
  for (BlockCursor cursor = nodes_.first(); cursor.valid(); cursor.next()) {
    const ListpackView list(node_of(cursor).view());
    GYRE_CHECK(ds::listpack_valid(list.bytes(), /*deep=*/true));
    const StreamNodeHead head = read_stream_head(list);
    GYRE_CHECK(cursor.weight() == static_cast<uint64_t>(head.live));
    int64_t live = 0, deleted = 0;
    for (uint32_t at = list.next(head.terminator); at != list.end();) {
      const StreamEntryHead entry = read_stream_entry(list, at, id_of(cursor.key()), head.fields);
      ++(entry.deleted() ? deleted : live);
      if (!entry.deleted()) {
        GYRE_CHECK(last < entry.id && id_of(cursor.key()) <= entry.id);
        last = entry.id;
      }
      const uint32_t behind = skip_stream_entry(list, entry);
      GYRE_CHECK(stream_entry_before(list, list.prev(behind)) == at);
      at = behind;
    }
    GYRE_CHECK(live == head.live && deleted == head.deleted);
  }
  GYRE_CHECK(radix_nodes_ == count_radix_nodes(nodes_));
  GYRE_CHECK(last <= last_id_ && (nodes_.empty() || id_of(nodes_.last().key()) <= last_id_));
  GYRE_CHECK(first_id_ == (size() == 0 ? StreamId() : edge_id(true, false)));
}

}  // namespace gyre::store
