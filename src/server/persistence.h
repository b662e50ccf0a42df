// The server's RDB file: loading it at start, SAVE, BGSAVE, save points, DEBUG RELOAD. Private to this
// module.
//
// Threads: open_file() before the reactors run; load() and cron() on the first reactor; save() and reload()
// with the gate closed; start_save() on any reactor. What INFO shows may be read at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "gyre/coro/task.h"
#include "gyre/rdb/decoder.h"
#include "gyre/snapshot/loader.h"

namespace gyre::server {

class Server;

/// How far loading has come.
struct LoadProgress {
  int64_t started_s = 0;
  std::atomic<int64_t> total_bytes{0}, loaded_bytes{0}, used_memory{0};
};

class Persistence {
 public:
  explicit Persistence(Server& server);
  ~Persistence();
  Persistence(const Persistence&) = delete;
  Persistence& operator=(const Persistence&) = delete;

  // ---- start ----
  /// Looks for the file; when there is one, the server is loading from now on. False when it cannot be
  /// opened; the log says why.
  bool open_file();
  /// Reads the file that was found. When its bytes are no good the server ends with exit code 1.
  coro::Task<void> load();
  bool loading() const { return loading_.load(std::memory_order_relaxed); }
  const LoadProgress& progress() const { return progress_; }
  snapshot::LoadCounts last_load() const;

  // ---- saving ----
  /// SAVE. False when it did not work; the log says why.
  bool save();
  /// BGSAVE. False when one is under way already.
  bool start_save();
  /// FLUSHALL, with the gate closed: a save in the background is given up, and with save points the file is
  /// that of an empty data set from now on. `uncounted`: changes that total_changes() does not have yet.
  void all_dropped(uint64_t uncounted);
  /// Whether a walk over the keyspace, for a file or for replicas, keeps another save from beginning.
  bool busy() const;
  bool saving() const { return saving_.load(std::memory_order_relaxed); }
  /// BGSAVE SCHEDULE: one begins when there is room for it.
  void schedule_save() { scheduled_.store(true, std::memory_order_relaxed); }
  /// Ten times a second: save points, and the save that was scheduled.
  void cron();
  /// Writes are refused because they could not be saved (stop-writes-on-bgsave-error).
  bool refusing_writes() const;
  /// Whether there are save points, so that the server saves when it ends.
  bool has_save_points() const;

  struct ReloadOptions {
    bool save = true, flush = true, merge = false;
  };
  /// DEBUG RELOAD. False when it did not work; the log says why.
  bool reload(const ReloadOptions& options);

  // ---- for INFO and LASTSAVE ----
  int64_t last_save_s() const { return last_save_s_.load(std::memory_order_relaxed); }
  uint64_t changes_since_save() const;
  bool last_background_ok() const { return last_background_ok_.load(std::memory_order_relaxed); }
  /// Seconds; -1: never, or none now.
  int64_t last_background_s() const { return last_background_s_.load(std::memory_order_relaxed); }
  int64_t current_background_s() const;
  uint64_t saves() const { return saves_.load(std::memory_order_relaxed); }
  void reset_saves() { saves_ = 0; }

 private:
  rdb::Decoder::Options decoder_options() const;
  snapshot::LoadOptions load_options() const;
  coro::Task<rdb::Decoder::Result> read_file(rdb::Decoder& decoder, snapshot::Loader& loader);
  coro::Task<void> delay(uint64_t keys);
  coro::Task<void> finish_loading();
  bool load_at_once(bool replace);
  void note_saved(uint64_t changes);
  bool save_now();
  void background_done(bool whole);
  void end_background(bool whole);

  Server& server_;
  std::string file_name_;  // being loaded
  int fd_ = -1;
  std::atomic<bool> loading_{false};
  LoadProgress progress_;
  std::atomic<uint64_t> loaded_{0}, expired_{0};

  std::atomic<bool> saving_{false}, scheduled_{false};
  std::atomic<int64_t> last_save_s_, last_try_s_{0}, begun_s_{-1}, last_background_s_{-1};
  std::atomic<uint64_t> changes_saved_{0}, changes_at_begin_{0}, saves_{0};
  std::atomic<bool> last_background_ok_{true};

  std::mutex ending_;          // held while a save in the background becomes the file, or is given up
  bool background_is_old_ = false;
};

}  // namespace gyre::server
