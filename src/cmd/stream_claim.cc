// XCLAIM and XAUTOCLAIM: entries that are pending change hands. Replicas are told of each one by an XCLAIM
// that says who has it now.
#include <limits>
#include <string>
#include <vector>

#include "stream_commands.h"
#include "stream_value.h"

namespace gyre::cmd {

namespace {

using store::PendingEntry;

struct ClaimOptions {
  int64_t min_idle_ms = 0;
  int64_t delivered_ms = 0;
  int64_t deliveries = -1;  // -1: one more
  bool force = false, only_ids = false;
  StreamId last_id;
};

/// The consumer's number; makes it when it is not there. It has been seen.
uint64_t see_consumer(CommandContext& c, StreamGroup& group, std::string_view name) {
  const StreamConsumer* known = group.find_consumer(name);
  if (!known) {
    c.add_dirty();
    return group.create_consumer(name, c.now_ms());
  }
  const uint64_t number = known->number;
  group.set_seen(number, c.now_ms());
  return number;
}

bool get_int64(CommandContext& c, size_t i, const char* message, int64_t* value) {
  const std::optional<int64_t> parsed = base::parse_int64(c.arg(i));
  if (parsed) {
    *value = *parsed;
  } else {
    c.reply.error(message);
  }
  return parsed.has_value();
}

/// The words from argument `i` on.
bool parse_claim_options(CommandContext& c, size_t i, ClaimOptions* o) {
  o->delivered_ms = -1;
  for (; i < c.argc(); ++i) {
    const bool more = i + 1 < c.argc();
    if (is_word(c, i, "force")) {
      o->force = true;
    } else if (is_word(c, i, "justid")) {
      o->only_ids = true;
    } else if (more && is_word(c, i, "idle")) {
      int64_t idle_ms;
      if (!get_int64(c, ++i, "ERR Invalid IDLE option argument for XCLAIM", &idle_ms)) return false;
      o->delivered_ms =
          static_cast<int64_t>(static_cast<uint64_t>(c.now_ms()) - static_cast<uint64_t>(idle_ms));
    } else if (more && is_word(c, i, "time")) {
      if (!get_int64(c, ++i, "ERR Invalid TIME option argument for XCLAIM", &o->delivered_ms)) return false;
    } else if (more && is_word(c, i, "retrycount")) {
      if (!get_int64(c, ++i, "ERR Invalid RETRYCOUNT option argument for XCLAIM", &o->deliveries))
        return false;
    } else if (more && is_word(c, i, "lastid")) {
      if (!get_stream_id(c, ++i, 0, IdForm::kStrict, &o->last_id)) return false;
    } else {
      c.reply.error("ERR Unrecognized XCLAIM option '" + error_text(c.arg(i)) + "'");
      return false;
    }
  }
  // A time that cannot be is taken for now: clients compute it, and clocks differ.
  if (o->delivered_ms < 0 || o->delivered_ms > c.now_ms()) o->delivered_ms = c.now_ms();
  return true;
}

/// The claiming of entries one after the other for one consumer.
class Claim {
 public:
  Claim(CommandContext& c, StreamGroupEdit& group, const ClaimOptions& options, uint64_t consumer)
      : c_(c), group_(group), options_(options), consumer_(consumer) {}

  enum class Outcome : uint8_t { kNothing, kGone, kClaimed };
  /// `shown`: the ID as replicas are to see it.
  Outcome claim(StreamId id, std::string_view shown) {
    const PendingEntry* known = group_->pending().find(id);
    if (!group_.stream().contains(id)) {
      if (!known) return Outcome::kNothing;
      propagate_claim(c_, 1, *group_, shown, *known);
      group_->release(id);
      c_.add_dirty();
      return Outcome::kGone;
    }
    if (!known && !options_.force) return Outcome::kNothing;
    PendingEntry item = known ? *known : PendingEntry{.id = id, .deliveries = 1};
    if (known && options_.min_idle_ms != 0 && c_.now_ms() - item.delivered_ms < options_.min_idle_ms)
      return Outcome::kNothing;
    item.delivered_ms = options_.delivered_ms;
    item.consumer = consumer_;
    if (options_.deliveries >= 0) {
      item.deliveries = static_cast<uint64_t>(options_.deliveries);
    } else if (!options_.only_ids) {
      ++item.deliveries;
    }
    group_->assign(item);
    group_->set_active(consumer_, c_.now_ms());
    propagate_claim(c_, 1, *group_, shown, item);
    c_.add_dirty();
    return Outcome::kClaimed;
  }
  void reply(StreamId id) {
    if (options_.only_ids) return reply_id(c_, id);
    reply_entry_at(c_, group_.stream(), id);
  }

