// The primary side of replication: the journal that writers fill, the replicas that follow it, full syncs.
//
// A replica is a client whose connection asked for the stream (PSYNC, SYNC). Its sender is a coroutine on the
// connection's reactor; it sends slices of the journal by reference, so that any number of replicas share one copy.
// A full sync is one walk over the keyspace (gyre/snapshot) whose chunks go to every replica that waited for it.
//
// Threads: propagate() on the writer's reactor with the shards held (exec). turn() once a turn on each reactor. The
// command bodies on the reactor of the connection that sent the command. The rest as said there. One mutex guards the list
// of replicas and the clients that wait; no writer takes it. Ids change with the gate closed.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gyre/coro/event.h"
#include "gyre/coro/task.h"
#include "gyre/exec/dispatcher.h"
#include "gyre/exec/propagation.h"
#include "gyre/io/reactor.h"
#include "gyre/journal/journal.h"
#include "gyre/repl/settings.h"
#include "gyre/snapshot/walk.h"

namespace gyre::repl {

class AckWait;
class FullSync;
class Replica;
class WriterPace;

/// What INFO and ROLE show of a replica.
struct ReplicaInfo {
  std::string ip;
  int64_t port = 0;
  std::string_view state;  // as Redis names it
  bool online = false;
  uint64_t acked = 0;
  int64_t lag_s = 0;      // since its last sign of life
  int64_t lag_ms = 0;     // age of the oldest write that it has not acknowledged
  uint64_t behind = 0;    // bytes not yet handed to its connection
};

/// What INFO shows of the full sync at work.
struct SyncProgress {
  bool active = false;
  uint64_t bytes = 0, keys = 0, keys_total = 0;
  int64_t seconds = 0, seconds_left = 0;
  uint64_t pre_image_bytes = 0;  // held at this moment
  uint64_t preserved_bytes = 0;  // since the beginning
};

class Primary final : public exec::Propagation {
 public:
  Primary(store::Keyspace& keyspace, exec::Dispatcher& dispatcher, std::vector<io::Reactor*> reactors,
          const Environment& environment);
  ~Primary() override;

  /// The loops that live on the first reactor's scope; on that reactor's thread. They end when the scope is asked to stop.
  void start();

  // ---- exec::Propagation ----
  uint64_t propagate(unsigned reactor, const exec::EffectRecord& record) override;

  /// Background slice of a reactor: tells senders of new bytes, wakes reactors that sleep on some, walks a little.
  /// True: there is more to do at once.
  bool turn(unsigned reactor);

  // ---- commands ----
  void sync(exec::CommandContext& c);
  void replconf(exec::CommandContext& c);
  void role(exec::CommandContext& c);
  void wait(exec::CommandContext& c);

  /// BGSAVE: writes the keyspace as it is when the walk begins to a new file, and flushes it. `done` hears whether that
  /// worked, on the first reactor; a file that is not whole is its to remove.
  struct SaveJob {
    std::string temporary;
    void (*done)(void* context, bool whole) = nullptr;
    void* context = nullptr;
  };
  /// Any reactor. Requires that no save is under way.
  void save(const SaveJob& job);
  /// Any thread: the save that is under way ends soon, and not whole.
  void give_up_save();
  /// A walk over the keyspace is under way, or is to come for a save.
  bool walking() const {
    return walking_.load(std::memory_order_relaxed) || saving_.load(std::memory_order_relaxed);
  }

  /// Counts the good replicas anew: once a second, when one comes or goes, and when the settings change.
  void judge_replicas();
  /// Fewer good replicas than min-replicas-to-write asks for.
  bool refusing_writes() const { return refusing_writes_.load(std::memory_order_relaxed); }
  /// Writers have to wait at this moment: a full sync's memory of what was overwritten is half full, or a replica is so far
  /// behind that it would be dropped (writer_pace.h).
  bool slowing_writes() const;
  /// slowing_writes() may be true in these times.
  bool may_slow_writes() const;

  // ---- for INFO and DEBUG; any thread ----
  /// With the gate closed or inside it, as they change with it closed.
  const std::string& id() const { return id_; }
  const std::string& second_id() const { return second_id_; }
  int64_t second_offset() const { return second_offset_.load(std::memory_order_relaxed); }
  uint64_t offset();
  const journal::Journal& journal() const { return journal_; }
  uint64_t backlog_first() const;  // offset of the oldest byte that a replica may ask for
  /// Memory of the stream that is kept for slow replicas only; as in Redis it does not count for eviction.
  uint64_t bytes_beyond_backlog() const {
    const uint64_t all = journal_.footprint(), backlog = backlog_bytes();
    return all > backlog ? all - backlog : 0;
  }
  uint64_t backlog_bytes() const { return backlog_bytes_.load(std::memory_order_relaxed); }
  std::vector<ReplicaInfo> replicas();
  size_t replica_count() const { return replica_count_.load(std::memory_order_relaxed); }
  size_t good_replicas() const { return good_replicas_.load(std::memory_order_relaxed); }
  SyncProgress progress();
  /// SyncProgress::preserved_bytes of the last image, when it was done.
  uint64_t last_preserved_bytes() const { return last_preserved_bytes_.load(std::memory_order_relaxed); }
  struct Counters {
    std::atomic<uint64_t> sync_full{0}, sync_partial_ok{0}, sync_partial_err{0};
    std::atomic<uint64_t> limit_disconnections{0};
    std::atomic<uint64_t> bytes_out{0};  // of journal and images, to all replicas
    /// Of these: copied in user space after they had their place in the journal or in a chunk. Stays 0.
    std::atomic<uint64_t> bytes_copied{0};
  };
  Counters& counters() { return counters_; }
  /// CONFIG RESETSTAT.
  void reset_counters();
  /// DEBUG CHANGE-REPL-ID. With the gate closed.
  void change_id();
  /// CONFIG SET repl-backlog-size.
  void set_backlog_bytes(uint64_t bytes);
  /// CONFIG SET repl-sync-bandwidth; 0: no limit. Any thread.
  void set_sync_bandwidth(int64_t bytes_per_second) { sync_bytes_per_second_.store(bytes_per_second, std::memory_order_relaxed); }

