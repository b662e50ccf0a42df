// XREAD and XREADGROUP.
#include <optional>
#include <string>
#include <vector>

#include "blocking.h"
#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

using store::PendingEntry;

/// In XREADGROUP: ">", what nobody of the group was given.
constexpr StreamId kNews = StreamId::max();

struct ReadOptions {
  bool grouped = false;  // XREADGROUP
  size_t group_at = 0, consumer_at = 0;
  size_t first_key = 0;  // behind STREAMS
  size_t streams = 0;
  uint64_t count = 0;  // 0: all
  bool no_ack = false;
  std::optional<int64_t> timeout_ms;  // BLOCK
};

bool option_of_groups(CommandContext& c, const ReadOptions& o, const char* name) {
  if (o.grouped) return true;
  c.reply.error(std::string("ERR The ") + name +
                " option is only supported by XREADGROUP. You called XREAD instead.");
  return false;
}

bool parse_streams(CommandContext& c, size_t i, ReadOptions* o) {
  o->first_key = i + 1;
  o->streams = c.argc() - o->first_key;
  if (o->streams % 2 != 0) {
    c.reply.error("ERR Unbalanced '" + std::string(c.row->full_name) +
                  "' list of streams: for each stream key an ID or '" + (o->grouped ? ">" : "$") +
                  "' must be specified.");
    return false;
  }
  o->streams /= 2;
  return true;
}

/// False and the error replied when the arguments make no sense.
bool parse_options(CommandContext& c, ReadOptions* o) {
  for (size_t i = 1; i < c.argc() && o->first_key == 0; ++i) {
    const size_t more = c.argc() - i - 1;
    if (more >= 1 && is_word(c, i, "block")) {
      if (!timeout_in_ms(c, ++i, &o->timeout_ms.emplace())) return false;
    } else if (more >= 1 && is_word(c, i, "count")) {
      int64_t count;
      if (!c.get_int64(++i, &count)) return false;
      o->count = count < 0 ? 0 : static_cast<uint64_t>(count);
    } else if (more >= 1 && is_word(c, i, "streams")) {
      if (!parse_streams(c, i, o)) return false;
    } else if (more >= 2 && is_word(c, i, "group")) {
      if (!option_of_groups(c, *o, "GROUP")) return false;
      o->group_at = i + 1;
      o->consumer_at = i + 2;
      i += 2;
    } else if (is_word(c, i, "noack")) {
      if (!option_of_groups(c, *o, "NOACK")) return false;
      o->no_ack = true;
    } else {
      c.syntax_error();
      return false;
    }
  }
  if (o->first_key == 0) {
    c.syntax_error();
    return false;
  }
  if (o->grouped && o->group_at == 0) {
    c.reply.error("ERR Missing GROUP option for XREADGROUP");
    return false;
  }
  return true;
}

/// Where to read the stream number `i` from: behind which ID. False and the error replied when that is none,
/// or there is no stream or group to be read.
bool find_start(CommandContext& c, const ReadOptions& o, size_t i, StreamId* behind) {
  const size_t key_at = o.first_key + i, id_at = key_at + o.streams;
  const Entry* entry = c.db().read(c.key(key_at));
  if (!check_stream(c, entry)) return false;
  if (o.grouped && (!entry || !stream_of(*entry).groups().find(c.arg(o.group_at)))) {
    c.reply.error("NOGROUP No such key '" + error_text(c.arg(key_at)) + "' or consumer group '" +
                  error_text(c.arg(o.group_at)) + "' in XREADGROUP with GROUP option");
    return false;
  }
  if (c.arg(id_at) == "$") {
    *behind = entry ? stream_of(*entry).last_id() : StreamId();
    if (!o.grouped) return true;
    c.reply.error(
        "ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this "
        "consumer by "
        "specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty "
        "result set.");
    return false;
  }
  if (c.arg(id_at) == ">") {
    *behind = kNews;
    if (o.grouped) return true;
    c.reply.error(
        "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> "
        "option.");
    return false;
  }
  return get_stream_id(c, id_at, 0, IdForm::kStrict, behind);
}

/// The reply: a map of keys to entries, or in RESP2 an array of pairs; a null when there is nothing.
class StreamsReply {
 public:
  explicit StreamsReply(CommandContext& c)
      : c_(c),
        pairs_(c.reply.version() == 2),
        all_(c.reply, pairs_ ? resp::DeferredAggregate::Kind::kArray : resp::DeferredAggregate::Kind::kMap) {}
  void begin(size_t key_at) {
    if (pairs_) c_.reply.array(2);
    c_.reply.bulk(c_.arg(key_at));
    ++streams_;
  }
  /// False when there was nothing, and nothing is replied yet.
  bool finish() {
    streams_ != 0 ? all_.finish(streams_) : all_.abandon();
    return streams_ != 0;
  }

 private:
  CommandContext& c_;
  const bool pairs_;
  resp::DeferredAggregate all_;
  uint64_t streams_ = 0;
};

/// Reading one stream for a consumer of a group.
class GroupReader {
 public:
  GroupReader(CommandContext& c, const ReadOptions& o, size_t key_at, Entry* entry)
      : c_(c), options_(o), key_at_(key_at), group_(c, c.key(key_at), entry, c.arg(o.group_at)) {
    const StreamConsumer* known = group_->find_consumer(c.arg(o.consumer_at));
    if (known) {
      consumer_ = known->number;
      group_->set_seen(consumer_, c.now_ms());
      return;
    }
    consumer_ = group_->create_consumer(c.arg(o.consumer_at), c.now_ms());
    c.add_dirty();
    // Otherwise what is given to it tells of it.
    if (o.no_ack)
      c.propagate_as({"XGROUP", "CREATECONSUMER", c.arg(key_at), c.arg(o.group_at), c.arg(o.consumer_at)});
  }

