// Microbenchmarks of HashTrie and ScoreIndex: bytes an element, and nanoseconds an operation at random,
// beside std::unordered_map.
//
//   hash-trie-bench                             all
//   hash-trie-bench --benchmark_filter=Memory   bytes an element beyond the payload: `over` at this size,
//   `over_mean` over
//                                               sizes from half of it (leaves divide at about the same time)
#include <benchmark/benchmark.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "gyre/ds/hash_trie.h"
#include "gyre/ds/score_index.h"

namespace gyre::ds {
namespace {

using trie::Form;

/// A letter and the digits of a number, `bytes` in all.
struct Field {
  Field(uint64_t n, size_t bytes) : size(bytes) {
    for (size_t i = bytes; i-- > 1; n /= 10) text[i] = static_cast<char>('0' + n % 10);
    text[0] = 'm';
  }
  std::string_view view() const { return {text, size}; }
  char text[32];
  size_t size;
};

/// Numbers below 2^64 at random, each of `n` ones once, without a table of them.
uint64_t scattered(uint64_t i) { return (i * 0x9e3779b97f4a7c15) % 1000000007; }

HashTrie filled(size_t n, size_t field, size_t value) {
  HashTrie trie(value == 0 ? Form::kSet : Form::kMap, 1);
  const std::string bytes(value, 'v');
  for (uint64_t i = 0; i < n; ++i) trie.insert(Field(scattered(i), field).view(), bytes);
  return trie;
}

void Memory(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  const auto field = static_cast<size_t>(state.range(1));
  const auto value = static_cast<size_t>(state.range(2));
  const double payload = static_cast<double>(field + value);
  for (auto _ : state) {
    const int64_t before = base::allocated_bytes();
    HashTrie trie(value == 0 ? Form::kSet : Form::kMap, 1);
    const std::string bytes(value, 'v');
    double sum = 0;
    double samples = 0;
    for (uint64_t i = 1; i <= n; ++i) {
      trie.insert(Field(scattered(i), field).view(), bytes);
      if (i * 2 < n || i % (n / 100) != 0) continue;
      sum += static_cast<double>(trie.footprint()) / static_cast<double>(i) - payload;
      samples += 1;
    }
    const auto taken = static_cast<double>(base::allocated_bytes() - before);
    state.counters["over"] = taken / static_cast<double>(n) - payload;
    state.counters["over_mean"] = sum / samples;
  }
}
BENCHMARK(Memory)
    ->ArgsProduct({{1000, 100000, 1000000}, {10}, {0, 10}})
    ->Args({1000, 20, 100})
    ->Args({100000, 20, 100})
    ->Args({1000000, 20, 100})
    ->Args({10000000, 10, 0})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

void ScoreMemory(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    base::Random random(1);
    ScoreIndex index;
    double sum = 0;
    double samples = 0;
    for (size_t i = 1; i <= n; ++i) {
      index.insert(static_cast<uint32_t>(random.next()), static_cast<double>(i));
      if (i * 2 < n || i % (n / 100) != 0) continue;
      sum += static_cast<double>(index.footprint()) / static_cast<double>(i) - 12;
      samples += 1;
    }
    state.counters["over"] = static_cast<double>(index.footprint()) / static_cast<double>(n) - 12;
    state.counters["over_mean"] = sum / samples;
  }
}
BENCHMARK(ScoreMemory)->Arg(1000)->Arg(100000)->Arg(1000000)->Iterations(1)->Unit(benchmark::kMillisecond);

/// A trie of range(0) elements of 10 bytes, with values of range(1).
struct Subject {
  explicit Subject(const benchmark::State& state)
      : n(static_cast<size_t>(state.range(0))),
        value(static_cast<size_t>(state.range(1)), 'v'),
        trie(filled(n, 10, value.size())) {}
  Field some() { return Field(scattered(random.below(n)), 10); }

