#include "gyre/store/stream_group.h"

#include "gyre/base/check.h"
#include "stream_names.h"

namespace gyre::store {

namespace {

using ds::BlockCursor;
using ds::BlockTree;

struct NameBlock : ds::BlockHeader {
  std::string name;
  uint64_t number = 0;
  NameBlock(std::string_view text, uint64_t n) : name(text), number(n) {
    bytes = static_cast<uint32_t>(sizeof(*this) + name_bytes(name));
  }
  const std::string& key() const { return name; }
  NameBlock* copy() const { return make_block<NameBlock>(name, number); }
};

struct ConsumerBlock : ds::BlockHeader {
  StreamConsumer consumer;
  explicit ConsumerBlock(StreamConsumer c) : consumer(std::move(c)) {
    bytes = static_cast<uint32_t>(sizeof(*this) + name_bytes(consumer.name));
  }
  ConsumerBlock* copy() const {
    return make_block<ConsumerBlock>(StreamConsumer{consumer.name, consumer.number, consumer.seen_ms,
                                                    consumer.active_ms, consumer.pending.freeze()});
  }
};

struct GroupBlock : ds::BlockHeader {
  StreamGroup group;
  explicit GroupBlock(StreamGroup g) : group(std::move(g)) {
    bytes = static_cast<uint32_t>(sizeof(*this) + name_bytes(group.name()));
  }
  const std::string& key() const { return group.name(); }
  GroupBlock* copy() const { return make_block<GroupBlock>(group.freeze()); }
};

constexpr ds::BlockOps kNameOps = block_ops<NameBlock>(), kConsumerOps = block_ops<ConsumerBlock>(),
                       kGroupOps = block_ops<GroupBlock>();

constexpr uint32_t kOne = 1;

ds::BlockKey number_key(uint64_t number) { return {0, number}; }

BlockCursor cursor_of(const BlockTree& consumers, uint64_t number) {
  BlockCursor cursor = consumers.last_at_or_before(number_key(number));
  GYRE_CHECK(cursor.valid() && cursor.key() == number_key(number));
  return cursor;
}

/// Takes what one consumer has pending, or one that has nothing; false when there are no more.
bool take_consumer(BlockTree& consumers, BlockTree* part) {
  for (BlockCursor cursor = consumers.first(); cursor.valid();) {
    auto* block = static_cast<ConsumerBlock*>(consumers.writable(cursor));
    const bool pending = !block->consumer.pending.empty();
    if (pending) *part = block->consumer.pending.take();
    consumers.remove(cursor);
    if (pending) return true;
  }
  return false;
}

}  // namespace

// ---- a group ----------------------------------------------------------------------------------------------

StreamGroup::StreamGroup(std::string_view name, StreamId last_id, int64_t entries_read)
    : last_id(last_id),
      entries_read(entries_read),
      name_(name),
      consumers_(&kConsumerOps),
      names_(&kNameOps) {}

StreamGroup StreamGroup::freeze() const {
  StreamGroup frozen(name_, last_id, entries_read);
  frozen.pending_ = pending_.freeze();
  frozen.consumers_ = consumers_.freeze();
  frozen.names_ = names_.freeze();
  frozen.next_number_ = next_number_;
  return frozen;
}

size_t StreamGroup::footprint() const {
  return pending_.footprint() + consumers_.footprint() + names_.footprint();
}

uint64_t StreamGroup::number_at(const BlockCursor& name) {
  return static_cast<const NameBlock&>(*name.block()).number;
}

const StreamConsumer* StreamGroup::find_consumer(std::string_view name) const {
  const BlockCursor cursor = find_named<NameBlock>(names_, name);
  return cursor.valid() ? &consumer(number_at(cursor)) : nullptr;
}

const StreamConsumer& StreamGroup::consumer(uint64_t number) const {
  const BlockCursor cursor = cursor_of(consumers_, number);
  return static_cast<const ConsumerBlock&>(*cursor.block()).consumer;
}

uint64_t StreamGroup::create_consumer(std::string_view name, int64_t now_ms) {
  const uint64_t number = next_number_++;
  insert_named(names_, make_block<NameBlock>(name, number));
  BlockCursor end;
  auto* block =
      make_block<ConsumerBlock>(StreamConsumer{std::string(name), number, now_ms, kNeverActive, {}});
  consumers_.insert_before(end, block, kOne, number_key(number));
  return number;
}

void StreamGroup::erase_consumer(uint64_t number) {
  BlockCursor cursor = cursor_of(consumers_, number);
  const StreamConsumer& gone = static_cast<const ConsumerBlock&>(*cursor.block()).consumer;
  for (auto item = gone.pending.first(); item.valid(); item.next()) pending_.erase(item->id);
  BlockCursor name = find_named<NameBlock>(names_, gone.name);
  names_.remove(name);
  consumers_.account(-static_cast<int64_t>(gone.pending.footprint()));
  consumers_.remove(cursor);
}

template <class Change>
void StreamGroup::change_consumer(uint64_t number, Change change) {
  BlockCursor cursor = cursor_of(consumers_, number);
  auto* block = static_cast<ConsumerBlock*>(consumers_.writable(cursor));
  const size_t before = block->consumer.pending.footprint();
  change(block->consumer);
  consumers_.account(static_cast<int64_t>(block->consumer.pending.footprint() - before));
}

void StreamGroup::set_seen(uint64_t number, int64_t ms) {
  change_consumer(number, [ms](StreamConsumer& c) { c.seen_ms = ms; });
}

void StreamGroup::set_active(uint64_t number, int64_t ms) {
  change_consumer(number, [ms](StreamConsumer& c) { c.active_ms = ms; });
}

void StreamGroup::assign(const PendingEntry& item) {
  const StreamId id = item.id;
  if (!pending_.insert(item)) {
    PendingEntry* known = pending_.edit(id);
    const uint64_t before = known->consumer;
    *known = item;
    if (before == item.consumer) return;
    change_consumer(before, [id](StreamConsumer& c) { c.pending.erase(id); });
  }
  change_consumer(item.consumer, [id](StreamConsumer& c) { c.pending.insert({id}); });
}

void StreamGroup::redeliver(StreamId id, int64_t delivered_ms, uint64_t deliveries) {
  PendingEntry* item = pending_.edit(id);
  GYRE_CHECK(item);
  item->delivered_ms = delivered_ms;
  item->deliveries = deliveries;
}

bool StreamGroup::release(StreamId id) {
  const PendingEntry* item = pending_.find(id);
  if (!item) return false;
  change_consumer(item->consumer, [id](StreamConsumer& c) { c.pending.erase(id); });
  return pending_.erase(id);
}

bool StreamGroup::add_unowned(StreamId id, int64_t delivered_ms, uint64_t deliveries) {
  return pending_.insert({id, delivered_ms, deliveries, kNobody});
}

void StreamGroup::give(StreamId id, uint64_t number) {
  PendingEntry* item = pending_.edit(id);
  GYRE_CHECK(item && item->consumer == kNobody);
  item->consumer = number;
  change_consumer(number, [id](StreamConsumer& c) { c.pending.insert({id}); });
}

bool StreamGroup::take_part(BlockTree* part) {
  if (!pending_.empty()) {
    *part = pending_.take();
    return true;
  }
  if (take_consumer(consumers_, part)) return true;
  if (names_.empty()) return false;
  *part = std::exchange(names_, BlockTree(&kNameOps));
  return true;
}

void StreamGroup::check() const {
  pending_.check();
  consumers_.check();
  names_.check();
  GYRE_CHECK(names_.blocks() == consumers_.blocks());
  uint64_t pending = 0;
  size_t outside = 0;
  for_each_consumer([&](const StreamConsumer& consumer) {
    consumer.pending.check();
    pending += consumer.pending.size();
    outside += consumer.pending.footprint();
    for (auto item = consumer.pending.first(); item.valid(); item.next()) {
      const PendingEntry* known = pending_.find(item->id);
      GYRE_CHECK(known && known->consumer == consumer.number);
    }
  });
  GYRE_CHECK(pending == pending_.size() && consumers_.footprint() >= outside);
}

// ---- groups -----------------------------------------------------------------------------------------------

StreamGroups::StreamGroups() : tree_(&kGroupOps) {}

const StreamGroup& StreamGroups::group_at(const BlockCursor& cursor) {
  return static_cast<const GroupBlock&>(*cursor.block()).group;
}

const StreamGroup* StreamGroups::find(std::string_view name) const {
  const BlockCursor cursor = find_named<GroupBlock>(tree_, name);
  return cursor.valid() ? &group_at(cursor) : nullptr;
}

bool StreamGroups::create(std::string_view name, StreamId last_id, int64_t entries_read) {
  if (find(name)) return false;
  insert_named(tree_, make_block<GroupBlock>(StreamGroup(name, last_id, entries_read)));
  return true;
}

StreamGroups StreamGroups::extract(std::string_view name) {
  BlockCursor cursor = find_named<GroupBlock>(tree_, name);
  GYRE_CHECK(cursor.valid());
  auto* block = static_cast<GroupBlock*>(tree_.writable(cursor));
  StreamGroups taken;
  const auto outside = static_cast<int64_t>(block->group.footprint());
  auto* moved = make_block<GroupBlock>(std::move(block->group));
  tree_.account(-outside);
  tree_.remove(cursor);
  BlockCursor end;
  taken.tree_.insert_before(end, moved, kOne, name_key(name));
  taken.tree_.account(outside);
  return taken;
}

bool StreamGroups::take_part(BlockTree* part) {
  for (BlockCursor cursor = tree_.first(); cursor.valid();) {
    if (static_cast<GroupBlock*>(tree_.writable(cursor))->group.take_part(part)) return true;
    tree_.remove(cursor);
  }
  return false;
}

void StreamGroups::check() const {
  tree_.check();
  size_t outside = 0;
  for_each([&](const StreamGroup& group) {
    group.check();
    outside += group.footprint();
  });
  GYRE_CHECK(tree_.footprint() >= outside && (size() != 0 || tree_.footprint() == 0));
}

GroupEdit::GroupEdit(StreamGroups& groups, std::string_view name) : groups_(groups) {
  BlockCursor cursor = find_named<GroupBlock>(groups.tree_, name);
  GYRE_CHECK(cursor.valid());
  group_ = &static_cast<GroupBlock*>(groups.tree_.writable(cursor))->group;
  footprint_ = group_->footprint();
}

GroupEdit::~GroupEdit() { groups_.tree_.account(static_cast<int64_t>(group_->footprint() - footprint_)); }

}  // namespace gyre::store
