#include "stream_node.h"

#include "gyre/base/numbers.h"

namespace gyre::store {

namespace {

ds::BlockHeader* clone(const ds::BlockHeader* header) {
  return StreamNode::create(static_cast<const StreamNode&>(*header).view());
}

void destroy(ds::BlockHeader* header) { StreamNode::destroy(static_cast<StreamNode*>(header)); }

}  // namespace

const ds::BlockOps kStreamNodeOps{clone, destroy, /*keyed=*/true};

int64_t stream_number(const ds::ListpackView& list, uint32_t at) {
  const ds::PackedElement element = list.get(at);
  if (element.is_integer()) [[likely]]
    return element.integer();
  return base::parse_int64(element.bytes()).value_or(0);
}

StreamNodeHead read_stream_head(const ds::ListpackView& list) {
  StreamNodeHead head;
  uint32_t at = list.first();
  head.live = stream_number(list, at);
  at = list.next(at);
  head.deleted = stream_number(list, at);
  at = list.next(at);
  head.fields = static_cast<uint64_t>(stream_number(list, at));
  head.first_field = list.next(at);
  head.terminator = list.skip(head.first_field, head.fields);
  return head;
}

StreamEntryHead read_stream_entry(const ds::ListpackView& list, uint32_t at, StreamId master,
                                  uint64_t master_fields) {
  StreamEntryHead entry;
  entry.at = at;
  entry.flags = stream_number(list, at);
  at = list.next(at);
  entry.id.ms = master.ms + static_cast<uint64_t>(stream_number(list, at));
  at = list.next(at);
  entry.id.sequence = master.sequence + static_cast<uint64_t>(stream_number(list, at));
  at = list.next(at);
  if (entry.same_fields()) {
    entry.fields = master_fields;
  } else {
    entry.fields = static_cast<uint64_t>(stream_number(list, at));
    at = list.next(at);
  }
  entry.first = at;
  return entry;
}

uint32_t skip_stream_entry(const ds::ListpackView& list, const StreamEntryHead& entry) {
  return list.skip(entry.first, (entry.same_fields() ? entry.fields : 2 * entry.fields) + 1);
}

uint32_t stream_entry_before(const ds::ListpackView& list, uint32_t last) {
  int64_t elements = stream_number(list, last);
  if (elements == 0) return kNoStreamEntry;
  while (elements-- > 0) last = list.prev(last);
  return last;
}

StreamId last_id_of_node(const ds::BlockCursor& cursor) {
  const ds::ListpackView list(node_of(cursor).view());
  const StreamId master = id_of(cursor.key());
  const uint32_t at = stream_entry_before(list, list.last());
  return at == kNoStreamEntry ? master : read_stream_entry(list, at, master, 0).id;
}

}  // namespace gyre::store
