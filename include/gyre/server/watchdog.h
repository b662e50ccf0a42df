// The watchdog: a thread that looks whether every reactor turns its loop and whether clients that wait for a
// lock or the gate get on. What stands still for watchdog-timeout is logged with the stacks of all threads,
// the commands that run and the clients that wait; with watchdog-abort the process then ends by SIGABRT, so
// that it is replaced and not half alive.
//
// It costs the reactors nothing: it reads counters that they keep anyway. A report interrupts each thread for
// the time it takes to write its own stack.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace gyre::server {

class Config;
class StallDetector;

class Watchdog {
 public:
  /// Follows watchdog-timeout and watchdog-abort of `config`, which outlives this. Before clients are served.
  Watchdog(Config& config, unsigned reactors);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  void start();
  /// Ends the thread. Reactors may end before or after.
  void stop();

 private:
  void run();
  void look(int64_t elapsed_us, int64_t timeout_us);
  void report();

  Config& config_;
  const unsigned reactors_;
  std::unique_ptr<StallDetector> detector_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace gyre::server
