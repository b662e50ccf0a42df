// XACK and XPENDING: entries that were delivered and not acknowledged.
#include <algorithm>
#include <vector>

#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

struct PendingQuery {
  StreamId from, to;
  int64_t count = 0, min_idle_ms = 0;
  size_t consumer_at = 0;  // 0: of all
};

/// False and the error replied when the arguments make no sense.
bool parse_query(CommandContext& c, PendingQuery* query) {
  constexpr size_t kLeastWithIdle = 8;
  size_t at = 3;
  if (is_word(c, at, "idle")) {
    if (!c.get_int64(at + 1, &query->min_idle_ms)) return false;
    if (c.argc() < kLeastWithIdle) {
      c.syntax_error();
      return false;
    }
    at += 2;
  }
  if (!c.get_int64(at + 2, &query->count) || !get_range_start(c, at, &query->from) ||
      !get_range_end(c, at + 1, &query->to))
    return false;
  if (at + 3 < c.argc()) query->consumer_at = at + 3;
  return true;
}

void reply_summary(CommandContext& c, const StreamGroup& group) {
  const auto& pending = group.pending();
  c.reply.array(4);
  c.reply.integer(static_cast<int64_t>(pending.size()));
  if (pending.empty()) {
    c.reply.null();
    c.reply.null();
    return c.reply.null_array();
  }
  reply_id(c, pending.first()->id);
  reply_id(c, pending.last()->id);
  resp::DeferredAggregate consumers(c.reply);
  uint64_t n = 0;
  group.for_each_consumer([&](const StreamConsumer& consumer) {
    if (consumer.pending.empty()) return;
    c.reply.array(2);
    c.reply.bulk(consumer.name);
    c.reply.bulk_int64(static_cast<int64_t>(consumer.pending.size()));
    ++n;
  });
  consumers.finish(n);
}

/// Those between the ends, of one consumer or of all.
template <class Tree>
void reply_items(CommandContext& c, const StreamGroup& group, const Tree& tree, const PendingQuery& query) {
  resp::DeferredAggregate items(c.reply);
  int64_t n = 0;
  for (auto at = tree.at_or_after(query.from); at.valid() && n < query.count && at->id <= query.to;
       at.next()) {
    const store::PendingEntry& item = *group.pending().find(at->id);
    const int64_t idle_ms = c.now_ms() - item.delivered_ms;
    if (query.min_idle_ms != 0 && idle_ms < query.min_idle_ms) continue;
    c.reply.array(4);
    reply_id(c, item.id);
    c.reply.bulk(group.consumer(item.consumer).name);
    c.reply.integer(std::max<int64_t>(idle_ms, 0));
    c.reply.integer(static_cast<int64_t>(item.deliveries));
    ++n;
  }
  items.finish(static_cast<uint64_t>(n));
}

}  // namespace

void xack(CommandContext& c) {
  const Key key = c.key(1);
  Entry* found = c.db().read(key);
  if (!check_stream(c, found)) return;
  const StreamGroup* seen = found ? stream_of(*found).groups().find(c.arg(2)) : nullptr;
  if (!seen) return c.reply.integer(0);
  std::vector<StreamId> ids(c.argc() - 3);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!get_stream_id(c, i + 3, 0, IdForm::kStrict, &ids[i])) return;
  }
  const auto there =
      std::find_if(ids.begin(), ids.end(), [&](StreamId id) { return seen->pending().find(id) != nullptr; });
  if (there == ids.end()) return c.reply.integer(0);
  StreamGroupEdit group(c, key, found, c.arg(2));
  const auto acknowledged = std::count_if(there, ids.end(), [&](StreamId id) { return group->release(id); });
  c.add_dirty(static_cast<uint64_t>(acknowledged));
  c.reply.integer(acknowledged);
}

void xpending(CommandContext& c) {
  constexpr size_t kSummary = 3, kLeast = 6, kMost = 9;
  if (c.argc() != kSummary && (c.argc() < kLeast || c.argc() > kMost)) return c.syntax_error();
  PendingQuery query;
  if (c.argc() != kSummary && !parse_query(c, &query)) return;
  const Entry* found = c.db().read(c.key(1));
  if (!check_stream(c, found)) return;
  const StreamGroup* group = found ? stream_of(*found).groups().find(c.arg(2)) : nullptr;
  if (!group) return no_group(c, c.arg(1), c.arg(2));
  if (c.argc() == kSummary) return reply_summary(c, *group);
  if (query.consumer_at == 0) return reply_items(c, *group, group->pending(), query);
  const StreamConsumer* consumer = group->find_consumer(c.arg(query.consumer_at));
  if (!consumer) return c.reply.array(0);
  reply_items(c, *group, consumer->pending, query);
}

}  // namespace gyre::cmd