 private:
  CommandContext& c_;
  StreamGroupEdit& group_;
  const ClaimOptions& options_;
  const uint64_t consumer_;
};

/// The stream, if it has the group; null and the error replied otherwise.
Entry* find_group(CommandContext& c, Entry* found) {
  if (!check_stream(c, found)) return nullptr;
  if (found && stream_of(*found).groups().find(c.arg(2))) return found;
  no_group(c, c.arg(1), c.arg(2));
  return nullptr;
}

struct AutoclaimOptions {
  ClaimOptions claim;
  StreamId from;
  int64_t count = 100;
};

bool parse_autoclaim(CommandContext& c, AutoclaimOptions* o) {
  constexpr int64_t kIdBytes = 16;
  if (!get_int64(c, 4, "ERR Invalid min-idle-time argument for XAUTOCLAIM", &o->claim.min_idle_ms))
    return false;
  o->claim.min_idle_ms = std::max<int64_t>(o->claim.min_idle_ms, 0);
  o->claim.delivered_ms = c.now_ms();
  if (!get_range_start(c, 5, &o->from)) return false;
  for (size_t i = 6; i < c.argc(); ++i) {
    if (i + 1 < c.argc() && is_word(c, i, "count")) {
      if (!get_int64(c, ++i, "ERR COUNT must be > 0", &o->count)) return false;
      if (o->count < 1 || o->count > std::numeric_limits<int64_t>::max() / kIdBytes) {
        c.reply.error("ERR COUNT must be > 0");
        return false;
      }
    } else if (is_word(c, i, "justid")) {
      o->claim.only_ids = true;
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

}  // namespace

void xclaim(CommandContext& c) {
  constexpr size_t kFirstId = 5;
  const Key key = c.key(1);
  Entry* found = find_group(c, c.db().read(key));
  if (!found) return;
  ClaimOptions options;
  if (!get_int64(c, 4, "ERR Invalid min-idle-time argument for XCLAIM", &options.min_idle_ms)) return;
  options.min_idle_ms = std::max<int64_t>(options.min_idle_ms, 0);
  std::vector<StreamId> ids;
  for (size_t i = kFirstId; i < c.argc(); ++i) {
    const std::optional<ParsedId> id = parse_stream_id(c.arg(i), 0, IdForm::kStrict);
    if (!id) break;
    ids.push_back(id->id);
  }
  if (!parse_claim_options(c, kFirstId + ids.size(), &options)) return;

  c.propagate_nothing();
  StreamGroupEdit group(c, key, found, c.arg(2));
  const bool moved = options.last_id > group->last_id;
  if (moved) group->last_id = options.last_id;
  Claim claim(c, group, options, see_consumer(c, *group, c.arg(3)));
  resp::DeferredAggregate claimed(c.reply);
  uint64_t n = 0, told = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    const Claim::Outcome outcome = claim.claim(ids[i], c.arg(kFirstId + i));
    if (outcome == Claim::Outcome::kNothing) continue;
    ++told;
    if (outcome != Claim::Outcome::kClaimed) continue;
    claim.reply(ids[i]);
    ++n;
  }
  claimed.finish(n);
  if (!moved || told != 0) return;
  propagate_group_id(c, 1, *group);
  c.add_dirty();
}

void xautoclaim(CommandContext& c) {
  constexpr int64_t kAttemptsPerEntry = 10, kMostIds = int64_t{1} << 42;
  const Key key = c.key(1);
  Entry* read = c.db().read(key);
  AutoclaimOptions options;
  if (!parse_autoclaim(c, &options)) return;
  Entry* found = find_group(c, read);
  if (!found) return;
  if (options.count > kMostIds)
    return c.reply.error("ERR Insufficient memory, failed allocating transient memory, COUNT too high.");

  c.propagate_nothing();
  StreamGroupEdit group(c, key, found, c.arg(2));
  Claim claim(c, group, options.claim, see_consumer(c, *group, c.arg(3)));
  std::vector<StreamId> claimed, gone;
  int64_t count = options.count;
  auto at = group->pending().at_or_after(options.from);
  for (int64_t attempts = count * kAttemptsPerEntry; attempts > 0 && count > 0 && at.valid(); --attempts) {
    StreamId id = at->id;
    const Claim::Outcome outcome = claim.claim(id, StreamIdText(id));
    if (outcome == Claim::Outcome::kNothing) {
      at.next();
      continue;
    }
    (outcome == Claim::Outcome::kGone ? gone : claimed).push_back(id);
    --count;
    at = id.increment() ? group->pending().at_or_after(id) : store::IdTree<PendingEntry>::Cursor();
  }
  c.reply.array(3);
  reply_id(c, at.valid() ? at->id : StreamId());
  c.reply.array(claimed.size());
  for (const StreamId id : claimed) claim.reply(id);
  c.reply.array(gone.size());
  for (const StreamId id : gone) reply_id(c, id);
}

}  // namespace gyre::cmd
