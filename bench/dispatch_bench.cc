// The hot path without sockets: pipelines of SET and GET through exec::Dispatcher::run against a keyspace of
// a million keys, as a connection hands them in. "items" are commands; "allocs" are allocations a command,
// which has to stay at 0. For profiles: perf record -e cpu-clock build/bench/dispatch-bench
// --benchmark_filter=Get/1/64
//
// Arguments: reactors of the keyspace (1: no locks are taken; 2: they are, by nobody else), commands a
// pipeline.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gyre/base/out_buffer.h"
#include "gyre/base/random.h"
#include "gyre/cmd/commands.h"
#include "gyre/cmd/environment.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/transaction_commands.h"

#ifdef GYRE_COUNT_ALLOCATIONS
// The linker puts these between the program and the allocator (--wrap), and it chooses the names.
// NOLINTBEGIN(readability-identifier-naming,bugprone-reserved-identifier)
namespace {
uint64_t allocations = 0;
}
extern "C" {
void* __real_mi_malloc(size_t bytes);
void* __real_mi_malloc_aligned(size_t bytes, size_t alignment);
void* __real_mi_realloc(void* block, size_t bytes);
void* __wrap_mi_malloc(size_t bytes) { return ++allocations, __real_mi_malloc(bytes); }
void* __wrap_mi_malloc_aligned(size_t bytes, size_t alignment) {
  return ++allocations, __real_mi_malloc_aligned(bytes, alignment);
}
void* __wrap_mi_realloc(void* block, size_t bytes) { return ++allocations, __real_mi_realloc(block, bytes); }
}
// NOLINTEND(readability-identifier-naming,bugprone-reserved-identifier)
#endif

namespace gyre {
namespace {

constexpr unsigned kKeys = 1'000'000;
constexpr unsigned kValueBytes = 32;
/// Distinct commands of a run, each with a key of its own choice: more than caches hold.
constexpr unsigned kCommands = 1u << 20;

enum class Mix { kGet, kSet, kHalves };

class Host final : public exec::DispatchHooks, public exec::ClientHandle {
 public:
  explicit Host(unsigned reactors) : keyspace_({.reactors = reactors}) {
    cmd::bind_data_commands(table_);
    exec::bind_transaction_commands(table_);
    dispatcher_ = std::make_unique<exec::Dispatcher>(table_, keyspace_, *this);
    dispatcher_->set_environment<cmd::Environment>(&environment_);
    cmd::plan_commands(*dispatcher_);
    exec::plan_transaction_commands(*dispatcher_);
    for (unsigned i = 0; i < reactors; ++i) dispatcher_->add_reactor();
    session_ = std::make_unique<exec::Session>(1, out_, *this);
    fill();
  }

  /// False when the dispatcher did not take all of it.
  bool run(std::string_view pipeline) {
    const exec::RunResult result = dispatcher_->run(*dispatcher_->reactors()[0], *session_, parser_, pipeline,
                                                    limits_, &parse_, &suspended_);
    return result.status == exec::RunStatus::kDone && result.consumed == pipeline.size();
  }
  /// Bytes of replies since the last call.
  size_t take_replies() {
    const size_t bytes = out_.size();
    out_.clear();
    return bytes;
  }

  Admission admit(exec::CommandContext&) override { return Admission::kRun; }
  coro::Task<void> unpaused() override { co_return; }
  bool allow_protected(exec::CommandContext&) override { return true; }
  void slow_command(exec::Session&, const exec::CommandRow&, exec::CommandArgs, uint64_t) override {}
  void kill() override {}

 private:
  void fill();

