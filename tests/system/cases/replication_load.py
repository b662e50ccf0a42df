"""Replicas while writers write: full syncs in the middle of it, links that break, evictions and expirations."""
import os
import threading
import time

from harness.framework import check, eq, eventually, test
from harness.replication import (RawReplica, has_link, in_step, key_counts, log_count, online_replicas, primary,
                                 primary_offset, replication, same_data, stat, stock_replica)
from harness.replication_writers import preload, settle, start_writers, stop_writers, throttle


def under_load(t, wild, seconds, bandwidth=0, **settings):
    """A stock replica attaches while writers write; in the end it has the same data."""
    server = primary(t, client_output_buffer_limit="replica 0 0 0", **settings)
    throttle(t, server, bandwidth)
    preload(server, t.size(2500, quick=500, long=100000), databases=(0, 1, 2, 3))
    writers = start_writers(t, server, 3, wild=wild, largest=t.size(5 << 20, quick=200000, long=100 << 20))
    with server.client(timeout_s=120) as c:
        if not t.quick:
            for n in range(2):
                c("SET", "key:%d" % n, os.urandom(1 << 20) * 20)
        time.sleep(0.2)
        replica = stock_replica(t, server)
        began = time.monotonic()
        eventually(lambda: online_replicas(c) == 1, "the sync does not end", t.size(60, long=600), t.patience)
        took = time.monotonic() - began
    has_link(t, replica)
    time.sleep(seconds)
    count = stop_writers(writers)
    in_step(t, server, [replica])
    settle(t, [server, replica])
    in_step(t, server, [replica])
    same_data(t, [server, replica])
    t.note("%d commands, sync of %.1f s, keys %r" % (count, took, key_counts(server)))
    with server.client() as c:
        if t.is_gyre():  # stock begins anew after FLUSHALL
            eq(stat(c, "sync_full"), 1)
        eq(replication(c)["connected_slaves"], "1")


# --- full syncs ---------------------------------------------------------------------------------------------
@test(limit_s=120)
def replica_under_load(t):
    """Strings, times, renames, copies and transactions of three writers in four databases during a slow full sync."""
    under_load(t, 0.0, t.size(0.5, quick=0, long=20), bandwidth=t.size(16000000, quick=800000, long=8000000))


@test(limit_s=120, quick=False)
def slow_walk_under_load(t):
    """The same with a walk that takes its time over each key, so that most of them are overwritten before it comes."""
    under_load(t, 0.0, 0, rdb_key_save_delay=t.size(100, quick=100))


@test(limit_s=120)
def flush_and_swap_under_load(t):
    """The same with FLUSHDB, FLUSHALL and SWAPDB in the middle of the walk."""
    under_load(t, 0.005, 0, rdb_key_save_delay=t.size(100, quick=100))


# --- the stream under load -------------------------------------------------------------------------------------
class Reader(threading.Thread):
    """Reads the stream to the offset that it is told at last; breaks its link now and then and goes on with PSYNC."""

    def __init__(self, t, server, breaks):
        super().__init__(daemon=True)
        self.t, self.server, self.breaks = t, server, breaks
        self.replica = RawReplica(t, server)
        self.end, self.fault, self.parts, self.partial = None, None, [], 0

    def begin(self):
        self.replica.psync()
        self.first = self.replica.offset
        self.start()

    def run(self):
        try:
            while self.end is None or self.replica.offset < self.end:
                self.step()
        except Exception as fault:  # noqa: B902  (shown by the test)
            self.fault = fault

    def step(self):
        link = self.replica.link
        if len(link.buffer) == link.position:
            self.replica.more()
        self.parts.append(self.replica.read_exactly(len(link.buffer) - link.position))
        if self.breaks and len(self.parts) % 20 == 0 and self.partial < self.breaks:
            self.replica.close()
            again = RawReplica(self.t, self.server)
            eq(again.psync(self.replica.id, self.replica.offset + 1), "continue")
            self.replica, self.partial = again, self.partial + 1


