#include "memory_overview.h"

#include <algorithm>

#include "client_info.h"
#include "gyre/base/memory.h"
#include "gyre/server/client.h"
#include "gyre/server/server.h"

namespace gyre::server {

namespace {

constexpr int64_t kMiB = 1024 * 1024;
/// Below this there is nothing to diagnose.
constexpr int64_t kLittle = 5 * kMiB;
/// A ratio counts only when this many bytes stand behind it.
constexpr int64_t kNoteworthy = 10 * kMiB;
constexpr int64_t kLargeClient = 200 * 1024;

}  // namespace

double MemoryOverview::dataset_percent() const {
  return 100.0 * static_cast<double>(dataset) / static_cast<double>(std::max<int64_t>(1, used - startup));
}
double MemoryOverview::peak_percent() const { return 100.0 * ratio(used, peak); }
int64_t MemoryOverview::bytes_per_key() const {
  return keys == 0 ? 0 : std::max<int64_t>(1, used - startup) / static_cast<int64_t>(keys);
}

MemoryOverview memory_overview(Server& server) {
  MemoryOverview m{};
  ServerCounters& counters = server.counters();
  m.used = server.used_memory();
  m.startup = counters.startup_memory;
  // The peak is sampled: it may be older than what is seen now.
  if (m.used > counters.peak_memory.load(std::memory_order_relaxed)) counters.peak_memory = m.used;
  m.peak = counters.peak_memory;
  m.rss = static_cast<int64_t>(base::resident_bytes());
  m.active = m.used;
  m.overhead = m.startup;

  store::Keyspace& keyspace = server.keyspace();
  for (unsigned db = 0; db < keyspace.database_count(); ++db) {
    MemoryOverview::Db sums{db, 0, 0};
    const uint64_t keys = keyspace.keys(db);
    for (unsigned i = 0; i < keyspace.shard_count(); ++i) {
      store::Database* d = keyspace.shard(i).find_database(db);
      if (!d) continue;
      sums.table_bytes += static_cast<int64_t>(d->table.memory_bytes());
      sums.expiry_bytes += static_cast<int64_t>(d->expiries.memory_bytes());
      m.active +=
          static_cast<int64_t>(d->arena.bytes_in_pages()) - static_cast<int64_t>(d->arena.bytes_live());
    }
    m.overhead += sums.table_bytes + sums.expiry_bytes;
    m.keys += keys;
    if (keys != 0) m.dbs.push_back(sums);
  }
  server.for_each_client([&m](Client& client) {
    m.clients += static_cast<int64_t>(client_memory(client));
    ++m.client_count;
  });
  m.overhead += m.clients;
  m.dataset = std::max<int64_t>(0, m.used - m.overhead);
  return m;
}

std::string memory_report(const MemoryOverview& m) {
  if (m.used < kLittle)
    return "This instance holds very little data, too little to say anything about how its memory is used. "
           "Ask again when "
           "it is filled.\n";
  std::string found;
  if (MemoryOverview::ratio(m.peak, m.used) > 1.5)
    found +=
        " * Peak memory: more than 150% of today's memory was in use at some time. What the peak left behind "
        "stays "
        "resident and is used again when the data grows; MEMORY PURGE gives back what can be given back.\n\n";
  if (MemoryOverview::ratio(m.rss, m.used) > 1.4 && m.rss - m.used > kNoteworthy)
    found +=
        " * High resident size: the process occupies more than 1.4 times the memory that its data takes. A "
        "past peak "
        "(see above) or many deleted keys are the usual reasons.\n\n";
  if (MemoryOverview::ratio(m.active, m.used) > 1.1 && m.active - m.used > kNoteworthy)
    found +=
        " * Fragmentation: pages with live data hold more than 10% of free room between it, mostly after "
        "many keys were "
        "deleted or changed their size. It is used again by data of the same sizes.\n\n";
  if (m.client_count != 0 && m.clients / static_cast<int64_t>(m.client_count) > kLargeClient)
    found +=
        " * Big client buffers: clients take more than 200 KiB each on average. Look at qbuf and omem in "
        "CLIENT LIST "
        "for those that send large commands, or do not read their replies.\n\n";
  if (found.empty()) return "No memory issue was found in this instance.\n";
  return "A few things about this instance's memory deserve a look:\n\n" + found;
}

const char* allocator_name() {
#if defined(GYRE_MIMALLOC)
  return "mimalloc";
#else
  return "libc";
#endif
}

}  // namespace gyre::server
