// Walks over the keys of a database.
//
// SCAN's cursor is (cursor within the shard's table) * (number of shards) + (index of the shard): shards are
// walked one after the other. The dispatcher holds the shard that the cursor names.
#include <optional>
#include <string>
#include <vector>

#include "gyre/base/glob.h"
#include "gyre/base/numbers.h"
#include "gyre/base/random.h"
#include "gyre/exec/ignore_case.h"
#include "keyspace_commands.h"
#include "support.h"

namespace gyre::cmd {

namespace {

struct ScanOptions {
  int64_t count = 10;
  std::string_view pattern;
  std::string_view type;
  bool has_pattern = false, has_type = false;

  bool wants_name(std::string_view key) const { return !has_pattern || base::glob_match(pattern, key); }
  bool wants_type(store::Type t) const {
    return !has_type || exec::equal_ignoring_case(type, store::type_name(t));
  }
};

bool parse_scan_options(CommandContext& c, ScanOptions* options) {
  for (size_t i = 2; i < c.argc(); i += 2) {
    const bool has_value = i + 1 < c.argc();
    if (has_value && exec::equal_ignoring_case(c.arg(i), "count")) {
      if (!c.get_int64(i + 1, &options->count)) return false;
      if (options->count < 1) {
        c.syntax_error();
        return false;
      }
    } else if (has_value && exec::equal_ignoring_case(c.arg(i), "match")) {
      options->pattern = c.arg(i + 1);
      options->has_pattern = options->pattern != "*";
    } else if (has_value && exec::equal_ignoring_case(c.arg(i), "type")) {
      options->type = c.arg(i + 1);
      options->has_type = true;
    } else {
      c.syntax_error();
      return false;
    }
  }
  return true;
}

/// One call's worth of a walk.
class ScanCall {
 public:
  ScanCall(CommandContext& c, const ScanOptions& options)
      : c_(c),
        options_(options),
        writer_(keys_, c.reply.version()),
        // So that a sparse table does not make a call long: as Redis bounds it.
        steps_(options.count > INT64_MAX / 10 ? INT64_MAX : options.count * 10) {}

  /// Returns the cursor to go on with.
  uint64_t run(uint64_t cursor) {
    store::Keyspace& keyspace = c_.db().keyspace();
    const uint64_t shards = keyspace.shard_count();
    const bool lock = keyspace.concurrent() && !c_.exclusive;
    auto shard = static_cast<unsigned>(cursor % shards);
    uint64_t at = scan_shard(keyspace.shard(shard), cursor / shards);
    while (at == 0) {
      if (++shard == shards) return 0;
      if (seen_ >= options_.count || steps_ <= 0) break;
      // The next shard is not ours; if somebody is there, the client comes back for it.
      coro::Mutex& mutex = keyspace.shard(shard).mutex();
      if (lock && !mutex.try_lock()) break;
      at = scan_shard(keyspace.shard(shard), 0);
      if (!lock) continue;
      c_.hand_over_effects();
      mutex.unlock();
    }
    return at * shards + shard;
  }

  void reply(uint64_t cursor) {
    char digits[base::kInt64TextMax];
    c_.reply.array(2);
    c_.reply.bulk({digits, base::format_uint64(cursor, digits)});
    c_.reply.array(found_);
    constexpr size_t kCopyLimit = 4096;
    if (keys_.size() > kCopyLimit) return c_.reply.out().splice(std::move(keys_));
    std::string scratch;
    c_.reply.raw(keys_.flatten(scratch));
  }

 private:
  /// Returns the cursor within the shard, 0 at its end. At least one step.
  uint64_t scan_shard(store::Shard& shard, uint64_t at) {
    const store::Database* d = shard.find_database(c_.db().index());
    if (!d) return 0;
    entries_.clear();
    do {
      --steps_;
      at = d->table.scan(at, [this](Entry* entry) {
        ++seen_;
        entries_.push_back(entry);
      });
    } while (at != 0 && seen_ < options_.count && steps_ > 0);
    // Keys are deleted only now, because the walk needs the table as it was.
    for (Entry* entry : entries_) take(entry);
    return at;
  }

  void take(Entry* entry) {
    if (!options_.wants_name(entry->key())) return;
    if (entry->has_expiry() && c_.db().expire_if_due(store::make_key(entry->key()), entry)) return;
    if (!options_.wants_type(entry->type())) return;
    writer_.bulk(entry->key());
    ++found_;
  }

  CommandContext& c_;
  const ScanOptions& options_;
  base::OutBuffer keys_;
  resp::ReplyWriter writer_;
  std::vector<Entry*> entries_;
  uint64_t found_ = 0;
  int64_t seen_ = 0;
  int64_t steps_;
};

bool has_expired(const Entry& entry, int64_t now_ms) { return entry.has_expiry() && entry.expiry() < now_ms; }

/// A random entry, each with the same chance; null when the database is empty.
Entry* random_entry(CommandContext& c) {
  store::Keyspace& keyspace = c.db().keyspace();
  base::Random& random = base::thread_random();
  const uint64_t total = keyspace.keys(c.db().index());
  if (total == 0) return nullptr;
  uint64_t nth = random.below(total);
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    const store::Database* d = keyspace.shard(i).find_database(c.db().index());
    if (!d) continue;
    const uint64_t here = d->keys.get();
    if (nth < here) return d->table.random(random);
    nth -= here;
  }
  return nullptr;
}

}  // namespace

void scan(CommandContext& c) {
  // An empty word is a zero to Redis.
  const std::optional<uint64_t> cursor = c.arg(1).empty() ? 0 : base::parse_uint64(c.arg(1));
  if (!cursor) return c.reply.error("ERR invalid cursor");
  ScanOptions options;
  if (!parse_scan_options(c, &options)) return;
  ScanCall call(c, options);
  call.reply(call.run(*cursor));
}

void keys(CommandContext& c) {
  const std::string_view pattern = c.arg(1);
  const bool all = pattern == "*";
  resp::DeferredAggregate found(c.reply);
  uint64_t count = 0;
  store::Keyspace& keyspace = c.db().keyspace();
  for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
    const store::Database* d = keyspace.shard(i).find_database(c.db().index());
    if (!d) continue;
    d->table.for_each([&](const Entry* entry) {
      if (has_expired(*entry, c.now_ms()) || (!all && !base::glob_match(pattern, entry->key()))) return;
      c.reply.bulk(entry->key());
      ++count;
    });
  }
  found.finish(count);
}

void randomkey(CommandContext& c) {
  while (Entry* entry = random_entry(c)) {
    if (c.db().expire_if_due(store::make_key(entry->key()), entry)) continue;
    return c.reply.bulk(entry->key());
  }
  c.reply.null();
}

}  // namespace gyre::cmd
