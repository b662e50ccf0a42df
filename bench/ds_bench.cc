// Microbenchmarks of module ds: the keyspace table with entries of the size that a short key and value take
// (5 bytes of header, 11 of key, 32 of value), in their arena.
//
//   ds-bench                                     all
//   ds-bench --benchmark_filter=Find             lookups among 4 million keys
//   ds-bench --benchmark_filter=WorstInsert      slowest of 4 and of 20 million inserts; OfRuns: without what the machine adds
#include <benchmark/benchmark.h>
#include <time.h>
#include <xxhash.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
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
};

Fixture& filled() {
  static const std::unique_ptr<Fixture> fixture = [] {
    auto f = std::make_unique<Fixture>();
    for (uint64_t n = 0; n < kFindKeys; ++n) f->insert(n);
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
    for (uint64_t n = 0; n < keys; ++n) f.insert(n);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(keys));
}
BENCHMARK(Insert)->Arg(1000)->Arg(1000000)->Arg(10000000)->Unit(benchmark::kMillisecond);

void BytesPerEntry(benchmark::State& state) {
  const uint64_t keys = 10000000;
  for (auto _ : state) {
    size_t before = base::resident_bytes();
    Fixture f;
    for (uint64_t n = 0; n < keys; ++n) f.insert(n);
    auto per_key = [](size_t bytes) { return static_cast<double>(bytes) / static_cast<double>(keys); };
    state.counters["rss"] = per_key(base::resident_bytes() - before);
    state.counters["live"] = per_key(f.arena.bytes_live());
    state.counters["pages"] = per_key(f.arena.bytes_in_pages());
    state.counters["table"] = per_key(f.table.memory_bytes());
  }
}
BENCHMARK(BytesPerEntry)->Iterations(1)->Unit(benchmark::kMillisecond);

uint64_t thread_cpu_ns() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000 + static_cast<uint64_t>(now.tv_nsec);
}

/// Counts of durations in steps of 100 ns, the last one for all above 2 ms.
class Durations {
 public:
  void add(uint64_t ns) {
    ++counts_[std::min<uint64_t>(ns / kStepNs, kSteps - 1)];
    worst_ns_ = std::max(worst_ns_, ns);
  }
  /// The duration that all but `outside` calls stayed below.
  double all_but_us(uint64_t outside) const {
    size_t step = kSteps;
    for (uint64_t seen = 0; step > 0 && seen <= outside;) seen += counts_[--step];
    return static_cast<double>((step + 1) * kStepNs) / 1000;
  }
  double worst_us() const { return static_cast<double>(worst_ns_) / 1000; }

 private:
  static constexpr uint64_t kStepNs = 100;
  static constexpr size_t kSteps = 20000;
  std::vector<uint64_t> counts_ = std::vector<uint64_t>(kSteps);
  uint64_t worst_ns_ = 0;
};

/// By the thread's CPU time, which a thread that loses its core is not charged for, and by the clock. On a
/// virtual machine both include what the host took away; `idle_*` shows it: the same clocks read around
/// nothing.
void WorstInsert(benchmark::State& state) {
  const auto keys = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    Fixture f;
    Durations cpu, wall, idle;
    uint64_t cpu_at = thread_cpu_ns();
    for (uint64_t n = 0; n < keys; ++n) {
      uint64_t ticks = base::ticks();
      f.insert(n);
      wall.add(base::ticks_to_ns(base::ticks() - ticks));
      uint64_t now = thread_cpu_ns();
      cpu.add(now - cpu_at);
      cpu_at = thread_cpu_ns();
      idle.add(cpu_at - now);
    }
    auto report = [&](const char* name, const Durations& d) {
      state.counters[std::string(name) + "_worst_us"] = d.worst_us();
      state.counters[std::string(name) + "_99.9999%"] = d.all_but_us(keys / 1000000);
      state.counters[std::string(name) + "_99.99%"] = d.all_but_us(keys / 10000);
      state.counters[std::string(name) + "_99.9%"] = d.all_but_us(keys / 1000);
    };
    report("cpu", cpu);
    report("wall", wall);
    report("idle", idle);
  }
}
BENCHMARK(WorstInsert)->Arg(4000000)->Arg(20000000)->Iterations(1)->Unit(benchmark::kMillisecond);

/// The same growth several times over, and of each insert its fastest run: what the table or its arena does at a
/// certain size costs every run, what the machine takes away hits another insert each time.
void WorstInsertOfRuns(benchmark::State& state) {
  constexpr int kRuns = 4;
  const auto keys = static_cast<uint64_t>(state.range(0));
  std::vector<uint32_t> fastest_ns(keys, ~uint32_t{0});
  for (auto _ : state) {
    for (int run = 0; run < kRuns; ++run) {
      Fixture f;
      for (uint64_t n = 0; n < keys; ++n) {
        uint64_t ticks = base::ticks();
        f.insert(n);
        auto ns = static_cast<uint32_t>(base::ticks_to_ns(base::ticks() - ticks));
        fastest_ns[n] = std::min(fastest_ns[n], ns);
      }
    }
  }
  auto worst = std::max_element(fastest_ns.begin(), fastest_ns.end());
  state.counters["worst_us"] = static_cast<double>(*worst) / 1000;
  state.counters["worst_at"] = static_cast<double>(worst - fastest_ns.begin());
  std::nth_element(fastest_ns.begin(), fastest_ns.end() - 10, fastest_ns.end());
  state.counters["tenth_us"] = static_cast<double>(*(fastest_ns.end() - 10)) / 1000;
}
BENCHMARK(WorstInsertOfRuns)->Arg(20000000)->Iterations(1)->Unit(benchmark::kMillisecond);

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