def commands_of(stream):
    """The stream as commands; every byte of it belongs to one."""
    at, commands = 0, []
    while at < len(stream):
        check(stream[at:at + 1] == b"*", "no command at byte %d: %r" % (at, stream[at:at + 60]))
        end = stream.index(b"\r\n", at)
        words = []
        count, at = int(stream[at + 1:end]), end + 2
        for _ in range(count):
            end = stream.index(b"\r\n", at)
            check(stream[at:at + 1] == b"$", "no argument at byte %d: %r" % (at, stream[at:at + 60]))
            size = int(stream[at + 1:end])
            words.append(stream[end + 2:end + 2 + size])
            at = end + 2 + size + 2
        commands.append(words)
    return commands


@test(limit_s=120)
def readers_with_broken_links_see_one_stream(t):
    """Two readers, one of which loses its link again and again, get the same bytes while writers write: whole commands,
    transactions that nothing stands within, and so the primary's data set when they are applied elsewhere."""
    server = primary(t, repl_backlog_size="64mb", repl_ping_replica_period=1, client_output_buffer_limit="replica 0 0 0")
    readers = [Reader(t, server, 0), Reader(t, server, t.size(100, quick=20, long=1000))]
    for reader in readers:
        reader.begin()
    follower = stock_replica(t, server)
    writers = start_writers(t, server, 4, keys=500, largest=20000, wild=0.002)
    time.sleep(t.size(1, quick=0.4, long=20))
    count = stop_writers(writers)
    settle(t, [server])
    c = t.client(server)
    c("SET", "the end", 1)
    head = primary_offset(c)
    for reader in readers:
        reader.end = head
    for reader in readers:
        reader.join(60 * t.patience)
        if reader.fault:
            raise reader.fault
        check(not reader.is_alive(), "a reader does not reach the end")
    streams = [b"".join(reader.parts)[:head - reader.first] for reader in readers]
    shift = readers[1].first - readers[0].first
    check(streams[0][shift:] == streams[1], "the readers saw different bytes")
    commands = commands_of(streams[0])
    inside = False
    for words in commands:
        if words[0] == b"MULTI":
            check(not inside, "MULTI inside a transaction")
            inside = True
        elif words[0] == b"EXEC":
            check(inside, "EXEC without MULTI")
            inside = False
        else:
            check(not inside or words[0].upper() not in (b"PING", b"REPLCONF"), "%r inside a transaction" % words)
    check(not inside, "the last transaction has no EXEC")
    t.note("%d commands, %d in the stream of %d bytes, %d links broken" % (count, len(commands), len(streams[0]), readers[1].partial))
    in_step(t, server, [follower])
    same_data(t, [server, follower])


@test(limit_s=120, quick=False)
def stock_replica_with_broken_links(t):
    """A stock replica whose link is cut again and again under load keeps up by partial syncs."""
    server = primary(t, repl_backlog_size="64mb")
    replica = stock_replica(t, server)
    has_link(t, replica)
    writers = start_writers(t, server, 2, keys=500, largest=20000)
    with server.client(timeout_s=60) as c:
        for turn in range(t.size(5, quick=2)):
            eventually(lambda: online_replicas(c) == 1 and c("CLIENT", "KILL", "TYPE", "replica") == 1, "no replica to kill", 20, t.patience)
            eventually(lambda: stat(c, "sync_partial_ok") == turn + 1, "no partial sync", 30, t.patience)
        stop_writers(writers)
        settle(t, [server])
        eq(stat(c, "sync_full"), 1)
    in_step(t, server, [replica])
    same_data(t, [server, replica])


@test
def late_one_waits_for_the_next(t):
    """A replica that comes while an image is sent gets one of its own afterwards; both have the same data."""
    server = primary(t, rdbcompression="no")
    throttle(t, server, 1000000, rdb_key_save_delay=200)
    preload(server, 4000, 300)
    first = stock_replica(t, server)
    eventually(lambda: log_count(server, "Starting BGSAVE for SYNC"), "no sync", 10, t.patience)
    second = stock_replica(t, server)
    with server.client() as c:
        eventually(lambda: replication(c)["connected_slaves"] == "2", "the second does not come", 10, t.patience)
        c("SET", "between", 1)
        throttle(t, server, 0, rdb_key_save_delay=0)
    for replica in (first, second):
        has_link(t, replica)
    in_step(t, server, [first, second])
    same_data(t, [server, first, second])
    eq(log_count(server, "Starting BGSAVE for SYNC"), 2)


