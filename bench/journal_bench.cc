// Microbenchmark of the journal: what a record of 60 bytes costs its writer, for one writer and for two at
// once, while the first keeps trimming as a reactor does in each turn.
#include <benchmark/benchmark.h>

#include <span>
#include <string>

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
                          {"\r\n$23\r\n", {}},
                          {"0123456789abcdefghijklm\r\n", {}}};
  const Piece whole{"*3\r\n$3\r\nSET\r\n$10\r\nkey:123456\r\n$23\r\n0123456789abcdefghijklm\r\n", {}};
  const std::span<const Piece> record = state.range(0) == 1 ? std::span(&whole, 1) : std::span(pieces);
  size_t turn = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(journal.append(writer, {.first_db = 0, .last_db = 0, .pieces = record}));
    if (writer == 0 && ++turn % kTurn == 0) journal.trim();
  }
}
BENCHMARK(append)->ArgName("pieces")->Arg(1)->Arg(4)->Threads(1)->Threads(2)->UseRealTime();

/// An argument of 512 MiB by reference: one small segment for each 64 KiB.
void append_large(benchmark::State& state) {
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  const base::Blob blob = base::Blob::create(size_t{512} << 20);
  const Piece piece{blob.view(), blob};
  for (auto _ : state) {
    journal.append(0, {.pieces = {&piece, 1}});
    state.PauseTiming();
    while (journal.head() - journal.first() >= Journal::kSegmentBytes) journal.trim();
    state.ResumeTiming();
  }
}
BENCHMARK(append_large)->Unit(benchmark::kMicrosecond);

/// The longest that one trim() does: 512 segments of copied bytes.
void trim(benchmark::State& state) {
  Journal journal(1);
  journal.set_backlog_bytes(0);
  journal.start(0);
  const std::string segment(Journal::kSegmentBytes, 'x');
  const Piece piece{segment, {}};
  for (auto _ : state) {
    state.PauseTiming();
    for (int i = 0; i < 512; ++i) journal.append(0, {.pieces = {&piece, 1}});
    state.ResumeTiming();
    journal.trim();
  }
}
BENCHMARK(trim)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace gyre::journal

BENCHMARK_MAIN();
