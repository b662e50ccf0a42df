#include "runner.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>

#include "report.h"

namespace gyre::bench {
namespace {

/// Counts workers that are done; they arrive on their own threads.
class Countdown {
 public:
  explicit Countdown(size_t n) : left_(n) {}
  void arrive() {
    std::lock_guard lock(mutex_);
    if (--left_ == 0) all_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [this] { return left_ == 0; });
  }
  /// True when all have arrived by then.
  bool wait_until(int64_t monotonic_ns) {
    std::unique_lock lock(mutex_);
    const auto limit = std::chrono::nanoseconds(std::max<int64_t>(0, monotonic_ns - now_ns()));
    return all_.wait_for(lock, limit, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  size_t left_;
};

constexpr int64_t kSecond = 1'000'000'000;

/// The part of `total` that falls to one of `parts`.
uint64_t share(uint64_t total, size_t part, size_t parts) {
  return total / parts + (part < total % parts ? 1 : 0);
}

uint64_t run_seed(const Options& options) {
  return options.seed != 0 ? options.seed : base::thread_random().next();
}

}  // namespace

Runner::Runner(const Options& options)
    : options_(options),
      pool_(options.value_sizes.largest(), options.random_content, run_seed(options)),
      preload_keys_(options.keys) {
  preload_keys_.distribution = Distribution::kSequential;
}

Runner::~Runner() {
  for (auto& worker : workers_) worker->stop();
}

bool Runner::plan(std::string* error) {
  if (!preload_.add_builtin("set", 1, error)) return false;
  preload_.prepare(preload_keys_, options_.key_format, options_.value_sizes);
  if (options_.only_preload) return true;
  for (const std::string& test : options_.tests)
    if (!tests_.emplace_back().add_builtin(test, 1, error)) return false;
  if (tests_.empty()) {
    Workload& workload = tests_.emplace_back();
    if (!options_.mix.empty() && !workload.add_mix(options_.mix, error)) return false;
    for (const auto& command : options_.commands)
      if (!workload.add_template(command.text, command.weight, error)) return false;
  }
  for (Workload& workload : tests_)
    workload.prepare(options_.keys, options_.key_format, options_.value_sizes);
  return true;
}

bool Runner::connect(std::string* error) {
  const uint64_t seed = run_seed(options_);
  const unsigned threads = options_.threads;
  for (unsigned i = 0; i < threads; ++i) {
    const auto source = [&](const KeySpec& keys, uint64_t salt) {
      return std::make_unique<FieldSource>(keys, i, threads, options_.key_format, options_.value_sizes, pool_,
                                           seed + salt + i);
    };
    workers_.push_back(std::make_unique<Worker>(options_, endpoint_,
                                                static_cast<unsigned>(share(options_.clients, i, threads)),
                                                source(options_.keys, 0), source(preload_keys_, threads)));
    if (!workers_.back()->start(error)) return false;
  }
  Countdown connecting(workers_.size());
  for (auto& worker : workers_) worker->connect_all([&connecting] { connecting.arrive(); });
  connecting.wait();
  return true;
}

bool Runner::probe(Report* report, std::string* error) {
  if (!probe_.open(endpoint_, options_.target, error)) return false;
  report->server = server_version(probe_);
  return true;
}

bool Runner::run(Report* report, std::string* error) {
  if (!plan(error) || !endpoint_.resolve(options_.target, error) || !probe(report, error) || !connect(error))
    return false;
  report->backend = workers_[0]->backend_name();
  for (const auto& worker : workers_) report->connected += worker->counts().connected;
  bool fine = report->connected > 0;
  if (fine && options_.preload) preload(report);
  for (const Workload& workload : tests_) fine = fine && run_test(workload, report, error);
  for (const auto& worker : workers_) {
    const Worker::Counts counts = worker->counts();
    report->unanswered += counts.unanswered;
    for (const auto& [text, times] : counts.failures) count(&report->failures, text, times);
  }
  return true;
}

void Runner::preload(Report* report) {
  Phase load;
  load.workload = &preload_;
  load.requests = options_.keys.space;
  load.depth = kPreloadDepth;
  load.preload = true;
  RunResult result;
  result.name = "preload";
  result.is_preload = true;
  if (options_.server_pid != 0) result.cpu = CpuTime::of(options_.server_pid);
  apply(load, Show::kProgress, &result);
  if (options_.server_pid != 0) result.cpu = CpuTime::of(options_.server_pid).since(result.cpu);
  report->runs.push_back(std::move(result));
}

bool Runner::run_test(const Workload& workload, Report* report, std::string* error) {
  Phase load;
  load.workload = &workload;
  load.depth = options_.pipeline;
  load.rate = options_.rate;
  load.poisson = options_.poisson;
  load.spin_ns = options_.spin_us * 1000;
  load.requests = UINT64_MAX;
  RunResult result;
  if (options_.warm_up_s > 0) {
    load.end_ns = now_ns() + static_cast<int64_t>(options_.warm_up_s * kSecond);
    apply(load, Show::kNothing, &result);
  }
  if (options_.server_info && !reset_stats(probe_, error)) return false;
  result = RunResult();
  result.name = workload.describe();
  load.end_ns = INT64_MAX;
  if (options_.seconds > 0)
    load.end_ns = now_ns() + static_cast<int64_t>(options_.seconds * kSecond);
  else
    load.requests = options_.requests;
  CpuTime before;
  if (options_.server_pid != 0) before = CpuTime::of(options_.server_pid);
  apply(load, Show::kProgress, &result);
  if (options_.server_pid != 0) result.cpu = CpuTime::of(options_.server_pid).since(before);
  const bool told = !options_.server_info || read_stats(probe_, &result.server_stats, error);
  report->runs.push_back(std::move(result));
  return told;
}

void Runner::apply(const Phase& load, Show show, RunResult* result) {
  Countdown running(workers_.size());
  const int64_t start = now_ns();
  for (size_t i = 0; i < workers_.size(); ++i) {
    Phase phase = load;
    const size_t parts = workers_.size();
    phase.start_ns = start;
    phase.timeout_ns = static_cast<int64_t>(options_.timeout_s * kSecond);
    phase.rate = load.rate / static_cast<double>(parts);
    phase.offset = static_cast<double>(i) / static_cast<double>(parts);
    if (load.preload)
      phase.requests = workers_[i]->preload_keys();
    else if (load.requests != UINT64_MAX)
      phase.requests = share(load.requests, i, parts);
    workers_[i]->run_phase(phase, [&running] { running.arrive(); });
  }
  Histogram previous;
  int64_t then = start;
  for (bool over = false; !over;) {
    over = running.wait_until(then + kSecond);
    const int64_t now = now_ns();
    RunResult snapshot;
    collect(*load.workload, &snapshot);
    const Histogram last = snapshot.latency.since(previous);
    // A short rest at the end would only show the noise of few requests.
    if (!over || now - then > kSecond / 4 || result->samples.empty()) {
      const double seconds = static_cast<double>(now - then) / 1e9;
      result->samples.push_back({static_cast<double>(now - start) / 1e9,
                                 static_cast<double>(last.count()) / seconds, last.percentile(50),
                                 last.percentile(99), last.max()});
      if (show == Show::kProgress && !options_.quiet)
        show_progress(*result, result->samples.back(), snapshot.latency.count(), snapshot.error_count);
    }
    previous = std::move(snapshot.latency);
    then = now;
  }
  result->seconds = static_cast<double>(then - start) / 1e9;
  collect(*load.workload, result);
  if (show == Show::kProgress && !options_.quiet && isatty(STDERR_FILENO)) std::fputs("\r\033[K", stderr);
}

void Runner::collect(const Workload& workload, RunResult* result) const {
  for (size_t i = 0; i < workload.size(); ++i) {
    RunResult::Command& command = result->commands.emplace_back();
    command.name = workload[i].name;
    for (const auto& worker : workers_) worker->add_latencies(i, &command.latency);
    result->latency.add(command.latency);
  }
  for (const auto& worker : workers_) {
    worker->add_start_delays(&result->start_delay);
    const Worker::Counts counts = worker->counts();
    for (const auto& [text, times] : counts.errors) {
      count(&result->errors, text, times);
      result->error_count += times;
    }
    result->unsent += counts.unsent;
  }
}

void Runner::show_progress(const RunResult& result, const Sample& sample, uint64_t done,
                           uint64_t errors) const {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  std::string line = result.name.substr(0, 40) + ": " + std::to_string(static_cast<uint64_t>(sample.at_s)) +
                     " s, " + format_count(sample.rate) + "/s, p50 " + format_time(sample.p50_ns) + ", p99 " +
                     format_time(sample.p99_ns) + ", max " + format_time(sample.max_ns) + ", " +
                     std::to_string(done) + " done";
  if (errors > 0) line += ", " + std::to_string(errors) + " errors";
  std::fprintf(stderr, terminal ? "\r%s\033[K" : "%s\n", line.c_str());
}

}  // namespace gyre::bench
