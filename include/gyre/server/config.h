// The server's configuration: what gyre.conf, the command line and CONFIG SET say, and what CONFIG GET and
// CONFIG REWRITE answer. Every directive of Redis 7.2.4 is known, and Gyre's own beside them.
//
// One Config is made by main and passed to whoever needs it; it outlives them. Fields (config_fields.h) may
// be read by any thread at any time. load(), on_change() and on_rewrite() are for the start, before other
// threads run; get(), set() and rewrite() are for any thread. Changes happen one at a time; hooks run inside
// one, so they may read fields and get(), and must not call set() or rewrite().
//
// Invariants
//   1. A field holds a value that its row (config_rows.h) allows.
//   2. set() changes all of its directives or none, hooks included.
//   3. A directive whose effect does not exist keeps its default where ignoring it would lose data, open the
//      server to others or change answers: load() and set() refuse anything else.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gyre/server/config_fields.h"

namespace gyre::server {

struct ConfigRow;
class ConfigEnvironment;
struct Startup;

/// One line of a directive that declares something (user, rename-command, loadmodule, sentinel) and is acted
/// on by another part after loading. words[0] is the directive in lower case.
struct Declaration {
  std::vector<std::string> words;
  int line = 0;
  std::string text;
};

/// `error` empty: all well.
struct LoadResult {
  std::string error;    // the complete text for standard error
  bool to_log = false;  // the text is a log line (warning) instead
  bool ok() const { return error.empty(); }
};

struct SetResult {
  enum class Code { kOk, kLoading, kError };
  Code code = Code::kOk;
  std::string error;  // without the "ERR " in front; for kLoading reply the LOADING error
  bool ok() const { return code == Code::kOk; }
};

struct SetContext {
  bool loading = false;       // the data set is being loaded
  bool local_client = false;  // the client is on loopback or a Unix socket
};

class Config : public NetworkConfig,
               public MemoryConfig,
               public PersistenceConfig,
               public ReplicationConfig,
               public ClusterConfig,
               public TlsConfig,
               public SecurityConfig,
               public GeneralConfig {
 public:
  using NameValue = std::pair<std::string, std::string>;
  /// Returns an error for the client, or an empty string. Runs on the thread of set(), with the new values in
  /// their fields. When a later hook fails it is called again with the old values.
  using Hook = std::function<std::string()>;

  /// With every directive at its default. `environment` is not owned; null means the real one.
  explicit Config(ConfigEnvironment* environment = nullptr);
  ~Config();
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;

  // ---- start

  /// The configuration file, standard input and command line of `startup`, in Redis's order. On failure the
  /// fields are in an undefined state and the process should stop with result.error.
  LoadResult load(const Startup& startup);
  /// `text` as the content of a file named `origin` (for messages only).
  LoadResult load_text(std::string_view text, std::string_view origin);
  /// What the log should say (as warnings) once the log works: directives accepted now whose effect does not
  /// exist.
  std::vector<std::string> warnings() const;
  /// Calls `hook` when CONFIG SET changed any of `names`; once per CONFIG SET even when several of them
  /// changed. Hooks run in the order of the arguments of CONFIG SET.
  void on_change(std::vector<std::string> names, Hook hook);
  /// The lines CONFIG REWRITE writes for declarations `name` ("user", "loadmodule"); without a source the
  /// lines of the old file stay as they are.
  void on_rewrite(std::string name, std::function<std::vector<std::string>()> lines);
  const std::vector<Declaration>& declarations() const { return declarations_; }
  bool sentinel() const { return sentinel_; }
  /// Absolute path of the configuration file; empty when there is none.
  const std::string& file() const { return file_; }

  // ---- CONFIG GET, SET, REWRITE

  /// Names and values of the directives whose name is, or matches, one of `patterns`, each name once.
  std::vector<NameValue> get(std::span<const std::string_view> patterns) const;
  std::optional<std::string> get_one(std::string_view name) const;
  /// Sets `pairs`, all or none.
  SetResult set(std::span<const std::pair<std::string_view, std::string_view>> pairs,
                const SetContext& context = {});
  /// Rewrites the configuration file; `force_all` writes defaults too (DEBUG CONFIG-REWRITE-FORCE-ALL).
  /// Returns the error for the client or an empty string. Waits for the disk (fsync): call it from a helper
  /// thread.
  std::string rewrite(bool force_all = false);
  /// "name value" lines of the directives that matter when looking into a crash.
  std::string debug_info() const;
  /// True if the value of this directive must not appear in logs, SLOWLOG or MONITOR.
  static bool is_sensitive(std::string_view name);

  // ---- derived values

  /// `threads`, with auto resolved to the number of cores this process may use.
  int thread_count() const;
  /// Redis's "maxmemory-clients": bytes, with a percentage resolved against maxmemory; 0: no limit.
  uint64_t maxmemory_clients_bytes() const;

  /// The environment this object reads and writes files through.
  ConfigEnvironment& environment() const { return *environment_; }

 private:
  friend class ConfigLoader;
  friend class ConfigChange;
  struct HookEntry {
    std::vector<const ConfigRow*> rows;
    Hook run;
  };

  std::unique_ptr<ConfigEnvironment> own_environment_;
  ConfigEnvironment* environment_;
  std::mutex change_mutex_;   // held while values change, and while a rewrite collects them
  std::mutex rewrite_mutex_;  // held during a rewrite, its disk accesses included
  std::vector<HookEntry> hooks_;
  std::vector<std::pair<std::string, std::function<std::vector<std::string>()>>> rewrite_sources_;
  std::vector<Declaration> declarations_;
  std::string file_;
  bool sentinel_ = false;
};

}  // namespace gyre::server