@test(limit_s=120)
def more_is_overwritten_than_memory_allows(t):
    """Where repl-sync-pre-image-limit is small and much is overwritten during a sync, the replica gets the data at last."""
    server = primary(t, rdbcompression="no", rdb_key_save_delay=1000)
    if t.is_gyre():
        with server.client() as c:
            c("CONFIG", "SET", "repl-sync-pre-image-limit", 1 << 20)
    count = t.size(500, quick=300)
    preload(server, count, 50000)
    with server.client(timeout_s=60) as c:
        replica = stock_replica(t, server)
        eventually(lambda: log_count(server, "Background RDB transfer started"), "no sync", 20, t.patience)
        for first in range(count - 100, -1, -100):
            # One transaction overwrites five times what is allowed.
            c.pipeline([("MULTI",)] + [("SET", "key:%d" % n, "o" * 50000) for n in range(first, first + 100)] + [("EXEC",)])
    has_link(t, replica)
    in_step(t, server, [replica])
    same_data(t, [server, replica])
    t.note("%d syncs, %d given up" % (log_count(server, "Starting BGSAVE for SYNC"), log_count(server, "Full sync given up")))


# --- what the server itself deletes ----------------------------------------------------------------------------
@test
def evictions_and_expirations(t):
    """Keys that the primary evicts or that run out untouched are deleted in the stream, and so on the replica."""
    server = primary(t, maxmemory="12mb", maxmemory_policy="allkeys-random", repl_backlog_size="1mb")
    reader = RawReplica(t, server)
    reader.psync()
    replica = stock_replica(t, server)
    has_link(t, replica)
    with server.client(timeout_s=60) as c:
        for first in range(0, 15000, 500):
            c.pipeline([("SET", "key:%d" % n, "e" * 1000) for n in range(first, first + 500)])
        check(stat(c, "evicted_keys") > 0, "nothing was evicted")
        in_step(t, server, [replica])
        same_data(t, [server, replica])
        c("CONFIG", "SET", "maxmemory", 0)
        reader.read_to_head(c)
        c("SET", "short", "lived", "PX", 50)
        commands = reader.commands_until("short")
        commands = reader.commands_until("short")
        check(not commands or commands == [[b"ping"]] or commands == [[b"PING"]], "%r before the key ran out" % commands)
        eq(c("EXISTS", "short"), 0)
    in_step(t, server, [replica])
    same_data(t, [server, replica])


@test
def times_to_live_arrive(t):
    """A full sync and the stream bring the moment at which each key ends, to the millisecond."""
    server = primary(t)
    c = t.client(server)
    far = int(time.time() * 1000) + 10**7
    moments = {b"key:%d" % n: far + t.random.randrange(10**9) for n in range(300)}
    c.pipeline([("SET", key, "v", "PXAT", moment) for key, moment in moments.items()])
    replica = stock_replica(t, server)
    has_link(t, replica)
    for n in range(300, 400):
        moments[b"key:%d" % n] = far + n
        c("SET", "key:%d" % n, "v")
        c("PEXPIREAT", "key:%d" % n, far + n)
    in_step(t, server, [replica])
    r = t.client(replica)
    eq(r.pipeline([("PEXPIRETIME", key) for key in moments]), list(moments.values()))


@test
def changed_id_ends_partial_syncs(t):
    """After DEBUG CHANGE-REPL-ID the old id is no longer known."""
    server = primary(t)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    replica.close()
    eq(c("DEBUG", "CHANGE-REPL-ID"), "OK")
    again = RawReplica(t, server)
    eq(again.psync(replica.id, replica.offset + 1), "full")
    check(again.id != replica.id, "the id did not change")
    eq(replication(c)["master_replid"], again.id)


@test
def memory_and_traffic_are_counted(t):
    """The backlog's memory and the bytes sent to replicas stand in INFO."""
    server = primary(t)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    before = stat(c, "total_net_repl_output_bytes")
    for n in range(20):
        c("SET", "k", "x" * 20000)
    replica.read_to_head(c)
    eventually(lambda: stat(c, "total_net_repl_output_bytes") >= before + 400000, "the bytes are not counted", 10, t.patience)
    check(int(server.info("memory")["mem_replication_backlog"]) > 300000, "mem_replication_backlog")
