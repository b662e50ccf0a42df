// What a walk costs: nanoseconds a key, from the table to the pieces of the stream, on one thread.
#include <benchmark/benchmark.h>

#include <string>

#include "gyre/base/clock.h"
#include "gyre/base/crc64.h"
#include "gyre/snapshot/stream_writer.h"
#include "gyre/store/db.h"

namespace gyre {
namespace {

constexpr int kKeys = 2'000'000;
constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kSliceUs = 250;

store::Keyspace& filled_keyspace() {
  static store::Keyspace keyspace({.reactors = 1, .databases = 1, .shards = 32});
  if (keyspace.keys(0) == 0) {
    store::Db db(store::Held::assume(), keyspace, 0, kNow, nullptr);
    for (int i = 0; i < kKeys; ++i) {
      const std::string name = "key:" + std::to_string(i);
      db.set(store::make_key(name), nullptr,
             "value:" + std::string(18, static_cast<char>('a' + i % 26)) + name.substr(4));
    }
  }
  return keyspace;
}

void BM_Walk(benchmark::State& state) {
  store::Keyspace& keyspace = filled_keyspace();
  snapshot::Walk walk(keyspace, 1);
  uint64_t bytes = 0, longest = 0;
  for (auto _ : state) {
    snapshot::WalkOptions options;
    options.compress = state.range(1) != 0;
    walk.begin(options, kNow);
    snapshot::StreamWriter writer(walk, {}, state.range(0) != 0);
    for (rdb::Chunk chunk;;) {
      const auto result = writer.next(&chunk);
      if (result == snapshot::StreamWriter::Result::kEnd) break;
      if (result == snapshot::StreamWriter::Result::kPiece) continue;
      const uint64_t begin = base::ticks();
      walk.step(0, base::monotonic_us(), kSliceUs);
      longest = std::max(longest, base::ticks_to_ns(base::ticks() - begin));
    }
    bytes += writer.bytes();
    walk.end();
  }
  state.SetItemsProcessed(state.iterations() * kKeys);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.counters["ns/key"] = benchmark::Counter(static_cast<double>(state.iterations()) * kKeys / 1e9,
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["longest_slice_us"] = static_cast<double>(longest) / 1000;
}
BENCHMARK(BM_Walk)
    ->ArgNames({"checksum", "compress"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->Unit(benchmark::kMillisecond);

void BM_Crc64(benchmark::State& state) {
  const std::string bytes(static_cast<size_t>(state.range(0)), 'x');
  uint64_t crc = 0;
  for (auto _ : state) benchmark::DoNotOptimize(crc = base::crc64(crc, bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Crc64)->Arg(64 << 10);

/// Walk::before_change for entries that a walk has not come to, and what follows: the change itself is the
/// same entry set to the same length.
void BM_OverwriteDuringWalk(benchmark::State& state) {
  store::Keyspace& keyspace = filled_keyspace();
  snapshot::Walk walk(keyspace, 1);
  store::Db db(store::Held::assume(), keyspace, 0, kNow, nullptr);
  const bool walking = state.range(0) != 0;
  int i = kKeys;
  snapshot::WalkOptions options;
  options.max_pre_image_bytes = uint64_t{1} << 40;
  for (auto _ : state) {
    if (i == kKeys) {
      state.PauseTiming();
      walk.end();
      while (walk.step(0, 0, kSliceUs) != snapshot::StepResult::kDone) {
      }
      if (walking) walk.begin(options, kNow);
      i = 0;
      state.ResumeTiming();
    }
    char name[32];
    const int size =
        std::snprintf(name, sizeof name, "key:%d", static_cast<int>(int64_t{i++} * 7919 % kKeys));
    const store::Key key = store::make_key({name, static_cast<size_t>(size)});
    store::Entry* found = db.peek(key);
    const std::string_view value = found->raw_value();
    char copy[64];
    std::memcpy(copy, value.data(), value.size());
    db.set_text(key, found, {copy, value.size()});
  }
  walk.end();
  while (walk.step(0, 0, kSliceUs) != snapshot::StepResult::kDone) {
  }
}
BENCHMARK(BM_OverwriteDuringWalk)->ArgName("walking")->Arg(0)->Arg(1);

/// The closed gate's share: begin() and, after a slice, end() of a walk that is given up. By number of
/// shards.
void BM_Cut(benchmark::State& state) {
  store::Keyspace keyspace({.reactors = 1, .databases = 16, .shards = static_cast<unsigned>(state.range(0))});
  store::Db db(store::Held::assume(), keyspace, 0, kNow, nullptr);
  for (int i = 0; i < 100'000; ++i)
    db.set_text(store::make_key("key:" + std::to_string(i)), nullptr, "value");
  snapshot::Walk walk(keyspace, 1);
  uint64_t begin = 0, end = 0;
  for (auto _ : state) {
    const uint64_t start = base::ticks();
    walk.begin({}, kNow);
    const uint64_t begun = base::ticks();
    walk.step(0, 0, kSliceUs);
    const uint64_t stepped = base::ticks();
    walk.end();
    begin += begun - start;
    end += base::ticks() - stepped;
  }
  const auto n = static_cast<double>(state.iterations());
  state.counters["begin_us"] = static_cast<double>(base::ticks_to_ns(begin)) / 1000 / n;
  state.counters["end_us"] = static_cast<double>(base::ticks_to_ns(end)) / 1000 / n;
}
BENCHMARK(BM_Cut)->Arg(32)->Arg(256)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace gyre

BENCHMARK_MAIN();
