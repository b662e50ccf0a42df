// The inside of HyperLogLogs, for tests.
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "gyre/base/random.h"
#include "gyre/ds/hyperloglog.h"
#include "gyre/exec/ignore_case.h"
#include "hyperloglog_commands.h"

namespace gyre::cmd {

namespace {

/// False and the error replied when the value is corrupt; *changed: it was sparse.
bool become_dense(CommandContext& c, const Key& key, Entry* entry, bool* changed, std::string* bytes) {
  bytes->assign(entry->raw_value());
  *changed = !ds::hll_is_dense(*bytes);
  if (!*changed) return true;
  if (!ds::hll_make_dense(*bytes)) {
    corrupt_hyperloglog(c);
    return false;
  }
  store_hyperloglog(c, key, entry, *bytes);
  c.set_changes(1);
  return true;
}

/// Sets all registers of a dense value to random numbers and reads them back.
bool test_registers(CommandContext& c) {
  std::vector<uint8_t> expected(ds::kHllRegisters);
  std::string bytes(ds::kEmptyHll);
  for (int cycle = 0; cycle < 100; ++cycle) {
    bytes = ds::kEmptyHll;
    ds::hll_make_dense(bytes);
    for (uint32_t i = 0; i < ds::kHllRegisters; ++i) {
      expected[i] = static_cast<uint8_t>(base::thread_random().below(64));
      ds::hll_dense_raise(bytes.data(), {i, expected[i]});
    }
    for (uint32_t i = 0; i < ds::kHllRegisters; ++i) {
      const uint8_t found = ds::hll_dense_register(bytes, i);
      if (found == expected[i]) continue;
      c.reply.errorf("TESTFAILED Register %u should be %d but is %d", i, expected[i], found);
      return false;
    }
  }
  return true;
}

/// False and the error replied when the estimates of so many different elements are not what they should be.
bool check_estimates(CommandContext& c, const std::string& dense, const std::string& sparse, uint64_t count) {
  const uint64_t estimate = ds::hll_estimate(dense).value_or(0);
  if (count < sparse_max(c) / 2 && ds::hll_is_dense(sparse)) {
    c.reply.error("TESTFAILED sparse encoding not used");
    return false;
  }
  if (ds::hll_estimate(sparse) != estimate) {
    c.reply.error("TESTFAILED dense/sparse disagree");
    return false;
  }
  // Six times the standard error; of ten elements two rarely share a register, three never do.
  const double error = 1.04 / std::sqrt(static_cast<double>(ds::kHllRegisters));
  const auto most =
      count == 10 ? uint64_t{1} : static_cast<uint64_t>(std::ceil(error * 6 * static_cast<double>(count)));
  const uint64_t off = estimate > count ? estimate - count : count - estimate;
  if (off <= most) return true;
  c.reply.errorf("TESTFAILED Too big error. card:%llu abserr:%llu", static_cast<unsigned long long>(count),
                 static_cast<unsigned long long>(off));
  return false;
}

bool test_estimates(CommandContext& c) {
  constexpr uint64_t kMost = 1000000;
  std::string dense(ds::kEmptyHll), sparse(ds::kEmptyHll);
  ds::hll_make_dense(dense);
  const uint64_t seed = base::thread_random().next();
  uint64_t checkpoint = 1;
  for (uint64_t i = 1; i <= kMost; ++i) {
    const uint64_t number = i ^ seed;
    const ds::HllMark mark = ds::hll_mark({reinterpret_cast<const char*>(&number), sizeof(number)});
    ds::hll_dense_raise(dense.data(), mark);
    ds::hll_raise(sparse, mark, sparse_max(c));
    if (i != checkpoint) continue;
    if (!check_estimates(c, dense, sparse, i)) return false;
    checkpoint *= 10;
  }
  return true;
}

}  // namespace

void pfdebug(CommandContext& c) {
  const Key key = c.key(2);
  Entry* entry = c.db().write(key);
  if (!entry) return c.reply.error("ERR The specified key does not exist");
  if (!check_hyperloglog(c, entry)) return;
  const bool was_dense = ds::hll_is_dense(entry->raw_value());
  const std::string_view word = c.arg(1);
  std::string bytes;
  bool changed;
  if (exec::equal_ignoring_case(word, "getreg")) {
    if (!become_dense(c, key, entry, &changed, &bytes)) return;
    c.reply.array(ds::kHllRegisters);
    for (uint32_t i = 0; i < ds::kHllRegisters; ++i) c.reply.integer(ds::hll_dense_register(bytes, i));
  } else if (exec::equal_ignoring_case(word, "decode")) {
    if (was_dense) return c.reply.error("ERR HLL encoding is not sparse");
    c.reply.bulk(ds::hll_describe_runs(entry->raw_value()));
  } else if (exec::equal_ignoring_case(word, "encoding")) {
    c.reply.simple(was_dense ? "dense" : "sparse");
  } else if (exec::equal_ignoring_case(word, "todense")) {
    if (become_dense(c, key, entry, &changed, &bytes)) c.reply.integer(changed);
  } else {
    c.reply.errorf("ERR Unknown PFDEBUG subcommand '%.*s'",
                   static_cast<int>(std::min<size_t>(word.size(), 128)), word.data());
  }
}

void pfselftest(CommandContext& c) {
  if (test_registers(c) && test_estimates(c)) c.reply.ok();
}

}  // namespace gyre::cmd