 private:
  friend class AckWait;
  friend class Replica;
  struct alignas(64) Local;

  // primary.cc
  void wake_reactor(unsigned reactor);
  void note_ack();
  void add(Replica& replica);
  void remove(Replica& replica);
  size_t acknowledged(uint64_t offset);
  int64_t age_of(uint64_t offset, int64_t now_ms) const;
  void sample(int64_t now_ms);
  void request_acks(unsigned reactor);
  void append_plain(unsigned reactor, std::string_view bytes);

  // primary_cron.cc
  coro::Task<void> cron();
  coro::Task<void> drop_backlog(int64_t ttl_s);
  void check_replicas(const Settings& settings);
  void ping();
  void new_history_id();

  // primary_sync.cc
  /// Replicas that one full sync can serve.
  struct Group {
    bool file = false;  // they are told the length first
    bool without_keys = false;
    bool operator==(const Group&) const = default;
  };
  static Group group_of(const Replica& replica, const Settings& settings);
  bool due_group(const Settings& settings, Group* group, int64_t* wait_us);
  coro::Task<void> sync_loop();
  coro::Task<void> run_sync(Group group);
  size_t cut(const Group& group, const Settings& settings, const std::shared_ptr<FullSync>& sync);
  coro::Task<bool> open_file(FullSync& sync, std::string dir);
  void drop_waiting(const Group& group, const Settings& settings);

  // primary_save.cc
  std::optional<SaveJob> take_save();
  coro::Task<void> run_save(SaveJob job);

  // primary_pace.cc
  uint64_t rate_for(const Replica& replica, uint64_t head, int64_t now_ms) const;
  void pace_writers();

  // primary_image.cc
  struct Image;
  void begin_walk(const Settings& settings);
  void end_walk();
  void slow_writers(bool slow);
  void wake_walkers();
  bool walk_slice(unsigned reactor);
  coro::Task<bool> write_image(FullSync& sync, const Group& group, const Settings& settings);
  coro::Task<bool> write_walk(Image& image, const rdb::HeaderFields& fields, const Settings& settings);

  // commands.cc
  bool try_partial(exec::CommandContext& c, Replica& replica);

  store::Keyspace& keyspace_;
  exec::Dispatcher& dispatcher_;
  std::vector<io::Reactor*> reactors_;
  const Environment& environment_;
  journal::Journal journal_;
  std::unique_ptr<Local[]> locals_;
  snapshot::Walk walk_;

  mutable std::mutex mutex_;
  std::string id_, second_id_;
  std::vector<Replica*> replicas_;
  std::vector<AckWait*> waits_;
  std::shared_ptr<FullSync> syncing_;
  std::optional<SaveJob> save_wanted_;

  std::atomic<bool> walking_{false}, saving_{false};
  std::atomic<uint64_t> walk_turn_{0};  // grows when a walk begins or ends: each reactor then has something to do
  coro::Event output_ready_;
  std::atomic<int64_t> second_offset_{-1};
  std::atomic<uint64_t> last_preserved_bytes_{0};
  std::atomic<uint64_t> idle_offset_{0};  // the offset while the journal is not active
  std::atomic<uint64_t> backlog_bytes_{1 << 20};
  const std::unique_ptr<WriterPace> pace_;
  std::atomic<uint64_t> pace_hard_limit_{UINT64_MAX}, pace_soft_limit_{UINT64_MAX};  // as of the cron's last turn
  int64_t pace_said_ms_ = 0;
  std::atomic<int64_t> sync_bytes_per_second_{0};
  std::atomic<uint64_t> asked_acks_at_{0};
  std::atomic<size_t> replica_count_{0}, good_replicas_{0}, wait_count_{0};
  std::atomic<bool> refusing_writes_{false}, slowing_writes_{false};
  /// Where the stream was at some moments of the last minutes.
  struct Sample {
    uint64_t offset;
    int64_t ms;
  };
  static constexpr size_t kSamples = 600;
  std::deque<Sample> samples_;
  int64_t no_replicas_since_ms_ = 0;

  uint64_t cron_turns_ = 0;
  coro::Event sync_wanted_;
  Counters counters_;
};

/// Binds PSYNC, SYNC, REPLCONF, ROLE and WAIT, and plans them. The dispatcher's host finds the primary.
using FindPrimary = Primary& (*)(exec::CommandContext& c);
void bind_replication_commands(exec::CommandTable& table, FindPrimary find);

}  // namespace gyre::repl
