// Microbenchmarks of ScoreTree, with members of 10 bytes: time of each operation, and bytes an element,
// beside std::set.
//
//   score-tree-bench                                all
//   score-tree-bench --benchmark_filter=/1000000    of a million elements
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gyre/base/memory.h"
#include "gyre/base/random.h"
#include "gyre/ds/score_tree.h"

namespace gyre::ds {
namespace {

struct Member {
  explicit Member(uint64_t n) {
    bytes[0] = 'm';
    for (int i = 9; i > 0; --i, n /= 10) bytes[i] = static_cast<char>('0' + n % 10);
  }
  std::string_view view() const { return {bytes, sizeof(bytes)}; }
  char bytes[10];
};

/// Element `i` of a set whose scores are scattered: no two alike.
double score_of(uint64_t i) { return static_cast<double>(i * 0x9E3779B97F4A7C15 >> 16); }

ScoreTree filled(uint64_t count) {
  ScoreTree tree;
  for (uint64_t i = 0; i < count; ++i) tree.insert(score_of(i), Member(i).view());
  return tree;
}

void report_bytes(benchmark::State& state, const ScoreTree& tree) {
  state.counters["B/element"] = static_cast<double>(tree.footprint()) / static_cast<double>(tree.size());
}

void report_time(benchmark::State& state) {
  state.counters["each"] =
      benchmark::Counter(static_cast<double>(state.range(0)),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

enum Order { kRandom, kAscending, kOneScore };

void insert(benchmark::State& state, Order order) {
  auto count = static_cast<uint64_t>(state.range(0));
  std::unique_ptr<ScoreTree> tree;
  for (auto _ : state) {
    state.PauseTiming();
    tree = std::make_unique<ScoreTree>();
    state.ResumeTiming();
    for (uint64_t i = 0; i < count; ++i) {
      double score = order == kRandom ? score_of(i) : order == kAscending ? static_cast<double>(i) : 0;
      tree->insert(score, Member(order == kOneScore ? i * 0x9E3779B1 % 1000000007 : i).view());
    }
  }
  report_time(state);
  report_bytes(state, *tree);
}

void BM_InsertRandom(benchmark::State& state) { insert(state, kRandom); }
void BM_InsertAscending(benchmark::State& state) { insert(state, kAscending); }
void BM_InsertOneScore(benchmark::State& state) { insert(state, kOneScore); }

/// The node-based structure of the library, for comparison; it has no ranks.
void BM_InsertRandomStdSet(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  int64_t bytes = 0;
  for (auto _ : state) {
    int64_t before = base::thread_bytes();
    std::set<std::pair<double, std::string>> set;
    for (uint64_t i = 0; i < count; ++i) set.emplace(score_of(i), Member(i).view());
    bytes = base::thread_bytes() - before;
    state.PauseTiming();
    set.clear();
    state.ResumeTiming();
  }
  report_time(state);
  state.counters["B/element"] = static_cast<double>(bytes) / static_cast<double>(count);
}

void BM_Rank(benchmark::State& state) {
  ScoreTree tree = filled(static_cast<uint64_t>(state.range(0)));
  base::Random random(1);
  for (auto _ : state) {
    uint64_t i = random.below(tree.size());
    benchmark::DoNotOptimize(tree.rank(score_of(i), Member(i).view()));
  }
  report_bytes(state, tree);
}

void BM_At(benchmark::State& state) {
  ScoreTree tree = filled(static_cast<uint64_t>(state.range(0)));
  base::Random random(1);
  for (auto _ : state) benchmark::DoNotOptimize(tree.at(random.below(tree.size())).score());
}

void BM_RangeOf100(benchmark::State& state) {
  ScoreTree tree = filled(static_cast<uint64_t>(state.range(0)));
  base::Random random(1);
  for (auto _ : state) {
    ScoreCursor cursor = tree.at(random.below(tree.size() - 100));
    for (int i = 0; i < 100; ++i, cursor.next()) {
      benchmark::DoNotOptimize(cursor.score());
      benchmark::DoNotOptimize(cursor.member().data());
    }
  }
}

void BM_UpdateScore(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  ScoreTree tree = filled(count);
  std::vector<double> scores(count);
  for (uint64_t i = 0; i < count; ++i) scores[i] = score_of(i);
  base::Random random(1);
  for (auto _ : state) {
    uint64_t i = random.below(count);
    double to = score_of(random.next());
    tree.update(scores[i], Member(i).view(), to);
    scores[i] = to;
  }
  report_bytes(state, tree);
}

/// With the insertion that puts the element back.
void BM_EraseInsert(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  ScoreTree tree = filled(count);
  base::Random random(1);
  for (auto _ : state) {
    uint64_t i = random.below(count);
    tree.erase(score_of(i), Member(i).view());
    tree.insert(score_of(i), Member(i).view());
  }
  report_bytes(state, tree);
}

void BM_PopMin(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  ScoreTree tree = filled(count);
  auto visit = [](double score, std::string_view) { benchmark::DoNotOptimize(score); };
  for (auto _ : state) {
    if (tree.empty()) {
      state.PauseTiming();
      tree = filled(count);
      state.ResumeTiming();
    }
    tree.pop_min(1, visit);
  }
}

/// The first write after each freeze: the worst a write meets during a full sync.
void BM_WriteAfterFreeze(benchmark::State& state) {
  auto count = static_cast<uint64_t>(state.range(0));
  ScoreTree tree = filled(count);
  base::Random random(1);
  for (auto _ : state) {
    ScoreTree frozen = tree.freeze();
    uint64_t i = random.below(count);
    tree.update(score_of(i), Member(i).view(), score_of(i));
  }
}

BENCHMARK(BM_InsertRandom)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_InsertAscending)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_InsertOneScore)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_InsertRandomStdSet)->Arg(1000)->Arg(1000000);
BENCHMARK(BM_Rank)->Arg(1000)->Arg(100000)->Arg(1000000);
BENCHMARK(BM_At)->Arg(1000)->Arg(1000000);
BENCHMARK(BM_RangeOf100)->Arg(1000)->Arg(1000000);
BENCHMARK(BM_UpdateScore)->Arg(1000)->Arg(1000000);
BENCHMARK(BM_EraseInsert)->Arg(1000)->Arg(1000000);
BENCHMARK(BM_PopMin)->Arg(1000000);
BENCHMARK(BM_WriteAfterFreeze)->Arg(1000)->Arg(1000000);

}  // namespace
}  // namespace gyre::ds

BENCHMARK_MAIN();
