// Microbenchmarks of the packed collections: what HGET, ZADD and LPUSH do to a listpack, SISMEMBER to an
// intset.
//
//   packed-bench --benchmark_filter=Find
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "gyre/base/random.h"
#include "gyre/ds/intset.h"
#include "gyre/ds/listpack_edit.h"

namespace gyre::ds {
namespace {

constexpr size_t kPairs = 64;  // 128 elements, the default limit of a hash's and of a sorted set's listpack

std::string numbered(const char* prefix, size_t n) {
  std::string text = std::to_string(n);
  return prefix + std::string(6 - text.size(), '0') + text;
}

/// Fields "field:NNNNNN" with values of 16 bytes, or with integer scores.
std::string hash_of(bool scores) {
  ListpackBuilder builder;
  for (size_t i = 0; i < kPairs; ++i) {
    const std::string field = numbered("field:", i);
    builder.add(std::string_view(field));
    builder.add(scores ? PackedElement(static_cast<int64_t>(i * 1000)) : PackedElement("value-of-16-byte"));
  }
  return builder.finish();
}

void Walk(benchmark::State& state) {
  const std::string bytes = hash_of(state.range(0) != 0);
  for (auto _ : state) {
    const ListpackView list(bytes);
    uint64_t sum = 0;
    for (uint32_t at = list.first(); at != list.end(); at = list.next(at)) sum += list.get(at).is_integer();
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(2 * kPairs));
}
BENCHMARK(Walk)->Arg(0)->Arg(1)->ArgName("scores");

void WalkBack(benchmark::State& state) {
  const std::string bytes = hash_of(false);
  for (auto _ : state) {
    const ListpackView list(bytes);
    uint64_t sum = 0;
    for (uint32_t at = list.last(); at != list.end(); at = list.prev(at)) sum += at;
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(2 * kPairs));
}
BENCHMARK(WalkBack);

/// HGET of the last of 64 fields; items are elements passed.
void Find(benchmark::State& state) {
  const std::string bytes = hash_of(state.range(0) != 0);
  const std::string field = numbered("field:", kPairs - 1);
  for (auto _ : state) {
    const ListpackView list(bytes);
    benchmark::DoNotOptimize(list.find(list.first(), field, 1));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(2 * kPairs));
}
BENCHMARK(Find)->Arg(0)->Arg(1)->ArgName("scores");

/// LPUSH and RPOP on a node of 8 KB.
void PushPop(benchmark::State& state) {
  std::string bytes(kEmptyListpack);
  const PackedElement value[] = {"value-of-16-byte"};
  while (bytes.size() < 8000) ListpackEdit::append(ListpackView(bytes), value).apply_to(bytes);
  for (auto _ : state) {
    ListpackEdit::prepend(ListpackView(bytes), value).apply_to(bytes);
    const ListpackView list(bytes);
    ListpackEdit::erase(list, list.last()).apply_to(bytes);
  }
}
BENCHMARK(PushPop);

/// A score that changes in the middle.
void ReplaceScore(benchmark::State& state) {
  std::string bytes = hash_of(true);
  int64_t score = 0;
  for (auto _ : state) {
    const ListpackView list(bytes);
    const PackedElement value[] = {score++ & 0xffff};
    ListpackEdit::replace(list, list.next(list.find(list.first(), "field:000031", 1)), value).apply_to(bytes);
  }
}
BENCHMARK(ReplaceScore);

void IntsetContains(benchmark::State& state) {
  std::vector<int64_t> members;
  for (int64_t i = 0; i < 512; ++i) members.push_back(i * 100);
  std::string bytes(intset_size(members), '\0');
  write_intset(members, bytes.data());
  base::Random random(1);
  uint64_t found = 0;
  for (auto _ : state) found += IntsetView(bytes).contains(static_cast<int64_t>(random.next() % 51200));
  benchmark::DoNotOptimize(found);
}
BENCHMARK(IntsetContains);

}  // namespace
}  // namespace gyre::ds

BENCHMARK_MAIN();
