// MEMORY: what a key takes, where the memory is, giving memory back.
#include <algorithm>

#include "gyre/base/numbers.h"
#include "gyre/exec/command_answers.h"
#include "gyre/server/command_families.h"
#include "memory_overview.h"
#include "support.h"

namespace gyre::server {

namespace {

using exec::CommandContext;

/// The entry's block in the arena, its value outside of it, and its share of the table and the expiry index.
int64_t entry_memory(store::Database& d, const store::Entry& entry) {
  const size_t keys = std::max<size_t>(1, d.table.size());
  size_t bytes = ds::Arena::class_size(entry.bytes()) + d.table.memory_bytes() / keys + store::outside_bytes(entry);
  if (entry.has_expiry()) bytes += d.expiries.memory_bytes() / std::max<size_t>(1, d.expiries.items());
  return static_cast<int64_t>(bytes);
}

void memory_usage(CommandContext& c) {
  for (size_t i = 3; i < c.argc(); i += 2) {
    if (!is_word(c, i, "samples") || i + 1 == c.argc()) return c.syntax_error();
    int64_t samples = 0;
    if (!c.get_int64(i + 1, &samples)) return;
    if (samples < 0) return c.syntax_error();
  }
  const store::Key key = c.key(2);
  const store::Entry* entry = c.db().peek(key);
  if (!entry) return c.reply.null();
  c.reply.integer(entry_memory(*c.db().shard_of(key).find_database(c.db().index()), *entry));
}

void memory_stats(CommandContext& c) {
  const MemoryOverview m = memory_overview(server_of(c));
  auto number = [&c](std::string_view name, int64_t value) {
    c.reply.bulk(name);
    c.reply.integer(value);
  };
  auto ratio = [&c](std::string_view name, double value) {
    c.reply.bulk(name);
    c.reply.double_(value);
  };
  c.reply.map(27 + m.dbs.size());
  number("peak.allocated", m.peak);
  number("total.allocated", m.used);
  number("startup.allocated", m.startup);
  const repl::Primary& primary = server_of(c).primary();
  const auto beyond = static_cast<int64_t>(primary.bytes_beyond_backlog());
  number("replication.backlog", static_cast<int64_t>(primary.journal().footprint()) - beyond);
  number("clients.slaves", beyond);
  number("clients.normal", m.clients);
  number("cluster.links", 0);
  number("aof.buffer", 0);
  number("lua.caches", 0);
  number("functions.caches", 0);
  for (const MemoryOverview::Db& db : m.dbs) {
    c.reply.bulk("db." + std::to_string(db.index));
    c.reply.map(3);
    number("overhead.hashtable.main", db.table_bytes);
    number("overhead.hashtable.expires", db.expiry_bytes);
    number("overhead.hashtable.slot-to-keys", 0);
  }
  number("overhead.total", m.overhead);
  number("keys.count", static_cast<int64_t>(m.keys));
  number("keys.bytes-per-key", m.bytes_per_key());
  number("dataset.bytes", m.dataset);
  ratio("dataset.percentage", m.dataset_percent());
  ratio("peak.percentage", m.peak_percent());
  number("allocator.allocated", m.used);
  number("allocator.active", m.active);
  number("allocator.resident", m.rss);
  ratio("allocator-fragmentation.ratio", MemoryOverview::ratio(m.active, m.used));
  number("allocator-fragmentation.bytes", m.active - m.used);
  ratio("allocator-rss.ratio", MemoryOverview::ratio(m.rss, m.active));
  number("allocator-rss.bytes", m.rss - m.active);
  ratio("rss-overhead.ratio", 1);
  number("rss-overhead.bytes", 0);
  ratio("fragmentation", MemoryOverview::ratio(m.rss, m.used));
  number("fragmentation.bytes", m.rss - m.used);
}

void memory_doctor(CommandContext& c) {
  c.reply.verbatim("txt", memory_report(memory_overview(server_of(c))));
}

void memory_malloc_stats(CommandContext& c) { c.reply.bulk("Stats not supported for the current allocator"); }

/// Gives the arenas' free pages back to the system, and what the allocator keeps for each thread.
void memory_purge(CommandContext& c) {
  store::Keyspace& keyspace = server_of(c).keyspace();
  for (unsigned i = 0; i < keyspace.shard_count(); ++i)
    for (unsigned db = 0; db < keyspace.database_count(); ++db)
      if (store::Database* d = keyspace.shard(i).find_database(db)) d->arena.trim(SIZE_MAX);
  server_of(c).release_free_memory();
  c.reply.ok();
}

void memory_help(CommandContext& c) {
  static constexpr std::string_view kLines[] = {
      "DOCTOR",
      "    A report in words on how memory is used.",
      "MALLOC-STATS",
      "    What the memory allocator says of itself.",
      "PURGE",
      "    Give free pages back to the system.",
      "STATS",
      "    Where the server's memory is.",
      "USAGE <key> [SAMPLES <count>]",
      "    The bytes taken by <key> and its value. Of a collection's elements <count>",
      "    are looked at (default: 5, 0: all).",
  };
  exec::reply_help(c.reply, c.arg(0), kLines);
}

}  // namespace

void bind_memory_commands(exec::CommandTable& table) {
  table.bind("memory|usage", memory_usage);
  table.bind("memory|stats", memory_stats);
  table.bind("memory|doctor", memory_doctor);
  table.bind("memory|malloc-stats", memory_malloc_stats);
  table.bind("memory|purge", memory_purge);
  table.bind("memory|help", memory_help);
}

}  // namespace gyre::server