  size_t n;
  std::string value;
  HashTrie trie;
  base::Random random{7};
};

void Insert(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  const std::string value(static_cast<size_t>(state.range(1)), 'v');
  for (auto _ : state) {
    HashTrie trie(value.empty() ? Form::kSet : Form::kMap, 1);
    for (uint64_t i = 0; i < n; ++i) trie.insert(Field(scattered(i), 10).view(), value);
    state.PauseTiming();
    trie.clear();
    state.ResumeTiming();
  }
  state.counters["per_op"] =
      benchmark::Counter(static_cast<double>(n) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Find(benchmark::State& state) {
  Subject subject(state);
  for (auto _ : state) benchmark::DoNotOptimize(subject.trie.find(subject.some().view()));
}

void FindMissing(benchmark::State& state) {
  Subject subject(state);
  for (auto _ : state) {
    Field field = subject.some();
    field.text[0] = 'x';
    benchmark::DoNotOptimize(subject.trie.find(field.view()));
  }
}

/// As a pipeline of 16 does it.
void FindPrefetched(benchmark::State& state) {
  Subject subject(state);
  std::vector<Field> fields(16, Field(0, 10));
  uint64_t hashes[16];
  for (auto _ : state) {
    for (size_t i = 0; i < 16; ++i) {
      fields[i] = subject.some();
      subject.trie.prefetch(hashes[i] = subject.trie.hash_of(fields[i].view()));
    }
    for (size_t i = 0; i < 16; ++i) benchmark::DoNotOptimize(subject.trie.find(fields[i].view(), hashes[i]));
  }
  state.counters["per_op"] = benchmark::Counter(16 * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Update(benchmark::State& state) {
  Subject subject(state);
  for (auto _ : state) subject.trie.insert_or_assign(subject.some().view(), subject.value);
}

/// Values of 5 to 15 bytes in place of others.
void Resize(benchmark::State& state) {
  Subject subject(state);
  const std::string value(15, 'w');
  for (auto _ : state) {
    const size_t bytes = 5 + subject.random.below(11);
    subject.trie.insert_or_assign(subject.some().view(), std::string_view(value).substr(0, bytes));
  }
}

/// Two operations: one in, one out.
void EraseInsert(benchmark::State& state) {
  Subject subject(state);
  uint64_t oldest = 0;
  for (auto _ : state) {
    subject.trie.erase(Field(scattered(oldest), 10).view());
    subject.trie.insert(Field(scattered(oldest + subject.n), 10).view(), subject.value);
    ++oldest;
  }
}

void RandomElement(benchmark::State& state) {
  Subject subject(state);
  for (auto _ : state) benchmark::DoNotOptimize(subject.trie.random(subject.random));
}

void Iterate(benchmark::State& state) {
  Subject subject(state);
  size_t bytes = 0;
  for (auto _ : state) {
    HashTrie::Element element;
    for (HashTrie::Cursor cursor(subject.trie); cursor.next(element);) bytes += element.field.size();
  }
  benchmark::DoNotOptimize(bytes);
  state.counters["per_op"] =
      benchmark::Counter(static_cast<double>(subject.n) * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

/// Updates at random while a frozen copy is held: from the first, which copies most, to when all has been
/// copied.
void UpdateFrozen(benchmark::State& state) {
  Subject subject(state);
  for (auto _ : state) {
    const HashTrie frozen = subject.trie.freeze();
    for (size_t i = 0; i < 10000; ++i) subject.trie.insert_or_assign(subject.some().view(), subject.value);
  }
  state.counters["per_op"] = benchmark::Counter(10000 * static_cast<double>(state.iterations()),
                                                benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void StdFind(benchmark::State& state) {
  const auto n = static_cast<size_t>(state.range(0));
  std::unordered_map<std::string, std::string> map;
  for (uint64_t i = 0; i < n; ++i) map.emplace(Field(scattered(i), 10).view(), "0123456789");
  base::Random random(7);
  for (auto _ : state) {
    const Field field(scattered(random.below(n)), 10);
    benchmark::DoNotOptimize(map.find(std::string(field.view())));
  }
}

BENCHMARK(Insert)->Args({1000, 10})->Args({1000000, 0})->Args({1000000, 10});
BENCHMARK(Find)->Args({1000, 10})->Args({1000000, 0})->Args({1000000, 10});
BENCHMARK(FindMissing)->Args({1000000, 10});
BENCHMARK(FindPrefetched)->Args({1000000, 10});
BENCHMARK(Update)->Args({1000, 10})->Args({1000000, 10});
BENCHMARK(Resize)->Args({1000000, 10});
BENCHMARK(EraseInsert)->Args({1000, 10})->Args({1000000, 10});
BENCHMARK(RandomElement)->Args({1000, 0})->Args({1000000, 0});
BENCHMARK(Iterate)->Args({1000000, 10});
BENCHMARK(UpdateFrozen)->Args({1000000, 10})->Iterations(10);
BENCHMARK(StdFind)->Arg(1000)->Arg(1000000);

}  // namespace
}  // namespace gyre::ds

BENCHMARK_MAIN();