  bool has_news() { return stream().edge_id(/*first=*/false, /*deleted=*/false) > group_->last_id; }

  void reply_news() {
    StreamId from = group_->last_id;
    from.increment();
    StreamRange range(stream(), from, StreamId::max());
    resp::DeferredAggregate entries(c_.reply);
    uint64_t n = 0;
    bool moved = false;
    while ((options_.count == 0 || n < options_.count) && range.next()) {
      moved |= advance(range.id());
      reply_entry(c_, range);
      if (!options_.no_ack) deliver(range.id());
      ++n;
    }
    entries.finish(n);
    // Whom the entries are pending for says it too.
    if (moved && options_.no_ack) propagate_group_id(c_, key_at_, *group_);
  }

  /// What is pending for the consumer behind an ID; deleted entries show as such.
  void reply_history(StreamId behind) {
    behind.increment();
    std::vector<StreamId> ids;
    const StreamConsumer& consumer = group_->consumer(consumer_);
    for (auto at = consumer.pending.at_or_after(behind); at.valid(); at.next()) {
      if (options_.count != 0 && ids.size() == options_.count) break;
      ids.push_back(at->id);
    }
    c_.reply.array(ids.size());
    for (const StreamId id : ids) {
      if (reply_entry_at(c_, stream(), id)) {
        const PendingEntry& item = *group_->pending().find(id);
        group_->redeliver(id, c_.now_ms(), item.deliveries + 1);
      } else {
        c_.reply.array(2);
        reply_id(c_, id);
        c_.reply.null_array();
      }
    }
  }

 private:
  const StreamObject& stream() { return group_.stream(); }

  /// The group has been given all up to this entry, if it was not before.
  bool advance(StreamId id) {
    if (id <= group_->last_id) return false;
    if (group_->entries_read != store::kUnknownReads && !stream().has_gaps_from(id)) {
      ++group_->entries_read;
    } else if (stream().entries_added() != 0) {
      group_->entries_read = stream().reads_up_to(id);
    }
    group_->last_id = id;
    return true;
  }
  void deliver(StreamId id) {
    const PendingEntry item{id, c_.now_ms(), 1, consumer_};
    group_->assign(item);
    group_->set_active(consumer_, c_.now_ms());
    if (c_.propagating()) propagate_claim(c_, key_at_, *group_, StreamIdText(id), item);
  }

  CommandContext& c_;
  const ReadOptions& options_;
  const size_t key_at_;
  StreamGroupEdit group_;
  uint64_t consumer_ = 0;
};

void read_group(CommandContext& c, const ReadOptions& o, size_t i, StreamId behind, StreamsReply& reply) {
  const size_t key_at = o.first_key + i;
  Entry* entry = c.db().read(c.key(key_at));
  if (!entry) return;
  GroupReader reader(c, o, key_at, entry);
  if (behind == kNews && !reader.has_news()) return;
  reply.begin(key_at);
  behind == kNews ? reader.reply_news() : reader.reply_history(behind);
  c.add_dirty();
}

void read_stream(CommandContext& c, const ReadOptions& o, size_t i, StreamId behind, StreamsReply& reply) {
  const Entry* entry = c.db().read(c.key(o.first_key + i));
  if (!entry || stream_of(*entry).edge_id(/*first=*/false, /*deleted=*/false) <= behind) return;
  reply.begin(o.first_key + i);
  behind.increment();
  reply_entries(c, StreamRange(stream_of(*entry), behind, StreamId::max()), o.count);
}

/// Waits for entries of any of the streams: with the IDs that "$" stands for now.
void wait(CommandContext& c, const ReadOptions& o, const std::vector<StreamId>& behind) {
  std::vector<std::string_view> words(c.args.begin(), c.args.end());
  std::vector<StreamIdText> ids(behind.begin(), behind.end());
  for (size_t i = 0; i < o.streams; ++i) {
    std::string_view& word = words[o.first_key + o.streams + i];
    if (word == "$") word = ids[i];
  }
  exec::wait_for_keys(c, {.type = store::Type::kStream,
                          .first_key = o.first_key,
                          .keys = o.streams,
                          .timeout_ms = *o.timeout_ms,
                          .gone_too = o.grouped,
                          .run_again = words});
}

void read(CommandContext& c, bool grouped) {
  ReadOptions o{.grouped = grouped};
  // What it does to groups is told to replicas in other words.
  if (grouped) c.propagate_nothing();
  if (!parse_options(c, &o)) return;
  std::vector<StreamId> behind(o.streams);
  for (size_t i = 0; i < o.streams; ++i) {
    if (!find_start(c, o, i, &behind[i])) return;
  }
  StreamsReply reply(c);
  for (size_t i = 0; i < o.streams; ++i)
    grouped ? read_group(c, o, i, behind[i], reply) : read_stream(c, o, i, behind[i], reply);
  if (reply.finish()) return;
  o.timeout_ms&& exec::may_block(c) ? wait(c, o, behind) : c.reply.null_array();
}

}  // namespace

void xread(CommandContext& c) { read(c, /*grouped=*/false); }
void xreadgroup(CommandContext& c) { read(c, /*grouped=*/true); }

}  // namespace gyre::cmd
