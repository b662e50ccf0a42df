// Snapshots (RDB) and the append-only file.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kFsyncNames[] = {named("everysec", AppendFsync::kEverysec),
                                    named("always", AppendFsync::kAlways), named("no", AppendFsync::kNo)};
constexpr EnumName kSanitizeNames[] = {named("no", SanitizePayload::kNo), named("yes", SanitizePayload::kYes),
                                       named("clients", SanitizePayload::kClients)};

bool is_base_name(const std::string& value) { return value.find_first_of("/\\") == std::string::npos; }

bool check_dbfilename(Config&, const std::string& value, std::string& error) {
  if (is_base_name(value)) return true;
  error = "dbfilename can't be a path, just a filename";
  return false;
}

bool check_appendfilename(Config&, const std::string& value, std::string& error) {
  if (value.empty())
    error = "appendfilename can't be empty";
  else if (!is_base_name(value))
    error = "appendfilename can't be a path, just a filename";
  return error.empty();
}

bool check_appenddirname(Config&, const std::string& value, std::string& error) {
  if (value.empty())
    error = "appenddirname can't be empty";
  else if (!is_base_name(value))
    error = "appenddirname can't be a path, just a dirname";
  return error.empty();
}

constinit const ConfigRow kRows[] = {
    special("dir", kDirType, "", kProtected | kDenyLoading, kExists,
            "Working directory; files are kept there."),
    special("save", kSaveType, "3600 1 300 100 60 10000", kMultiArg, kExists,
            "Save when this many seconds passed with at least this many changes."),
    text<&Config::dbfilename>("dbfilename", "dump.rdb", kProtected, kExists,
                              "Name of the snapshot file in dir.")
        .checked(check_dbfilename),
    boolean<&Config::rdbcompression>("rdbcompression", true, kModifiable, kExists,
                                     "Compress strings in snapshots (LZF)."),
    boolean<&Config::rdbchecksum>("rdbchecksum", true, kImmutable, kExists,
                                  "End snapshots with a checksum."),
    number<&Config::rdb_version>("rdb-version", 10, {10, 11}, kModifiable, kExists,
                                 "Version of the RDB format to write; Redis 7.0 reads at most 10."),
    boolean<&Config::rdb_del_sync_files>(
        "rdb-del-sync-files", false, kModifiable, kHarmless,
        "Delete files made for synchronisation on servers without persistence."),
    boolean<&Config::rdb_save_incremental_fsync>("rdb-save-incremental-fsync", true, kModifiable, kHarmless,
                                                 "Flush a snapshot to disk bit by bit while it is written."),
    number<&Config::rdb_key_save_delay>("rdb-key-save-delay", 0, {INT_MIN, INT_MAX}, kHidden, kExists,
                                        "For tests: microseconds to wait after each key saved."),
    number<&Config::key_load_delay>("key-load-delay", 0, {INT_MIN, INT_MAX}, kHidden, kExists,
                                    "For tests: microseconds to wait after each key loaded."),
    number<&Config::loading_process_events_interval_bytes>(
        "loading-process-events-interval-bytes", 2 << 20, {1024, INT_MAX}, kHidden, kHarmless,
        "While loading, serve clients each time this much was read."),
    boolean<&Config::stop_writes_on_bgsave_error>("stop-writes-on-bgsave-error", true, kModifiable, kExists,
                                                  "Refuse writes while saving in the background fails."),
    choice<&Config::sanitize_dump_payload>(
        "sanitize-dump-payload", kSanitizeNames, 0, kDebug, kExists,
        "Check the inside of values given to RESTORE and loaded from files."),

    boolean<&Config::appendonly>("appendonly", false, kDenyLoading, kRequired, "Keep an append-only file."),
    text<&Config::appendfilename>("appendfilename", "appendonly.aof", kImmutable, kHarmless,
                                  "Base name of the append-only file's parts.")
        .checked(check_appendfilename),
    text<&Config::appenddirname>("appenddirname", "appendonlydir", kImmutable, kHarmless,
                                 "Directory of the append-only file's parts, inside dir.")
        .checked(check_appenddirname),
    choice<&Config::appendfsync>("appendfsync", kFsyncNames, 0, kModifiable, kHarmless,
                                 "When the append-only file is flushed to disk."),
    boolean<&Config::no_appendfsync_on_rewrite>(
        "no-appendfsync-on-rewrite", false, kModifiable, kHarmless,
        "Do not flush the append-only file during a save or rewrite."),
    number<&Config::auto_aof_rewrite_percentage>("auto-aof-rewrite-percentage", 100, {}, kModifiable,
                                                 kHarmless,
                                                 "Growth in percent that starts a rewrite; 0 never."),
    memory<&Config::auto_aof_rewrite_min_size>("auto-aof-rewrite-min-size", 64 << 20, {0, kAny}, kModifiable,
                                               kHarmless, "Size below which no rewrite starts by itself."),
    boolean<&Config::aof_load_truncated>("aof-load-truncated", true, kModifiable, kHarmless,
                                         "Load an append-only file whose end is cut off."),
    boolean<&Config::aof_use_rdb_preamble>("aof-use-rdb-preamble", true, kModifiable, kHarmless,
                                           "Write the base of the append-only file as RDB."),
    boolean<&Config::aof_timestamp_enabled>("aof-timestamp-enabled", false, kModifiable, kHarmless,
                                            "Write timestamps into the append-only file."),
    boolean<&Config::aof_rewrite_incremental_fsync>(
        "aof-rewrite-incremental-fsync", true, kModifiable, kHarmless,
        "Flush a rewrite to disk bit by bit while it is written."),
    boolean<&Config::aof_disable_auto_gc>("aof-disable-auto-gc", false, kHidden, kHarmless,
                                          "Keep the append-only file's parts that are no longer needed."),
};

}  // namespace

std::span<const ConfigRow> persistence_rows() { return kRows; }

}  // namespace gyre::server::rows
