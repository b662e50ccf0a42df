// Microbenchmarks of module ds: the keyspace table with entries of the size that a short key and value take
// (5 bytes of header, 11 of key, 32 of value), in their arena.
//
//   ds-bench                                     all
//   ds-bench --benchmark_filter=Find             lookups among 4 million keys
//   ds-bench --benchmark_filter=WorstInsert      slowest of 20 million inserts, by the thread's CPU time and
//   by the clock
#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include "gyre/base/clock.h"
#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "gyre/ds/segment_table.h"
#include "gyre/ds/time_wheel.h"

namespace gyre::ds {
namespace {

constexpr size_t kKeyBytes = 11;
constexpr size_t kValueBytes = 32;
constexpr size_t kHeaderBytes = 5;
constexpr size_t kEntryBytes = kHeaderBytes + kKeyBytes + kValueBytes;
constexpr uint64_t kFindKeys = 4000000;
constexpr size_t kBatch = 64;

struct Entry {
  char header[kHeaderBytes];
  char key[kKeyBytes];
  char value[kValueBytes];
};

uint64_t hash_of(std::string_view key) { return XXH3_64bits_withSeed(key.data(), key.size(), 42); }

struct Traits {
  using Entry = ds::Entry;
  static bool equals(const Entry* e, std::string_view key) {
    return key.size() == kKeyBytes && std::memcmp(e->key, key.data(), kKeyBytes) == 0;
  }
  static uint64_t hash(const Entry* e) { return hash_of({e->key, kKeyBytes}); }
};

/// "key:" and seven digits to the base of 32.
struct Key {
  explicit Key(uint64_t n) {
    std::memcpy(bytes, "key:", 4);
    for (size_t i = kKeyBytes; i-- > 4; n >>= 5) bytes[i] = "0123456789abcdefghijklmnopqrstuv"[n & 31];
  }
  std::string_view view() const { return {bytes, kKeyBytes}; }
  char bytes[kKeyBytes];
};

struct Fixture {
  Arena arena;
  SegmentTable<Traits> table{arena};
  ~Fixture() { table.abandon(); }

  Entry* make(const Key& key) {
    auto* e = static_cast<Entry*>(arena.allocate(kEntryBytes));
    std::memcpy(e->key, key.bytes, kKeyBytes);
    std::memset(e->value, 'v', kValueBytes);
    return e;
  }
  void insert(uint64_t n) {
    Key key(n);
    table.insert(hash_of(key.view()), make(key));
  }
  /// What the server's background task does between commands.
  void background() {
    if (arena.wants_prefault()) arena.prefault_next();
    Arena::collapse_region(arena.next_collapse());
  }
};

Fixture& filled() {
  static const std::unique_ptr<Fixture> fixture = [] {
    auto f = std::make_unique<Fixture>();
    for (uint64_t n = 0; n < kFindKeys; ++n) {
      f->insert(n);
      f->background();
    }
    return f;
  }();
  return *fixture;
}

/// Range(0): offset of the keys asked for (0: hits; kFindKeys: misses). Range(1): prefetch stages.
void Find(benchmark::State& state) {
  Fixture& f = filled();
  base::Random random(7);
  auto offset = static_cast<uint64_t>(state.range(0));
  auto stages = state.range(1);
  std::vector<Key> keys(kBatch, Key(0));
  uint64_t hashes[kBatch];
  uint64_t found = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kBatch; ++i) {
      keys[i] = Key(offset + random.below(kFindKeys));
      hashes[i] = hash_of(keys[i].view());
      if (stages > 0) f.table.prefetch_bucket(hashes[i]);
    }
    if (stages > 1) {
      for (uint64_t hash : hashes) f.table.prefetch_entry(hash);
    }
    for (size_t i = 0; i < kBatch; ++i) {
      // A reader of values touches the entry; so does this.
      if (Entry* e = f.table.find(hashes[i], keys[i].view())) found += static_cast<uint64_t>(e->value[3]);
    }
  }
  benchmark::DoNotOptimize(found);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kBatch));
}
BENCHMARK(Find)
    ->ArgsProduct({{0, static_cast<int64_t>(kFindKeys)}, {0, 1, 2}})
    ->ArgNames({"miss_offset", "stages"});

