// Microbenchmark of the journal: what a record of 60 bytes costs its writer, for one writer and for two at
// once, while the first keeps trimming as a reactor does in each turn.
#include <benchmark/benchmark.h>

#include <array>

#include "gyre/journal/journal.h"

namespace gyre::journal {
namespace {

constexpr unsigned kWriters = 2;
constexpr size_t kTurn = 64;

Journal& shared_journal() {
  static Journal journal(kWriters);
  if (!journal.active()) journal.start(0);
  return journal;
}

void append(benchmark::State& state) {
  Journal& journal = shared_journal();
  const auto writer = static_cast<unsigned>(state.thread_index());
  // As SET gives them: framing, key and value.
  const Piece pieces[] = {{"*3\r\n$3\r\nSET\r\n$10\r\n", {}},
                          {"key:123456", {}},
                          {"\r\n$16\r\n", {}},
                          {"0123456789abcdef\r\n123456", {}}};
  const Piece whole{"*3\r\n$3\r\nSET\r\n$10\r\nkey:123456\r\n$21\r\n0123456789abcdefghijk\r\n", {}};
  const std::span<const Piece> record = state.range(0) == 1 ? std::span(&whole, 1) : std::span(pieces);
  size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(journal.append(writer, {.first_db = 0, .last_db = 0, .pieces = record}));
    if (writer == 0 && ++turn % kTurn == 0) journal.trim();
  }
}
BENCHMARK(append)->ArgName("pieces")->Arg(1)->Arg(4)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
}  // namespace gyre::journal

BENCHMARK_MAIN();
