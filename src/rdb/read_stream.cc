// Streams (encoder.h has their grammar): nodes as they are, then numbers, then groups, each with what is
// pending and the consumers for whom.
#include <algorithm>
#include <optional>
#include <utility>

#include "gyre/store/stream_object.h"
#include "value_reader.h"

namespace gyre::rdb {

namespace {

using store::GroupEdit;
using store::StreamId;
using store::StreamObject;

constexpr size_t kIdBytes = 16;

StreamId id_from(std::string_view bytes) {
  uint64_t halves[2];
  std::copy_n(bytes.data(), kIdBytes, reinterpret_cast<char*>(halves));
  return {__builtin_bswap64(halves[0]), __builtin_bswap64(halves[1])};
}

int64_t time_from(std::string_view bytes) {
  int64_t ms;
  std::copy_n(bytes.data(), sizeof(ms), reinterpret_cast<char*>(&ms));
  return ms;
}

class StreamReader final : public ValueReader {
 public:
  StreamReader(ValueType type, const DecodeOptions& options, uint64_t* sanitizations)
      : type_(type), options_(options), sanitizations_(sanitizations) {}

  Read step(Input& input, Value* out) override {
    while (part_ != Part::kEnd) {
      if (const Read read = read_part(input); read != Read::kDone) return read;
    }
    *out = Value::object(std::move(stream_));
    return Read::kDone;
  }

 private:
  // In the order of the file, but for what comes again.
  enum class Part : uint8_t {
    kNodes,
    kNodeKey,
    kNode,
    kNumbers,
    kGroups,
    kGroupName,
    kGroupNumbers,
    kPendingCount,
    kPending,
    kDeliveries,
    kConsumers,
    kConsumerName,
    kConsumerTimes,
    kConsumerPendingCount,
    kConsumerPending,
    kConsumerEnd,
    kGroupEnd,
    kEnd,
  };

  Read read_part(Input& input);
  /// How many there are: on to the first of them, or `behind`.
  Read read_count(Input& input, uint64_t* left, Part each, Part behind) {
    const Read read = input.length(left);
    if (read == Read::kDone) part_ = *left > 0 ? each : behind;
    return read;
  }
  void next(uint64_t& left, Part each, Part behind) { part_ = --left > 0 ? each : behind; }
  Read read_node_key(Input& input);
  Read read_node(Input& input);
  Read read_into_numbers(Input& input, size_t count);
  Read read_numbers(Input& input);
  Read read_group_name(Input& input);
  Read read_group_numbers(Input& input);
  Read read_pending(Input& input);
  Read read_deliveries(Input& input);
  Read read_consumer_name(Input& input);
  Read read_consumer_times(Input& input);
  Read read_consumer_pending(Input& input);
  Read end_group(Input& input);

  static constexpr size_t kMostNumbers = 8;

