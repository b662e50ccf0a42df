#include "gyre/store/stream_object.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "stream_node.h"
#include "stream_node_edit.h"
#include "stream_radix.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::ListpackView;
using ds::PackedElement;

/// The elements of an entry with the master's fields, or with its own.
std::vector<PackedElement> entry_elements(StreamId delta, std::span<const std::string_view> pairs,
                                          bool same_fields) {
  const auto fields = static_cast<int64_t>(pairs.size() / 2);
  std::vector<PackedElement> elements;
  elements.reserve(pairs.size() + 5);
  elements.emplace_back(same_fields ? kStreamSameFields : int64_t{0});
  elements.emplace_back(static_cast<int64_t>(delta.ms));
  elements.emplace_back(static_cast<int64_t>(delta.sequence));
  if (!same_fields) elements.emplace_back(fields);
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (!same_fields) elements.emplace_back(pairs[i]);
    elements.emplace_back(pairs[i + 1]);
  }
  elements.emplace_back(static_cast<int64_t>(elements.size()));
  return elements;
}

bool has_fields(const ListpackView& list, const StreamNodeHead& head,
                std::span<const std::string_view> pairs) {
  if (head.fields != pairs.size() / 2) return false;
  uint32_t at = head.first_field;
  for (size_t i = 0; i < pairs.size(); i += 2, at = list.next(at)) {
    if (!list.equals(at, pairs[i])) return false;
  }
  return true;
}

}  // namespace

StreamObject::StreamObject() : Object(kForm), nodes_(&kStreamNodeOps) {}

StreamObject::StreamObject(StreamGroups groups) : StreamObject() { groups_ = std::move(groups); }

std::unique_ptr<Object> StreamObject::freeze() const {
  auto frozen = std::make_unique<StreamObject>(groups_.freeze());
  frozen->nodes_ = nodes_.freeze();
  frozen->last_id_ = last_id_;
  frozen->first_id_ = first_id_;
  frozen->max_deleted_id_ = max_deleted_id_;
  frozen->entries_added_ = entries_added_;
  frozen->radix_nodes_ = radix_nodes_;
  return frozen;
}

bool StreamObject::reclaim(size_t blocks) {
  if (!reclaimer_) reclaimer_ = std::make_unique<ds::BlockReclaimer>(std::move(nodes_));
  if (reclaimer_->step(blocks)) return true;
  ds::BlockTree part(&kStreamNodeOps);
  if (!groups_.take_part(&part)) return false;
  reclaimer_ = std::make_unique<ds::BlockReclaimer>(std::move(part));
  return true;
}

StreamId StreamObject::edge_id(bool first, bool deleted) const {
  StreamRange range(*this, StreamId::min(), StreamId::max(),
                    first ? StreamRange::Direction::kForward : StreamRange::Direction::kBackward, deleted);
  if (range.next()) return range.id();
  return first ? StreamId::max() : StreamId::min();
}

bool StreamObject::contains(StreamId id) const { return StreamRange(*this, id, id).next(); }

std::string_view StreamObject::node_bytes(const BlockCursor& cursor) { return node_of(cursor).view(); }

void StreamObject::append(StreamId id, std::span<const std::string_view> pairs, StreamLimits limits) {
  const size_t max_bytes = limits.node_bytes == 0
                               ? ds::kListpackSafeBytes
                               : std::min<size_t>(limits.node_bytes, ds::kListpackSafeBytes);
  size_t more = 0;
  for (const std::string_view text : pairs) more += text.size();
  BlockCursor cursor = nodes_.last();
  if (cursor.valid()) {
    const ListpackView list(node_of(cursor).view());
    const auto all = static_cast<uint64_t>(stream_number(list, list.first())) +
                     static_cast<uint64_t>(stream_number(list, list.next(list.first())));
    if (list.size() + more >= max_bytes || (limits.node_entries != 0 && all >= limits.node_entries)) {
      close_node(cursor);
      cursor = {};
    }
  }
  cursor.valid() ? append_to(cursor, id, pairs, max_bytes) : start_node(id, pairs);
  ++entries_added_;
  last_id_ = id;
  if (size() == 1) first_id_ = id;
}

void StreamObject::start_node(StreamId id, std::span<const std::string_view> pairs) {
  ds::ListpackBuilder builder;
  builder.add(1);
  builder.add(0);
  builder.add(static_cast<int64_t>(pairs.size() / 2));
  for (size_t i = 0; i < pairs.size(); i += 2) builder.add(pairs[i]);
  builder.add(0);
  for (const PackedElement& element : entry_elements({}, pairs, /*same_fields=*/true)) builder.add(element);
  add_node(builder.finish(), 1, id);
}

void StreamObject::add_node(std::string_view listpack, uint32_t live, StreamId key) {
  BlockCursor cursor;
  nodes_.insert_before(cursor, StreamNode::create(listpack), live, key_of(key));
  radix_nodes_ += radix_nodes_for(nodes_, cursor);
}

void StreamObject::remove_node(BlockCursor& cursor) {
  radix_nodes_ -= radix_nodes_for(nodes_, cursor);
  nodes_.remove(cursor);
}

void StreamObject::set_last_id(StreamId id) {
  last_id_ = id;
  // Nodes with nothing but deleted entries, which may be higher, would stand in the way of those to come.
  for (BlockCursor cursor = nodes_.last(); cursor.valid() && cursor.weight() == 0; cursor = nodes_.last()) {
    if (id_of(cursor.key()) <= id && last_id_of_node(cursor) <= id) break;
    remove_node(cursor);
  }
}

