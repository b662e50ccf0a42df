// Listening, clients, buffers, threads and the I/O backend.
#include "config_row_builders.h"

namespace gyre::server::rows {
namespace {

using enum Effect;

constexpr EnumName kBackendNames[] = {named("auto", IoBackend::kAuto), named("io_uring", IoBackend::kIoUring),
                                      named("epoll", IoBackend::kEpoll)};
constexpr EnumName kZeroCopyNames[] = {named("auto", ZeroCopy::kAuto), named("on", ZeroCopy::kOn),
                                       named("off", ZeroCopy::kOff)};

constinit const ConfigRow kRows[] = {
    special("bind", kBindType, "* -::*", kModifiable | kMultiArg, kExists,
            "Addresses to listen on; one that starts with - may be missing on this machine."),
    text<&Config::bind_source_addr>("bind-source-addr", "", kModifiable | kEmptyIsNull, kHarmless,
                                    "Local address of connections that this server opens."),
    number<&Config::port>("port", 6379, {0, 65535}, kModifiable, kExists, "TCP port; 0 listens on none."),
    number<&Config::tcp_backlog>("tcp-backlog", 511, {}, kImmutable, kExists,
                                 "Connections the kernel keeps waiting to be accepted."),
    number<&Config::tcp_keepalive>("tcp-keepalive", 300, {}, kModifiable, kExists,
                                   "Seconds of silence before a connection is probed; 0 never probes."),
    text<&Config::unixsocket>("unixsocket", "", kImmutable | kEmptyIsNull, kExists,
                              "Path of a Unix socket to listen on as well."),
    [] {
      ConfigRow row =
          number<&Config::unixsocketperm>("unixsocketperm", 0, {0, 0777}, kImmutable, kExists,
                                          "Permission bits of the Unix socket, octal; 0 leaves the umask's.");
      row.unit = NumberUnit::kOctal;
      return row;
    }(),
    number<&Config::socket_mark_id>("socket-mark-id", 0, {0, UINT_MAX}, kImmutable, kRequired,
                                    "Mark put on every listening socket for the packet filter (SO_MARK)."),
    number<&Config::timeout>("timeout", 0, {}, kModifiable, kExists,
                             "Seconds after which an idle client is disconnected; 0 never."),
    number<&Config::maxclients>("maxclients", 10000, {1, UINT_MAX}, kModifiable, kExists,
                                "Connections accepted at the same time."),
    boolean<&Config::protected_mode>("protected-mode", true, kModifiable, kExists,
                                     "Without a password, serve clients of this machine only."),
    memory<&Config::proto_max_bulk_len>("proto-max-bulk-len", 512ll << 20, {1 << 20, kAny}, kDebug, kExists,
                                        "Longest single argument a client may send."),
    memory<&Config::client_query_buffer_limit>("client-query-buffer-limit", 1ll << 30, {1 << 20, kAny},
                                               kDebug, kExists,
                                               "Unparsed input kept for one client before it is dropped."),
    special(
        "client-output-buffer-limit", kOutputLimitType,
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", kMultiArg, kExists,
        "Output waiting for one client before it is dropped, by class: hard and soft limit, soft seconds."),
    memory<&Config::client_output_pause_bytes>(
        "client-output-pause-bytes", 32ll << 20, {64 << 10, kAny}, kModifiable, kExists,
        "While more output than this waits for a client, its input is not read."),
    [] {
      ConfigRow row = memory<&Config::maxmemory_clients>(
          "maxmemory-clients", 0, {-100, kAny}, kModifiable, kHarmless,
          "Memory of all client buffers together before clients are dropped.");
      row.unit = NumberUnit::kPercentOrMemory;
      return row;
    }(),
    special("threads", kThreadsType, "auto", kImmutable | kSameAllowed | kDebug, kExists,
            "Threads that serve clients and run commands; auto takes one per usable core.")
        .with_alias("io-threads"),
    boolean<&Config::io_threads_do_reads>("io-threads-do-reads", false, kDebug | kImmutable, kHarmless,
                                          "Of Redis's I/O threads; every thread of Gyre reads."),
    choice<&Config::io_backend>("io-backend", kBackendNames, 0, kImmutable | kSameAllowed | kDebug, kExists,
                                "Kernel interface for I/O; auto takes io_uring where it is allowed."),
    special("io-uring-features", kUringFeaturesType, "all", kImmutable | kSameAllowed | kMultiArg | kDebug, kExists,
            "Features of io_uring to use where the kernel has them: all, none, names, or -name to leave one "
            "out."),
    choice<&Config::zero_copy>("zero-copy", kZeroCopyNames, 0, kModifiable, kExists,
                               "Send large replies without copying them into the kernel."),
};

}  // namespace

std::span<const ConfigRow> network_rows() { return kRows; }

}  // namespace gyre::server::rows