  const ValueType type_;
  const DecodeOptions& options_;
  uint64_t* const sanitizations_;
  Part part_ = Part::kNodes;
  std::unique_ptr<StreamObject> stream_ = std::make_unique<StreamObject>();
  std::optional<GroupEdit> group_;  // goes before the stream
  uint64_t nodes_left_ = 0, groups_left_ = 0, pending_left_ = 0, consumers_left_ = 0;
  StreamId id_;  // of a node, or of what is pending
  std::optional<StreamId> last_key_;
  uint64_t numbers_[kMostNumbers] = {};
  size_t numbers_read_ = 0;
  std::string name_;
  int64_t delivered_ms_ = 0;
  uint64_t consumer_ = 0;  // its number
  uint64_t given_ = 0;     // pending entries of the group that have their consumer
};

Read StreamReader::read_part(Input& input) {
  switch (part_) {
    case Part::kNodes:
      return read_count(input, &nodes_left_, Part::kNodeKey, Part::kNumbers);
    case Part::kNodeKey:
      return read_node_key(input);
    case Part::kNode:
      return read_node(input);
    case Part::kNumbers:
      return read_numbers(input);
    case Part::kGroups:
      return read_count(input, &groups_left_, Part::kGroupName, Part::kEnd);
    case Part::kGroupName:
      return read_group_name(input);
    case Part::kGroupNumbers:
      return read_group_numbers(input);
    case Part::kPendingCount:
      return read_count(input, &pending_left_, Part::kPending, Part::kConsumers);
    case Part::kPending:
      return read_pending(input);
    case Part::kDeliveries:
      return read_deliveries(input);
    case Part::kConsumers:
      return read_count(input, &consumers_left_, Part::kConsumerName, Part::kGroupEnd);
    case Part::kConsumerName:
      return read_consumer_name(input);
    case Part::kConsumerTimes:
      return read_consumer_times(input);
    case Part::kConsumerPendingCount:
      return read_count(input, &pending_left_, Part::kConsumerPending, Part::kConsumerEnd);
    case Part::kConsumerPending:
      return read_consumer_pending(input);
    case Part::kConsumerEnd:
      next(consumers_left_, Part::kConsumerName, Part::kGroupEnd);
      return Read::kDone;
    case Part::kGroupEnd:
      return end_group(input);
    case Part::kEnd:
      break;
  }
  return Read::kDone;
}

Read StreamReader::read_node_key(Input& input) {
  std::string_view key;
  if (const Read read = input.string(&key); read != Read::kDone) return read;
  if (key.size() != kIdBytes) return input.fail("Stream node key entry is not the size of a stream ID");
  id_ = id_from(key);
  part_ = Part::kNode;
  return Read::kDone;
}

Read StreamReader::read_node(Input& input) {
  constexpr const char* kComplaint = "Stream listpack integrity check failed.";
  std::string_view node;
  if (const Read read = input.string(&node); read != Read::kDone) return read;
  if (options_.deep) ++*sanitizations_;
  if (!ds::listpack_valid(node, true)) return input.fail(kComplaint);
  if (!options_.deep && ds::ListpackView(node).empty()) return input.fail("Empty listpack inside stream");
  if (last_key_ == id_) return input.fail("Listpack re-added with existing key");
  if (!stream_->append_node(id_, node)) return input.fail(kComplaint);
  last_key_ = id_;
  next(nodes_left_, Part::kNodeKey, Part::kNumbers);
  return Read::kDone;
}

/// Numbers may be anything, -1 too.
Read StreamReader::read_into_numbers(Input& input, size_t count) {
  for (; numbers_read_ < count; ++numbers_read_) {
    const Read read = input.number(&numbers_[numbers_read_]);
    if (read != Read::kDone) return read;
  }
  numbers_read_ = 0;
  return Read::kDone;
}

/// Length, last ID, and in later types first ID, highest deleted ID, entries ever added. The first ID is
/// known.
Read StreamReader::read_numbers(Input& input) {
  const bool first_type = type_ == ValueType::kStream;
  if (const Read read = read_into_numbers(input, first_type ? 3 : kMostNumbers); read != Read::kDone)
    return read;
  if (numbers_[0] != stream_->size()) return input.fail("Stream length inconsistent with rax entries");
  const StreamId last_id{numbers_[1], numbers_[2]};
  if (last_id < stream_->edge_id(/*first=*/false, /*deleted=*/false))
    return input.fail("Stream last ID is below its entries");
  stream_->set_last_id(last_id);
  if (!first_type) stream_->set_max_deleted_id({numbers_[5], numbers_[6]});
  stream_->set_entries_added(first_type ? stream_->size() : numbers_[7]);
  part_ = Part::kGroups;
  return Read::kDone;
}

Read StreamReader::read_group_name(Input& input) {
  std::string_view name;
  const Read read = input.string(&name);
  if (read != Read::kDone) return read;
  name_ = name;
  part_ = Part::kGroupNumbers;
  return Read::kDone;
}

/// The last ID delivered, and in later types how many entries were read up to it.
Read StreamReader::read_group_numbers(Input& input) {
  const bool first_type = type_ == ValueType::kStream;
  if (const Read read = read_into_numbers(input, first_type ? 2 : 3); read != Read::kDone) return read;
  const StreamId last_id{numbers_[0], numbers_[1]};
  const int64_t entries_read = first_type ? stream_->reads_up_to(last_id) : static_cast<int64_t>(numbers_[2]);
  if (!stream_->groups().create(name_, last_id, entries_read))
    return input.fail("Duplicated consumer group name " + name_);
  group_.emplace(stream_->groups(), name_);
  given_ = 0;
  part_ = Part::kPendingCount;
  return Read::kDone;
}

Read StreamReader::read_pending(Input& input) {
  std::string_view bytes;
  const Read read = input.bytes(kIdBytes + sizeof(delivered_ms_), &bytes);
  if (read != Read::kDone) return read;
  id_ = id_from(bytes);
  delivered_ms_ = time_from(bytes.substr(kIdBytes));
  part_ = Part::kDeliveries;
  return Read::kDone;
}

Read StreamReader::read_deliveries(Input& input) {
  uint64_t deliveries = 0;
  if (const Read read = input.number(&deliveries); read != Read::kDone) return read;
  if (!(*group_)->add_unowned(id_, delivered_ms_, deliveries))
    return input.fail("Duplicated global PEL entry loading stream consumer group");
  next(pending_left_, Part::kPending, Part::kConsumers);
  return Read::kDone;
}

Read StreamReader::read_consumer_name(Input& input) {
  std::string_view name;
  if (const Read read = input.string(&name); read != Read::kDone) return read;
  if ((*group_)->find_consumer(name)) return input.fail("Duplicate stream consumer detected.");
  consumer_ = (*group_)->create_consumer(name, 0);
  part_ = Part::kConsumerTimes;
  return Read::kDone;
}

/// When it was seen, and in the latest type when it was active; else that is the best estimate.
Read StreamReader::read_consumer_times(Input& input) {
  const bool both = type_ == ValueType::kStream3;
  std::string_view bytes;
  if (const Read read = input.bytes(both ? 2 * sizeof(int64_t) : sizeof(int64_t), &bytes);
      read != Read::kDone)
    return read;
  (*group_)->set_seen(consumer_, time_from(bytes));
  (*group_)->set_active(consumer_, time_from(both ? bytes.substr(sizeof(int64_t)) : bytes));
  part_ = Part::kConsumerPendingCount;
  return Read::kDone;
}

Read StreamReader::read_consumer_pending(Input& input) {
  std::string_view bytes;
  if (const Read read = input.bytes(kIdBytes, &bytes); read != Read::kDone) return read;
  const StreamId id = id_from(bytes);
  const store::PendingEntry* entry = (*group_)->pending().find(id);
  if (!entry) return input.fail("Consumer entry not found in group global PEL");
  // Redis asks only whether this consumer has it; another that has it too would be left with a lie.
  if (entry->consumer != store::kNobody)
    return input.fail("Duplicated consumer PEL entry  loading a stream consumer group");
  (*group_)->give(id, consumer_);
  ++given_;
  next(pending_left_, Part::kConsumerPending, Part::kConsumerEnd);
  return Read::kDone;
}

Read StreamReader::end_group(Input& input) {
  if (given_ != (*group_)->pending().size()) return input.fail("Stream CG PEL entry without consumer");
  group_.reset();
  next(groups_left_, Part::kGroupName, Part::kEnd);
  return Read::kDone;
}

}  // namespace

std::unique_ptr<ValueReader> stream_reader(ValueType type, const DecodeOptions& options,
                                           uint64_t* sanitizations) {
  return std::make_unique<StreamReader>(type, options, sanitizations);
}

}  // namespace gyre::rdb
