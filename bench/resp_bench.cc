// Microbenchmarks of module resp: a pipeline of 64 commands as redis-benchmark sends it, replies as they are
// answered most. "items" are commands or replies.
#include <benchmark/benchmark.h>

#include <string>

#include "gyre/base/out_buffer.h"
#include "gyre/resp/reply_parser.h"
#include "gyre/resp/reply_writer.h"
#include "gyre/resp/request_parser.h"

namespace gyre::resp {
namespace {

constexpr int kPipeline = 64;

std::string encode(std::initializer_list<std::string> args) {
  std::string out = "*" + std::to_string(args.size()) + "\r\n";
  for (const std::string& arg : args) out += "$" + std::to_string(arg.size()) + "\r\n" + arg + "\r\n";
  return out;
}

std::string key(int i) { return "key:" + std::to_string(1'000'000'000 + i * 7919); }

std::string set_pipeline(size_t value_bytes) {
  std::string input;
  for (int i = 0; i < kPipeline; i++) input += encode({"SET", key(i), std::string(value_bytes, 'v')});
  return input;
}

void parse_all(benchmark::State& state, const std::string& input) {
  RequestParser parser;
  ArgArena args;
  const RequestLimits limits;
  for (auto _ : state) {
    std::string_view rest = input;
    while (!rest.empty()) {
      ParseResult r = parser.parse(rest, limits, args);
      if (r.status != ParseStatus::kCommand) return state.SkipWithError("not a command");
      rest.remove_prefix(r.consumed);
    }
    benchmark::DoNotOptimize(args[args.size() - 1]);
    args.clear();
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(input.size()));
}

void BM_ParseSet(benchmark::State& state) {
  parse_all(state, set_pipeline(static_cast<size_t>(state.range(0))));
}
BENCHMARK(BM_ParseSet)->Arg(3)->Arg(32)->Arg(512)->Arg(2000);

void BM_ParseGet(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kPipeline; i++) input += encode({"GET", key(i)});
  parse_all(state, input);
}
BENCHMARK(BM_ParseGet);

void BM_ParseMixed(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kPipeline; i++) {
    std::string value(static_cast<size_t>(i * 37 % 150), 'v');
    input += i % 3 == 0   ? encode({"GET", key(i)})
             : i % 3 == 1 ? encode({"HSET", key(i), "f", value})
                          : encode({"SET", key(i), value});
  }
  parse_all(state, input);
}
BENCHMARK(BM_ParseMixed);

void BM_ParseInline(benchmark::State& state) {
  std::string input;
  for (int i = 0; i < kPipeline; i++) input += "SET " + key(i) + " value\r\n";
  parse_all(state, input);
}
BENCHMARK(BM_ParseInline);

// Every batch ends inside a command, as it does when reads are shorter than the pipeline.
void BM_ParseCut(benchmark::State& state) {
  const std::string input = set_pipeline(32);
  const std::string_view first = std::string_view(input).substr(0, input.size() - 20);
  RequestParser parser;
  ArgArena args;
  for (auto _ : state) {
    std::string_view rest = first;
    ParseResult r;
    while ((r = parser.parse(rest, {}, args)).status == ParseStatus::kCommand) rest.remove_prefix(r.consumed);
    rest = std::string_view(input).substr(static_cast<size_t>(rest.data() - input.data()));
    if (parser.parse(rest, {}, args).status != ParseStatus::kCommand)
      return state.SkipWithError("not a command");
    args.clear();
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(BM_ParseCut);

template <typename Write>
void write_all(benchmark::State& state, Write write) {
  base::OutBuffer out;
  ReplyWriter writer(out, 2);
  for (auto _ : state) {
    for (int i = 0; i < kPipeline; i++) write(writer, i);
    benchmark::DoNotOptimize(out.size());
    out.clear();
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}

void BM_WriteOk(benchmark::State& state) {
  write_all(state, [](ReplyWriter& w, int) { w.ok(); });
}
BENCHMARK(BM_WriteOk);

void BM_WriteInteger(benchmark::State& state) {
  write_all(state, [](ReplyWriter& w, int i) { w.integer(i); });
}
BENCHMARK(BM_WriteInteger);

void BM_WriteBulk(benchmark::State& state) {
  const std::string value(static_cast<size_t>(state.range(0)), 'v');
  write_all(state, [&](ReplyWriter& w, int) { w.bulk(value); });
}
BENCHMARK(BM_WriteBulk)->Arg(3)->Arg(32)->Arg(100)->Arg(1000);

void BM_WriteDeferredArray(benchmark::State& state) {
  write_all(state, [](ReplyWriter& w, int) {
    DeferredAggregate array(w);
    for (int i = 0; i < 10; i++) w.bulk("element");
    array.finish(10);
  });
}
BENCHMARK(BM_WriteDeferredArray);

void BM_SkipReplies(benchmark::State& state) {
  static const char* const kReplies[] = {"+OK\r\n", "$32\r\n01234567890123456789012345678901\r\n", ":123\r\n",
                                         "*2\r\n$1\r\na\r\n$2\r\nbb\r\n"};
  std::string input;
  for (int i = 0; i < kPipeline; i++) input += kReplies[state.range(0)];
  ReplySkipper skipper;
  for (auto _ : state) {
    std::string_view rest = input;
    while (!rest.empty()) rest.remove_prefix(skipper.skip(rest).consumed);
    benchmark::DoNotOptimize(rest.data());
  }
  state.SetItemsProcessed(state.iterations() * kPipeline);
}
BENCHMARK(BM_SkipReplies)->DenseRange(0, 3);

}  // namespace
}  // namespace gyre::resp

BENCHMARK_MAIN();
