#include "gyre/store/stream_object.h"
#include "stream_node.h"

namespace gyre::store {

using ds::ListpackView;

StreamRange::StreamRange(const StreamObject& stream, StreamId from, StreamId to, Direction direction,
                         bool deleted_too)
    : node_(stream.nodes_.last_at_or_before(key_of(direction == Direction::kForward ? from : to))),
      from_(from),
      to_(to),
      backward_(direction == Direction::kBackward),
      deleted_too_(deleted_too) {
  if (!node_.valid() && !backward_) node_ = stream.nodes_.first();
}

/// Where the next entry of the node is; kNoStreamEntry when there is none.
uint32_t StreamRange::next_in_node() {
  const ListpackView list(node_of(node_).view());
  if (inside_ && backward_) return stream_entry_before(list, list.prev(entry_));
  uint32_t at;
  if (inside_) {
    at = list.skip(value_, (same_fields_ ? pairs_left_ : 2 * pairs_left_) + 1);
  } else {
    const StreamNodeHead head = read_stream_head(list);
    inside_ = true;
    master_ = id_of(node_.key());
    master_fields_ = head.fields;
    master_field_ = head.first_field;
    if (backward_) return stream_entry_before(list, list.last());
    at = list.next(head.terminator);
  }
  return at == list.end() ? kNoStreamEntry : at;
}

bool StreamRange::next() {
  while (node_.valid()) {
    const uint32_t at = next_in_node();
    if (at == kNoStreamEntry) {
      inside_ = false;
      backward_ ? node_.previous() : node_.next();
      continue;
    }
    const StreamEntryHead entry =
        read_stream_entry(ListpackView(node_of(node_).view()), at, master_, master_fields_);
    entry_ = at;
    id_ = entry.id;
    fields_ = pairs_left_ = entry.fields;
    same_fields_ = entry.same_fields();
    field_ = same_fields_ ? master_field_ : entry.first;
    value_ = entry.first;
    // The IDs of deleted entries need not ascend (XSETID).
    if (entry.deleted() && !deleted_too_) continue;
    if (backward_ ? id_ < from_ : id_ > to_) {
      node_ = {};
      return false;
    }
    if (backward_ ? id_ <= to_ : id_ >= from_) return true;
  }
  return false;
}

StreamRange::Pair StreamRange::next_pair() {
  const ListpackView list(node_of(node_).view());
  --pairs_left_;
  if (same_fields_) {
    const Pair pair{list.get(field_), list.get(value_)};
    field_ = list.next(field_);
    value_ = list.next(value_);
    return pair;
  }
  const uint32_t value = list.next(value_);
  const Pair pair{list.get(value_), list.get(value)};
  value_ = list.next(value);
  return pair;
}

}  // namespace gyre::store
