// One thread of the load generator: a reactor, its connections, and the schedule of requests.
//
// Closed loop: a connection whose requests are all answered sends the next batch. Open loop: requests have
// intended start times given by the rate alone; each goes to the next connection with room when its time has
// come, or later when none has, and its latency counts from the intended time in either case.
//
// Threads: the on_...() functions and what is marked so belong to the reactor's thread; the rest to the
// runner's. Phases are handed over with Reactor::call().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "connection.h"
#include "gyre/io/reactor.h"
#include "histogram.h"
#include "workload.h"

namespace gyre::bench {

/// One stretch of load, as one worker sees it.
struct Phase {
  const Workload* workload = nullptr;
  uint64_t requests = 0;  // this worker's
  int64_t start_ns = 0, end_ns = INT64_MAX;
  unsigned depth = 1;  // requests under way per connection
  double rate = 0;     // this worker's; 0: closed loop
  double offset = 0;   // where in the first gap of an evenly spaced open loop this worker starts, [0, 1)
  bool poisson = true;
  int64_t spin_ns = 0;
  int64_t timeout_ns = 0;
  bool preload = false;  // draws from the sources made for that
};

/// The pipeline of --preload, and the least that connections are made for.
inline constexpr unsigned kPreloadDepth = 128;

/// How often each text occurred; at most kMaxTexts different ones are told apart.
using Tally = std::map<std::string, uint64_t, std::less<>>;
inline constexpr size_t kMaxTexts = 32;
void count(Tally* tally, std::string_view text, uint64_t times = 1);

class Worker {
 public:
  Worker(const Options& options, const Endpoint& endpoint, unsigned connections,
         std::unique_ptr<FieldSource> fields, std::unique_ptr<FieldSource> preload_fields);
  ~Worker();

  bool start(std::string* error);
  /// Calls done() on the worker's thread when each connection is ready or has failed.
  void connect_all(std::function<void()> done);
  /// Clears the counts and applies the load; done() as above.
  void run_phase(const Phase& phase, std::function<void()> done);
  /// Closes everything and joins the thread.
  void stop();

  /// Adds what the phase has recorded so far. Any thread.
  void add_latencies(size_t command, Histogram* into) const { latencies_[command]->add_to(into); }
  void add_start_delays(Histogram* into) const { start_delays_.add_to(into); }
  struct Counts {
    Tally errors, failures;   // error replies; connections that failed or were lost
    uint64_t unanswered = 0;  // requests lost with their connection
    uint64_t unsent = 0;      // open loop: never sent, recorded with the time they had waited
    uint64_t connected = 0;
  };
  Counts counts() const;
  uint64_t preload_keys() const { return preload_fields_->keys.part_size(); }
  std::string backend_name() const { return reactor_->backend().name(); }

  // ---- the reactor's thread ----
  io::Reactor& reactor() { return *reactor_; }
  const Endpoint& endpoint() const { return endpoint_; }
  const Target& target() const { return options_.target; }
  bool stopping() const { return stopping_; }
  void on_connected();
  void on_connect_failed(const std::string& why);
  void on_lost(Connection& connection, const std::string& why);
  void on_replies(Connection& connection, int64_t now);
  void on_error_reply(std::string_view text);
  void append_request(uint32_t command, base::OutBuffer& out) {
    (*phase_.workload)[command].request.append(out, *fields_);
  }
  void record(uint32_t command, int64_t latency_ns) {
    --outstanding_;
    latencies_[command]->record(latency_ns > 0 ? static_cast<uint64_t>(latency_ns) : 0);
  }

 private:
  void connect_next();
  void connection_settled();
  void begin_phase();
  void send_batch(Connection& connection);
  void pump();  // open loop: sends what is due
  void abandon_schedule(int64_t now);
  double next_gap_ns();
  void push_free(Connection& connection);
  Connection* pop_free();
  bool all_sent(int64_t now) const;
  void finish_if_over(int64_t now);
  void watch();
  bool spin();
  coro::Task<void> close_down();

  const Options& options_;
  const Endpoint& endpoint_;
  std::unique_ptr<io::Reactor> reactor_;
  std::unique_ptr<FieldSource> load_fields_, preload_fields_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread thread_;
  coro::Scope closing_;

  // The reactor's thread.
  std::function<void()> done_;
  size_t next_to_connect_ = 0, settled_ = 0, live_ = 0;
  bool running_ = false, stopping_ = false;
  Phase phase_;
  FieldSource* fields_ = nullptr;
  uint64_t to_send_ = 0, outstanding_ = 0;
  double next_start_ns_ = 0;
  int64_t last_reply_ns_ = 0;
  Connection* first_free_ = nullptr;
  Connection* last_free_ = nullptr;
  std::unique_ptr<io::Timer> pump_timer_, watch_timer_;

  std::vector<std::unique_ptr<LiveHistogram>> latencies_;  // one a command; made before a phase starts
  LiveHistogram start_delays_;
  mutable std::mutex counts_mutex_;
  Counts counts_;
};

}  // namespace gyre::bench