  cmd::Environment environment_;
  exec::CommandTable table_;
  store::Keyspace keyspace_;
  std::unique_ptr<exec::Dispatcher> dispatcher_;
  base::OutBuffer out_;
  std::unique_ptr<exec::Session> session_;
  resp::RequestParser parser_;
  resp::RequestLimits limits_;
  resp::ParseResult parse_;
  exec::OwnedCommand suspended_;
};

void append_command(std::string* out, bool set, unsigned key) {
  char text[128];
  std::snprintf(text, sizeof(text), "*%d\r\n$3\r\n%s\r\n$16\r\nkey:%012u\r\n", set ? 3 : 2,
                set ? "SET" : "GET", key);
  *out += text;
  if (!set) return;
  *out += "$" + std::to_string(kValueBytes) + "\r\n";
  out->append(kValueBytes, static_cast<char>('a' + key % 26));
  *out += "\r\n";
}

void Host::fill() {
  std::string pipeline;
  for (unsigned key = 0; key < kKeys; ++key) {
    pipeline.clear();
    append_command(&pipeline, /*set=*/true, key);
    run(pipeline);
    take_replies();
  }
}

/// Pipelines back to back in one text, so that the input streams as from a socket's buffers.
struct Input {
  std::string bytes;
  std::vector<size_t> ends;
};

Input make_input(Mix mix, unsigned commands_each) {
  base::Random random(20260101);
  Input input;
  for (unsigned i = 0; i < kCommands; ++i) {
    const bool set = mix == Mix::kSet || (mix == Mix::kHalves && i % 2 == 0);
    append_command(&input.bytes, set, static_cast<unsigned>(random.below(kKeys)));
    if ((i + 1) % commands_each == 0) input.ends.push_back(input.bytes.size());
  }
  return input;
}

/// Kept from one benchmark to the next: filling takes longer than measuring.
Host& host_with(unsigned reactors) {
  static std::unique_ptr<Host> host;
  static unsigned present = 0;
  if (present != reactors) {
    host.reset();
    host = std::make_unique<Host>(reactors);
    present = reactors;
  }
  return *host;
}

void run_mix(benchmark::State& state, Mix mix) {
  Host& host = host_with(static_cast<unsigned>(state.range(0)));
  const auto depth = static_cast<unsigned>(state.range(1));
  const Input input = make_input(mix, depth);
  const std::string_view bytes = input.bytes;
  size_t at = 0, begin = 0;
  const auto next = [&] {
    const std::string_view pipeline = bytes.substr(begin, input.ends[at] - begin);
    begin = ++at == input.ends.size() ? 0 : input.ends[at - 1];
    if (begin == 0) at = 0;
    return pipeline;
  };
  // Once over, so that every command has its statistics and the pools their blocks.
  for (unsigned i = 0; i < 1000; ++i) host.run(next());
  host.take_replies();
#ifdef GYRE_COUNT_ALLOCATIONS
  const uint64_t allocations_before = allocations;
#endif
  for (auto _ : state) {
    if (!host.run(next())) return state.SkipWithError("a pipeline was not taken");
    benchmark::DoNotOptimize(host.take_replies());
  }
  const int64_t commands = state.iterations() * depth;
  state.SetItemsProcessed(commands);
#ifdef GYRE_COUNT_ALLOCATIONS
  state.counters["allocs"] =
      static_cast<double>(allocations - allocations_before) / static_cast<double>(commands);
#endif
  state.counters["per_command"] = benchmark::Counter(
      static_cast<double>(commands), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_Get(benchmark::State& state) { run_mix(state, Mix::kGet); }
void BM_Set(benchmark::State& state) { run_mix(state, Mix::kSet); }
void BM_SetGet(benchmark::State& state) { run_mix(state, Mix::kHalves); }

const std::vector<std::vector<int64_t>> kArguments = {{1, 2}, {1, 16, 64}};
BENCHMARK(BM_Get)->ArgsProduct(kArguments);
BENCHMARK(BM_Set)->ArgsProduct(kArguments);
BENCHMARK(BM_SetGet)->ArgsProduct(kArguments);

}  // namespace
}  // namespace gyre

BENCHMARK_MAIN();
