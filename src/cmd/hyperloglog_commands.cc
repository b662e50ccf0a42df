// Adding to HyperLogLogs. A value that turns out to be corrupt stays as it was.
#include "hyperloglog_commands.h"

#include <cstring>
#include <string>
#include <vector>

#include "gyre/cmd/commands.h"
#include "gyre/ds/hyperloglog.h"
#include "gyre/exec/command_table.h"

namespace gyre::cmd {

namespace {

/// Adds elements in the place of a dense value: its size does not change. Returns how many raised a register.
uint64_t add_in_place(CommandContext& c, const Key& key, Entry* entry) {
  char* data = nullptr;
  uint64_t raised = 0;
  const std::string_view bytes = entry->raw_value();
  for (size_t i = 2; i < c.argc(); ++i) {
    const ds::HllMark mark = ds::hll_mark(c.arg(i));
    if (!data) {
      if (ds::hll_dense_register(bytes, mark.index) >= mark.value) continue;
      data = c.db().edit_string(key, entry, ds::kHllDenseSize, &entry);
    }
    raised += ds::hll_dense_raise(data, mark);
  }
  if (data) ds::hll_outdate(data);
  return raised;
}

/// Adds elements to a value that may change its size and encoding; `bytes` receives it if it changes. False
/// when it is corrupt.
bool add_to_copy(CommandContext& c, std::string_view current, std::string* bytes, uint64_t* raised) {
  const size_t limit = sparse_max(c);
  for (size_t i = 2; i < c.argc(); ++i) {
    const ds::HllMark mark = ds::hll_mark(c.arg(i));
    ds::HllResult result;
    if (bytes->empty()) {
      const std::optional<ds::HllPlace> place = ds::hll_sparse_find(current, mark.index);
      if (place && place->value >= mark.value) continue;
      bytes->assign(current);
      // A mark that sparse registers cannot hold makes the value dense without a search.
      result = place ? ds::hll_sparse_raise(*bytes, *place, mark, limit) : ds::hll_raise(*bytes, mark, limit);
    } else {
      result = ds::hll_raise(*bytes, mark, limit);
    }
    if (result == ds::HllResult::kCorrupt) return false;
    *raised += result == ds::HllResult::kChanged;
  }
  return true;
}

}  // namespace

bool check_hyperloglog(CommandContext& c, const Entry* entry) {
  if (!check_string(c, entry)) return false;
  if (!entry ||
      (entry->string_encoding() != store::StringEncoding::kInt && ds::hll_valid(entry->raw_value())))
    return true;
  c.reply.error("WRONGTYPE Key is not a valid HyperLogLog string value.");
  return false;
}

void store_hyperloglog(CommandContext& c, const Key& key, Entry* found, std::string_view bytes) {
  constexpr Expiry kKept{Expiry::kKeep};
  if (found && found->raw_value().size() == bytes.size()) {
    std::memcpy(c.db().edit_string(key, found, bytes.size(), &found), bytes.data(), bytes.size());
    return;
  }
  // Not grown in place: a HyperLogLog that has become dense needs no room to grow.
  Entry* const entry = c.db().set_text(key, found, bytes, kKept);
  if (entry->string_encoding() != store::StringEncoding::kRaw)
    entry->set_string_encoding(store::StringEncoding::kRaw);
}

void pfadd(CommandContext& c) {
  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  if (!check_hyperloglog(c, entry)) return;
  uint64_t raised = 0;
  if (entry && ds::hll_is_dense(entry->raw_value())) {
    raised = add_in_place(c, key, entry);
  } else {
    std::string bytes;
    if (!entry) {
      bytes = ds::kEmptyHll;
      raised = 1;  // that there is a key now is a change by itself
    }
    if (!add_to_copy(c, entry ? entry->raw_value() : bytes, &bytes, &raised)) return corrupt_hyperloglog(c);
    if (raised != 0) {
      ds::hll_outdate(bytes.data());
      store_hyperloglog(c, key, entry, bytes);
    } else {
      make_raw(c, key, entry);
    }
  }
  if (raised != 0) c.set_changes(raised);
  c.reply.integer(raised != 0);
}

void pfmerge(CommandContext& c) {
  std::vector<uint8_t> registers(ds::kHllRegisters);
  bool dense = false;
  for (size_t i = 1; i < c.argc(); ++i) {
    const Entry* entry = c.db().read(c.key(i));
    if (!check_hyperloglog(c, entry)) return;
    if (!entry) continue;
    dense = dense || ds::hll_is_dense(entry->raw_value());
    if (!ds::hll_merge(entry->raw_value(), registers.data())) return corrupt_hyperloglog(c);
  }

  const Key key = c.key(1);
  Entry* entry = c.db().write(key);
  std::string bytes(entry ? entry->raw_value() : ds::kEmptyHll);
  if (dense && !ds::hll_make_dense(bytes)) return corrupt_hyperloglog(c);
  ds::HllCursor search;
  for (uint32_t i = 0; i < ds::kHllRegisters; ++i) {
    if (registers[i] != 0) ds::hll_raise(bytes, {i, registers[i]}, sparse_max(c), &search);
  }
  ds::hll_outdate(bytes.data());
  store_hyperloglog(c, key, entry, bytes);
  c.set_changes(1);
  c.reply.ok();
}

void bind_hyperloglog_commands(exec::CommandTable& table) {
  table.bind("pfadd", pfadd);
  table.bind("pfcount", pfcount);
  table.bind("pfdebug", pfdebug);
  table.bind("pfmerge", pfmerge);
  table.bind("pfselftest", pfselftest);
}

}  // namespace gyre::cmd