void StreamObject::append_to(BlockCursor& cursor, StreamId id, std::span<const std::string_view> pairs,
                             size_t limit) {
  StreamNodeEdit edit(nodes_, cursor);
  const ListpackView list = edit.list();
  const StreamNodeHead head = read_stream_head(list);
  const StreamId master = id_of(cursor.key());
  edit.append(entry_elements({id.ms - master.ms, id.sequence - master.sequence}, pairs,
                             has_fields(list, head, pairs)),
              limit);
  edit.set_counts(head.live + 1, head.deleted);
}

/// A node that is full has no room to grow.
void StreamObject::close_node(BlockCursor& cursor) {
  constexpr uint32_t kKeptBytes = 32;
  const StreamNode& node = node_of(cursor);
  if (node.capacity - node.size > kKeptBytes) StreamNodeEdit(nodes_, cursor).shrink();
}

bool StreamObject::erase(StreamId id) {
  BlockCursor cursor = nodes_.last_at_or_before(key_of(id));
  if (!cursor.valid()) return false;
  const ListpackView list(node_of(cursor).view());
  const StreamNodeHead head = read_stream_head(list);
  const StreamId master = id_of(cursor.key());
  for (uint32_t at = list.next(head.terminator); at != list.end();) {
    const StreamEntryHead entry = read_stream_entry(list, at, master, head.fields);
    at = skip_stream_entry(list, entry);
    if (entry.deleted() || entry.id < id) continue;
    if (entry.id != id) break;
    if (head.live == 1) {
      remove_node(cursor);
    } else {
      StreamNodeEdit edit(nodes_, cursor);
      edit.set_number(entry.at, entry.flags | kStreamDeleted);
      edit.set_counts(head.live - 1, head.deleted + 1);
    }
    if (size() == 0) {
      first_id_ = {};
    } else if (id == first_id_) {
      first_id_ = edge_id(/*first=*/true, /*deleted=*/false);
    }
    max_deleted_id_ = std::max(max_deleted_id_, id);
    return true;
  }
  return false;
}

uint64_t StreamObject::trim(const StreamTrim& trim) {
  if (trim.by == StreamTrim::By::kNothing) return 0;
  const bool by_length = trim.by == StreamTrim::By::kLength;
  uint64_t gone = 0;
  for (BlockCursor cursor = nodes_.first(); cursor.valid();) {
    if (by_length && size() <= trim.max_length) break;
    const uint64_t entries = cursor.weight();
    if (trim.limit != 0 && gone + entries > trim.limit) break;
    const bool whole =
        by_length ? size() - entries >= trim.max_length : last_id_of_node(cursor) < trim.min_id;
    if (whole) {
      remove_node(cursor);
      gone += entries;
      continue;
    }
    if (!trim.whole_nodes) gone += trim_node(cursor, trim);
    break;
  }
  if (size() == 0) {
    first_id_ = {};
  } else if (gone != 0) {
    first_id_ = edge_id(/*first=*/true, /*deleted=*/false);
  }
  return gone;
}

/// Marks the first entries of a node as deleted.
uint64_t StreamObject::trim_node(BlockCursor& cursor, const StreamTrim& trim) {
  const StreamId master = id_of(cursor.key());
  const ListpackView before(node_of(cursor).view());
  const StreamNodeHead head = read_stream_head(before);
  const auto wanted = static_cast<int64_t>(
      trim.by == StreamTrim::By::kLength ? size() - trim.max_length : static_cast<uint64_t>(head.live));
  int64_t gone = 0;
  std::optional<StreamNodeEdit> edit;
  for (uint32_t at = before.next(head.terminator); gone < wanted;) {
    const ListpackView list = edit ? edit->list() : before;
    if (at == list.end()) break;
    const StreamEntryHead entry = read_stream_entry(list, at, master, head.fields);
    if (trim.by == StreamTrim::By::kId && entry.id >= trim.min_id) break;
    at = skip_stream_entry(list, entry);
    if (entry.deleted()) continue;
    if (!edit) edit.emplace(nodes_, cursor);
    const auto size_before = static_cast<uint32_t>(edit->list().size());
    edit->set_number(entry.at, entry.flags | kStreamDeleted);
    at += static_cast<uint32_t>(edit->list().size()) - size_before;
    ++gone;
  }
  if (edit) edit->set_counts(head.live - gone, head.deleted + gone);
  return static_cast<uint64_t>(gone);
}

bool StreamObject::has_gaps_from(StreamId id) const {
  return size() != 0 && !max_deleted_id_.is_zero() && first_id_ <= max_deleted_id_ && id <= max_deleted_id_;
}

int64_t StreamObject::reads_up_to(StreamId id) const {
  if (entries_added_ == 0) return 0;
  const auto added = static_cast<int64_t>(entries_added_), length = static_cast<int64_t>(size());
  if ((length == 0 && id <= last_id_) || id == last_id_) return added;
  if (id > last_id_) return kUnknownReads;
  if (max_deleted_id_.is_zero() || max_deleted_id_ < first_id_) {
    if (id < first_id_) return added - length;
    if (id == first_id_) return added - length + 1;
  }
  return kUnknownReads;
}

}  // namespace gyre::store
