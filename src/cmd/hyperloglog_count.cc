// What HyperLogLogs have counted.
#include <vector>

#include "gyre/ds/hyperloglog.h"
#include "hyperloglog_commands.h"

namespace gyre::cmd {

namespace {

void count_union(CommandContext& c) {
  std::vector<uint8_t> registers(ds::kHllRegisters);
  for (size_t i = 1; i < c.argc(); ++i) {
    const Entry* entry = c.db().read(c.key(i));
    if (!check_hyperloglog(c, entry)) return;
    if (entry && !ds::hll_merge(entry->raw_value(), registers.data())) return corrupt_hyperloglog(c);
  }
  c.reply.integer(static_cast<int64_t>(ds::hll_estimate_registers(registers.data())));
}

}  // namespace

void pfcount(CommandContext& c) {
  if (c.argc() > 2) return count_union(c);
  const Key key = c.key(1);
  Entry* entry = c.db().read(key);
  if (!entry) return c.reply.integer(0);
  if (!check_hyperloglog(c, entry)) return;
  if (const std::optional<uint64_t> cached = ds::hll_cached(entry->raw_value())) {
    make_raw(c, key, entry);
    return c.reply.integer(static_cast<int64_t>(*cached));
  }
  const std::optional<uint64_t> estimate = ds::hll_estimate(entry->raw_value());
  if (!estimate) return corrupt_hyperloglog(c);
  // The estimate is kept in the value, which replicas are told of: the command is propagated though it reads.
  ds::hll_set_cached(c.db().edit_string(key, entry, entry->raw_value().size(), &entry), *estimate);
  c.set_changes(1);
  c.reply.integer(static_cast<int64_t>(*estimate));
}

}  // namespace gyre::cmd
