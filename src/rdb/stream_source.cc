// A stream: its nodes, its own numbers, its groups with what is pending and their consumers.
#include "object_source.h"

namespace gyre::rdb {

namespace {

using store::StreamGroup;
using store::StreamId;

void put_id(ObjectElement& element, StreamId id) {
  element.put(__builtin_bswap64(id.ms));
  element.put(__builtin_bswap64(id.sequence));
}

class StreamSource final : public ObjectSource {
 public:
  StreamSource(const store::StreamObject& stream, bool active_times)
      : stream_(stream), active_times_(active_times), node_(stream.first_node()) {}
  uint64_t length() const override { return stream_.nodes(); }
  bool next(ObjectElement& element) override;

 private:
  enum class Part : uint8_t { kNodes, kNumbers, kGroup, kPending, kConsumer, kConsumerPending };

  bool next_node(ObjectElement& element);
  bool next_number(ObjectElement& element);
  bool next_group(ObjectElement& element);
  bool next_pending(ObjectElement& element);
  bool next_consumer(ObjectElement& element);
  bool next_id(ObjectElement& element);

  const store::StreamObject& stream_;
  const bool active_times_;
  Part part_ = Part::kNodes;
  unsigned number_ = 0;
  ds::BlockCursor node_, group_at_, consumer_at_;
  const StreamGroup* group_ = nullptr;
  store::IdTree<store::PendingEntry>::Cursor pending_;
  store::IdTree<store::PendingId>::Cursor id_;
};

bool StreamSource::next(ObjectElement& element) {
  element = {};
  while (true) {
    switch (part_) {
      case Part::kNodes:
        if (next_node(element)) return true;
        part_ = Part::kNumbers;
        break;
      case Part::kNumbers:
        if (next_number(element)) return true;
        part_ = Part::kGroup;
        number_ = 0;
        group_at_ = stream_.groups().first();
        break;
      case Part::kGroup:
        return next_group(element);
      case Part::kPending:
        if (next_pending(element)) return true;
        break;
      case Part::kConsumer:
        if (next_consumer(element)) return true;
        break;
      case Part::kConsumerPending:
        if (next_id(element)) return true;
        break;
    }
  }
}

bool StreamSource::next_node(ObjectElement& element) {
  if (!node_.valid()) return false;
  // Its ID is a string of bytes.
  if (number_++ % 2 == 0) {
    element.kind = sizeof(StreamId);
    put_id(element, store::id_of(node_.key()));
    return true;
  }
  element.set_text(store::StreamObject::node_bytes(node_));
  if (!node_.next()) number_ = 0;
  return true;
}

bool StreamSource::next_number(ObjectElement& element) {
  const uint64_t numbers[] = {stream_.size(),
                              stream_.last_id().ms,
                              stream_.last_id().sequence,
                              stream_.first_id().ms,
                              stream_.first_id().sequence,
                              stream_.max_deleted_id().ms,
                              stream_.max_deleted_id().sequence,
                              stream_.entries_added(),
                              stream_.groups().size()};
  if (number_ == std::size(numbers)) return false;
  element.number = numbers[number_++];
  return true;
}

/// Its name and its numbers, the last of which says how many entries are pending.
bool StreamSource::next_group(ObjectElement& element) {
  if (!group_at_.valid()) return false;
  group_ = &store::StreamGroups::group_at(group_at_);
  const uint64_t numbers[] = {group_->last_id.ms, group_->last_id.sequence,
                              static_cast<uint64_t>(group_->entries_read), group_->pending().size()};
  if (number_ == 0) element.set_text(group_->name());
  element.number = numbers[number_++];
  if (number_ < std::size(numbers)) return true;
  number_ = 0;
  part_ = Part::kPending;
  pending_ = group_->pending().first();
  return true;
}

bool StreamSource::next_pending(ObjectElement& element) {
  if (pending_.valid()) {
    put_id(element, pending_->id);
    element.put(static_cast<uint64_t>(pending_->delivered_ms));
    element.number = pending_->deliveries;
    pending_.next();
    return true;
  }
  part_ = Part::kConsumer;
  consumer_at_ = group_->first_consumer();
  element.number = group_->consumers();
  return true;
}

bool StreamSource::next_consumer(ObjectElement& element) {
  if (!consumer_at_.valid()) {
    group_at_.next();
    part_ = Part::kGroup;
    return false;
  }
  const store::StreamConsumer& consumer = group_->consumer_at(consumer_at_);
  element.set_text(consumer.name);
  element.put(static_cast<uint64_t>(consumer.seen_ms));
  if (active_times_) element.put(static_cast<uint64_t>(consumer.active_ms));
  element.number = consumer.pending.size();
  id_ = consumer.pending.first();
  part_ = Part::kConsumerPending;
  return true;
}

bool StreamSource::next_id(ObjectElement& element) {
  if (!id_.valid()) {
    consumer_at_.next();
    part_ = Part::kConsumer;
    return false;
  }
  put_id(element, id_->id);
  id_.next();
  return true;
}

}  // namespace

std::unique_ptr<ObjectSource> stream_source(const store::StreamObject& stream, bool active_times) {
  return std::make_unique<StreamSource>(stream, active_times);
}

}  // namespace gyre::rdb
