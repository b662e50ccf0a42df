// The server: configuration, keyspace, dispatcher, reactors with their threads, clients. Made by main; everything else
// gets what it needs from here through its constructor or CommandContext::dispatcher.host<Server>().
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gyre/exec/dispatcher.h"
#include "gyre/io/reactor.h"
#include "gyre/repl/primary.h"
#include "gyre/server/config.h"
#include "gyre/server/latency_monitor.h"
#include "gyre/server/slowlog.h"
#include "gyre/store/active_expiry.h"
#include "gyre/store/eviction.h"

namespace gyre::cluster {
class Migrations;
}

namespace gyre::server {

class Client;
class Listeners;
class Persistence;
class ReplicationEnvironment;
class ServerEnvironment;
class Watchdog;

/// What the server counts beside the dispatcher's statistics. Readable at any time.
struct ServerCounters {
  std::atomic<uint64_t> connections_received{0}, connections_rejected{0};
  std::atomic<uint64_t> output_limit_disconnections{0}, query_limit_disconnections{0};
  std::atomic<uint64_t> auth_failures{0};
  std::atomic<int64_t> peak_memory{0};
  std::atomic<uint64_t> cron_us{0};   // spent in the server's periodic work
  std::atomic<int64_t> rss{0};        // resident set in bytes, as of the last tenth of a second
  int64_t started_ms = 0;             // wall clock
  int64_t started_us = 0;             // monotonic
  int64_t startup_memory = 0;         // used_memory before the first client
  // What CONFIG RESETSTAT found: the sums over reactors only ever grow.
  std::atomic<uint64_t> commands_before{0}, bytes_in_before{0}, bytes_out_before{0};
};

/// What a reactor's backend counts, as of the last tenth of a second. Written by the reactor, read by anyone.
struct ReactorCounters {
  std::atomic<uint64_t> system_calls{0}, completions{0}, sends{0};
  std::atomic<uint64_t> zero_copy_sends{0}, zero_copy_bytes{0}, zero_copy_copied_bytes{0};
  std::atomic<uint64_t> receive_buffers_exhausted{0};
  std::atomic<uint64_t> cpu_us{0};  // of its thread
  std::atomic<uint64_t> turns_before{0}, cpu_us_before{0};  // what CONFIG RESETSTAT found
};

/// Rates of the last 1.6 seconds, as Redis's instantaneous metrics: 16 samples, one every 100 ms.
class RateSampler {
 public:
  /// By one thread; `total` counts from the start of the process or of the last reset.
  void sample(int64_t now_us, uint64_t total);
  /// Any thread.
  uint64_t per_second() const;
  void reset();

 private:
  static constexpr unsigned kSamples = 16;
  std::atomic<uint64_t> samples_[kSamples] = {};
  unsigned at_ = 0;
  int64_t last_us_ = 0;
  uint64_t last_total_ = 0;
};

class Server final : public exec::DispatchHooks {
 public:
  explicit Server(Config& config);
  ~Server() override;

  /// Opens listeners and starts reactors. False and *error when that is impossible.
  bool start(std::string* error);
  /// Runs the first reactor on the calling thread until shutdown. Returns the process's exit code.
  int run();
  /// The data set has been saved for the last time: what would change it is refused.
  void refuse_writes_at_end();
  bool saved_at_end() const { return saved_at_end_.load(std::memory_order_relaxed); }
  /// Starts the end: accepting stops, clients are closed, reactors stop. Any thread; once.
  void request_shutdown(int exit_code);

  Config& config() { return config_; }
  store::Keyspace& keyspace() { return *keyspace_; }
  exec::Dispatcher& dispatcher() { return *dispatcher_; }
  exec::CommandTable& commands() { return table_; }
  Slowlog& slowlog() { return slowlog_; }
  LatencyMonitor& latency_monitor() { return latency_monitor_; }
  ServerCounters& counters() { return counters_; }
  /// Lets each reactor give the system what the allocator keeps free for its thread, within a tenth of a second. Any thread.
  void release_free_memory();
  /// CONFIG RESETSTAT. With the gate closed.
  void reset_statistics();
  const std::string& run_id() const { return run_id_; }
  repl::Primary& primary() { return *primary_; }
  cluster::Migrations& migrations() { return *migrations_; }
  Persistence& persistence() { return *persistence_; }
  ServerEnvironment& environment() { return *environment_; }
  /// How images are written, by the configuration of this moment.
  repl::Settings image_settings() const;
  unsigned reactor_count() const { return static_cast<unsigned>(reactors_.size()); }
  io::Reactor& reactor(unsigned index) { return *reactors_[index]; }

  // ---- clients ----
  /// Takes over an accepted descriptor: hands it to a reactor, or refuses it. On the acceptor's reactor.
  void accepted(int fd);
  size_t client_count() const { return client_count_.load(std::memory_order_relaxed); }
  /// With the gate closed (or on start): visits all clients in the order of their ids.
  template <class Fn>
  void for_each_client(Fn&& fn) {
    std::lock_guard lock(clients_mutex_);
    for (auto& [id, client] : clients_) fn(*client);
  }
  /// Calls fn for the client with that id, if it is still there. On the client's reactor, or with the gate closed.
  template <class Fn>
  bool with_client(uint64_t id, Fn&& fn) {
    Client* client = find_client(id);
    if (client) fn(*client);
    return client != nullptr;
  }
  /// On the client's reactor.
  void add_client(Client& client);
  void remove_client(Client& client);
  /// One copy of each address of ours that clients connect to; kept for ever.
  const std::string& intern_address(std::string address);

