// Runs the tests of the command line one after the other: connects, preloads, warms up, measures; shows
// progress. Owns the workers; everything here is on the main thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "histogram.h"
#include "options.h"
#include "server_probe.h"
#include "worker.h"

namespace gyre::bench {

/// The last second (or the part of it that there was) at a moment of a run.
struct Sample {
  double at_s = 0, rate = 0;
  uint64_t p50_ns = 0, p99_ns = 0, max_ns = 0;
};

struct RunResult {
  std::string name;
  bool is_preload = false;
  double seconds = 0;
  struct Command {
    std::string name;
    Histogram latency;
  };
  std::vector<Command> commands;
  Histogram latency;  // of all commands
  Histogram
      start_delay;  // open loop: how late the generator itself, or a lack of free connections, made requests
  std::vector<Sample> samples;
  Tally errors;
  uint64_t error_count = 0, unsent = 0;
  CpuTime cpu;
  std::vector<CommandStats> server_stats;

  uint64_t requests() const { return latency.count(); }
  double rate() const { return seconds > 0 ? static_cast<double>(requests() - unsent) / seconds : 0; }
  double cpu_us_per_command() const {
    return requests() == 0 ? 0 : cpu.total() * 1e6 / static_cast<double>(requests() - unsent);
  }
};

struct Report {
  std::string server, backend;
  uint64_t connected = 0, unanswered = 0;
  Tally failures;
  std::vector<RunResult> runs;
};

class Runner {
 public:
  explicit Runner(const Options& options);
  ~Runner();

  /// False and the reason when nothing could be run. What failed on the way is in the report.
  bool run(Report* report, std::string* error);

 private:
  bool plan(std::string* error);
  bool connect(std::string* error);
  bool probe(Report* report, std::string* error);
  bool run_test(const Workload& workload, Report* report, std::string* error);
  void preload(Report* report);
  enum class Show { kNothing, kProgress };
  /// Applies the load with all workers until they are done.
  void apply(const Phase& load, Show show, RunResult* result);
  void collect(const Workload& workload, RunResult* result) const;
  void show_progress(const RunResult& result, const Sample& sample, uint64_t done, uint64_t errors) const;

  const Options& options_;
  Endpoint endpoint_;
  ValuePool pool_;
  KeySpec preload_keys_;
  Workload preload_;
  std::vector<Workload> tests_;
  std::vector<std::unique_ptr<Worker>> workers_;
  ProbeConnection probe_;
};

}  // namespace gyre::bench
