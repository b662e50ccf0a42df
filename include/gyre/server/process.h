// What the process does around the server: logging, daemon, pid file, supervision, signals.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace gyre::server {

class Config;
class Server;

void set_up_logging(const Config& config);
/// Forks into the background; false when that fails. Before any thread runs.
bool become_daemon();
/// SIGINT and SIGTERM are left to SignalWatch; SIGPIPE and SIGHUP are ignored. Before any thread runs.
void block_signals();
void log_start(const Config& config);
void log_initialized();
/// "Ready to accept connections", readiness to systemd when supervised.
void log_ready(const Config& config);
void write_pid_file(const Config& config);
void remove_pid_file(const Config& config);
std::string version_text();
/// --test-memory and --check-system; exit codes.
int test_memory(int megabytes);
int check_system();

/// A thread that turns SIGTERM and SIGINT into an orderly shutdown, and a second SIGINT into an immediate exit. Lives while
/// the server runs.
class SignalWatch {
 public:
  explicit SignalWatch(Server& server);
  ~SignalWatch();

 private:
  void watch(Server& server);

  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace gyre::server