  // ---- CLIENT PAUSE ----
  enum class Pause : uint8_t { kNone, kWrites, kAll };
  void pause(Pause what, int64_t until_ms);
  void unpause();
  Pause paused(int64_t now_ms) const;
  /// What concerns every command has changed (a pause, a lack of replicas, keys in transit). Any thread.
  void update_conditions();

  // ---- memory ----
  /// What maxmemory is compared with.
  int64_t used_memory() const;
  /// Milliseconds over maxmemory while keys may be evicted: in all, and of the present time.
  std::pair<uint64_t, uint64_t> eviction_exceeded_ms() const;

  // ---- exec::DispatchHooks ----
  Admission admit(exec::CommandContext& context) override;
  coro::Task<void> unpaused() override;
  bool allow_protected(exec::CommandContext& context) override;
  void cross_protocol_request(exec::Session& session) override;
  void slow_command(exec::Session& session, const exec::CommandRow& row, exec::CommandArgs args, uint64_t ticks) override;
  bool deletes_lazily(store::Deletion why) const override;

  // ---- rates (written by the first reactor's cron) ----
  struct Rates { RateSampler commands, bytes_in, bytes_out, turns, cpu_us; } rates;
  /// Sums over reactors since the last CONFIG RESETSTAT, readable at any time.
  uint64_t total_commands() const;
  uint64_t total_bytes_in() const;
  uint64_t total_bytes_out() const;
  uint64_t total_turns() const;
  /// Changes to the data set since the start.
  uint64_t total_changes() const;
  uint64_t total_cpu_us() const;
  const std::vector<ReactorCounters>& reactor_counters() const { return reactor_counters_; }

 private:
  Client* find_client(uint64_t id);
  void bind_commands();
  void apply_config();
  bool make_reactors(std::string* error);
  void apply_zero_copy();
  void run_reactor(unsigned index);
  void reactor_cron(unsigned index);
  void server_cron();
  void publish_counters(unsigned index);
  void sample_statistics(int64_t now_us);
  bool expire_slice(unsigned index);
  int64_t memory_over(int64_t limit) const;
  bool make_room(exec::CommandContext& context);
  bool evict_slice(unsigned index);
  void note_exceeded(bool over);
  void apply_memory_limit();
  coro::Task<void> cron_loop(unsigned index);
  coro::Task<void> serve(int fd, unsigned index);
  coro::Task<void> close_down(unsigned index);

  Config& config_;
  std::unique_ptr<ServerEnvironment> environment_;
  exec::CommandTable table_;
  std::unique_ptr<store::Keyspace> keyspace_;
  std::unique_ptr<exec::Dispatcher> dispatcher_;
  std::vector<std::unique_ptr<io::Reactor>> reactors_;
  std::unique_ptr<ReplicationEnvironment> replication_environment_;
  std::unique_ptr<repl::Primary> primary_;
  std::unique_ptr<cluster::Migrations> migrations_;
  std::unique_ptr<Persistence> persistence_;
  std::mutex conditions_mutex_;  // one at a time says what concerns every command
  std::vector<ReactorCounters> reactor_counters_;
  std::vector<std::thread> threads_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<Listeners> listeners_;
  Slowlog slowlog_;
  LatencyMonitor latency_monitor_;
  ServerCounters counters_;
  std::string run_id_;

  std::vector<std::unique_ptr<coro::Scope>> closing_;   // per reactor: the task that ends it

  struct ExpiryState;
  std::vector<std::unique_ptr<ExpiryState>> expiry_;
  std::vector<std::unique_ptr<store::Evictor>> evictors_;   // per reactor
  std::atomic<bool> evicting_{false};                       // there is more to evict than one command would wait for
  std::atomic<bool> evict_turn_{false};
  std::atomic<int64_t> exceeded_since_us_{0};
  std::atomic<uint64_t> exceeded_us_{0};

  mutable std::mutex clients_mutex_;
  std::map<uint64_t, Client*> clients_;
  std::atomic<size_t> client_count_{0};
  std::atomic<uint64_t> next_client_id_{1};
  std::set<std::string> addresses_;                 // with clients_mutex_
  std::vector<std::atomic<uint32_t>> clients_of_;   // per reactor
  /// The clients of one reactor, for that reactor only, and how far its cron has come.
  struct Local {
    std::vector<Client*> clients;
    size_t next = 0;
    uint64_t released = 0;  // of releases_wanted_
  };
  std::vector<Local> locals_;
  std::atomic<uint64_t> releases_wanted_{0};

  std::atomic<Pause> pause_{Pause::kNone};
  std::atomic<int64_t> pause_until_ms_{0};
  std::atomic<int64_t> last_cross_protocol_ms_{0};
  std::atomic<int> exit_code_{0};
  std::atomic<bool> stopping_{false}, saved_at_end_{false};
};

}  // namespace gyre::server