void Random(benchmark::State& state) {
  Fixture& f = filled();
  base::Random random(7);
  for (auto _ : state) benchmark::DoNotOptimize(f.table.random(random));
}
BENCHMARK(Random);

void EraseInsert(benchmark::State& state) {
  Fixture& f = filled();
  base::Random random(7);
  for (auto _ : state) {
    Key key(random.below(kFindKeys));
    uint64_t hash = hash_of(key.view());
    f.table.insert(hash, f.table.erase(hash, key.view()));
  }
}
BENCHMARK(EraseInsert);

void Insert(benchmark::State& state) {
  auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    Fixture f;
    for (uint64_t n = 0; n < keys; ++n) {
      f.insert(n);
      if (n % 1024 == 0) f.background();
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys));
}
BENCHMARK(Insert)->Arg(1000)->Arg(1000000)->Arg(10000000)->Unit(benchmark::kMillisecond);

void BytesPerEntry(benchmark::State& state) {
  const uint64_t keys = 10000000;
  for (auto _ : state) {
    size_t before = base::resident_bytes();
    Fixture f;
    for (uint64_t n = 0; n < keys; ++n) {
      f.insert(n);
      if (n % 1024 == 0) f.background();
    }
    auto per_key = [](size_t bytes) { return static_cast<double>(bytes) / static_cast<double>(keys); };
    state.counters["rss"] = per_key(base::resident_bytes() - before);
    state.counters["live"] = per_key(f.arena.bytes_live());
    state.counters["pages"] = per_key(f.arena.bytes_in_pages());
    state.counters["table"] = per_key(f.table.memory_bytes());
  }
}
BENCHMARK(BytesPerEntry)->Iterations(1)->Unit(benchmark::kMillisecond);

long switches() {
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw + usage.ru_nivcsw;
}

/// Timed by the clock, in windows; one during which the thread lost its core to others says nothing and is
/// left out
/// (`windows` tells how many remained).
void WorstInsert(benchmark::State& state) {
  const uint64_t keys = 20000000;
  constexpr uint64_t kWindow = 512;
  bool background = state.range(0) != 0;
  for (auto _ : state) {
    Fixture f;
    uint64_t worst = 0;
    uint64_t worst_at = 0;
    uint64_t clean = 0;
    uint64_t over[3] = {};
    for (uint64_t n = 0; n < keys;) {
      uint64_t ticks[kWindow];
      long before = switches();
      for (uint64_t i = 0; i < kWindow; ++i) {
        uint64_t start = base::ticks();
        f.insert(n + i);
        ticks[i] = base::ticks() - start;
      }
      bool whole = switches() == before;
      if (background) f.background();
      for (uint64_t i = 0; whole && i < kWindow; ++i) {
        if (ticks[i] > worst) {
          worst = ticks[i];
          worst_at = n + i;
        }
        uint64_t us = base::ticks_to_ns(ticks[i]) / 1000;
        over[0] += us > 30 ? 1 : 0;
        over[1] += us > 60 ? 1 : 0;
        over[2] += us > 100 ? 1 : 0;
      }
      clean += whole ? 1 : 0;
      n += kWindow;
    }
    state.counters["worst_us"] = static_cast<double>(base::ticks_to_ns(worst)) / 1000;
    state.counters["at"] = static_cast<double>(worst_at);
    state.counters["windows"] = static_cast<double>(clean * kWindow) / static_cast<double>(keys);
    state.counters["over_30us"] = static_cast<double>(over[0]);
    state.counters["over_60us"] = static_cast<double>(over[1]);
    state.counters["over_100us"] = static_cast<double>(over[2]);
  }
}
BENCHMARK(WorstInsert)->Arg(1)->Arg(0)->ArgName("background")->Iterations(1)->Unit(benchmark::kMillisecond);

void WheelAdd(benchmark::State& state) {
  Arena arena;
  constexpr int64_t kNow = 1700000000000;
  TimeWheel wheel(arena, kNow);
  base::Random random(7);
  for (auto _ : state) wheel.add(random.next(), kNow + static_cast<int64_t>(random.below(86400000)));
  state.counters["bytes"] = static_cast<double>(wheel.memory_bytes()) / static_cast<double>(wheel.items());
  wheel.abandon();
}
BENCHMARK(WheelAdd)->Iterations(5000000);

}  // namespace
}  // namespace gyre::ds

BENCHMARK_MAIN();
