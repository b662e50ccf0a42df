// Both sides of replication.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kDisklessLoadNames[] = {named("disabled", DisklessLoad::kDisabled),
                                           named("on-empty-db", DisklessLoad::kOnEmptyDb),
                                           named("swapdb", DisklessLoad::kSwapdb)};
constexpr EnumName kPropagationNames[] = {named("ignore", PropagationError::kIgnore),
                                          named("panic", PropagationError::kPanic),
                                          named("panic-on-replicas", PropagationError::kPanicOnReplicas)};

constexpr int64_t kMinBacklogBytes = 16 << 10;

/// Redis raises what is too small to be of use.
bool raise_backlog(int64_t& value, std::string&) {
  value = std::max(value, kMinBacklogBytes);
  return true;
}

constinit const ConfigRow kRows[] = {
    special("replicaof", kReplicaOfType, "", kImmutable | kMultiArg, kRequired,
            "Host and port of the primary to copy; \"no one\" makes this a primary.")
        .with_alias("slaveof"),
    text<&Config::masterauth>("masterauth", "", kSensitive | kEmptyIsNull, kHarmless,
                              "Password for the primary."),
    text<&Config::masteruser>("masteruser", "", kSensitive | kEmptyIsNull, kHarmless,
                              "User name for the primary."),
    boolean<&Config::replica_serve_stale_data>("replica-serve-stale-data", true, kModifiable, kHarmless,
                                               "Answer clients while the link to the primary is down.")
        .with_alias("slave-serve-stale-data"),
    boolean<&Config::replica_read_only>("replica-read-only", true, kDebug, kHarmless,
                                        "Refuse writes of clients on a replica.")
        .with_alias("slave-read-only"),
    boolean<&Config::replica_ignore_maxmemory>("replica-ignore-maxmemory", true, kModifiable, kHarmless,
                                               "A replica leaves eviction to its primary.")
        .with_alias("slave-ignore-maxmemory"),
    boolean<&Config::replica_ignore_disk_write_errors>("replica-ignore-disk-write-errors", false, kModifiable,
                                                       kHarmless,
                                                       "A replica goes on when its own disk fails."),
    boolean<&Config::replica_lazy_flush>("replica-lazy-flush", false, kModifiable, kHarmless,
                                         "Before a full sync, free the old data in the background.")
        .with_alias("slave-lazy-flush"),
    boolean<&Config::replica_announced>("replica-announced", true, kModifiable, kExists,
                                        "Let Sentinel report this replica to clients."),
    text<&Config::replica_announce_ip>("replica-announce-ip", "", kEmptyIsNull, kHarmless,
                                       "Address a replica gives to its primary.")
        .with_alias("slave-announce-ip"),
    number<&Config::replica_announce_port>("replica-announce-port", 0, {0, 65535}, kModifiable, kHarmless,
                                           "Port a replica gives to its primary; 0 gives its own.")
        .with_alias("slave-announce-port"),
    number<&Config::replica_priority>("replica-priority", 100, {}, kModifiable, kHarmless,
                                      "Sentinel promotes the lowest first, and never one with 0.")
        .with_alias("slave-priority"),
    boolean<&Config::repl_diskless_sync>("repl-diskless-sync", true, kDebug, kExists,
                                         "Stream a full sync to the sockets without a file between."),
    number<&Config::repl_diskless_sync_delay>("repl-diskless-sync-delay", 5, {}, kModifiable, kExists,
                                              "Seconds to wait for more replicas before a full sync starts."),
    number<&Config::repl_diskless_sync_max_replicas>(
        "repl-diskless-sync-max-replicas", 0, {}, kModifiable, kExists,
        "Replicas after which a full sync waits no longer; 0: never."),
    memory<&Config::repl_sync_bandwidth>("repl-sync-bandwidth", 0, {0, kAny}, kModifiable, kExists,
                                         "Bytes a second that a full sync sends to each replica; 0: no limit."),
    memory<&Config::repl_sync_pre_image_limit>(
        "repl-sync-pre-image-limit", 256 << 20, {1 << 20, kAny}, kModifiable, kExists,
        "Memory for what writers overwrite during a full sync; at half of it they are slowed down."),
    boolean<&Config::repl_slow_writers>("repl-slow-writers", true, kModifiable, kExists,
                                        "Slow writers down, to 4 MB a second at the least, before a replica is dropped at its limit."),
    choice<&Config::repl_diskless_load>("repl-diskless-load", kDisklessLoadNames, 0, kDebug | kDenyLoading,
                                        kHarmless,
                                        "How a replica loads a full sync: from a file or from the socket."),
    boolean<&Config::repl_disable_tcp_nodelay>("repl-disable-tcp-nodelay", false, kModifiable, kExists,
                                               "Fewer, larger packets to replicas, later by up to 40 ms."),
    number<&Config::repl_ping_replica_period>("repl-ping-replica-period", 10, {1, INT_MAX}, kModifiable,
                                              kExists, "Seconds between pings to replicas.")
        .with_alias("repl-ping-slave-period"),
    number<&Config::repl_timeout>("repl-timeout", 60, {1, INT_MAX}, kModifiable, kExists,
                                  "Seconds of silence after which a replication link is given up."),
    memory<&Config::repl_backlog_size>("repl-backlog-size", 1 << 20, {1, kAny}, kModifiable, kExists,
                                       "Replication stream kept for replicas that come back.")
        .checked(raise_backlog),
    number<&Config::repl_backlog_ttl>("repl-backlog-ttl", 3600, {0, kAny}, kModifiable, kExists,
                                      "Seconds without replicas after which the backlog is freed; 0: never."),
    number<&Config::min_replicas_to_write>("min-replicas-to-write", 0, {}, kModifiable, kExists,
                                           "Refuse writes with fewer good replicas than this.")
        .with_alias("min-slaves-to-write"),
    number<&Config::min_replicas_max_lag>(
        "min-replicas-max-lag", 10, {}, kModifiable, kExists,
        "Seconds since its last sign of life up to which a replica is good.")
        .with_alias("min-slaves-max-lag"),
    choice<&Config::propagation_error_behavior>(
        "propagation-error-behavior", kPropagationNames, 0, kModifiable, kHarmless,
        "What to do when a command from the primary or a file fails."),
};

}  // namespace

std::span<const ConfigRow> replication_rows() { return kRows; }

}  // namespace gyre::server::rows
