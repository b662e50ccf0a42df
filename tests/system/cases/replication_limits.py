"""Pings, time limits and output limits of replicas, the end of the backlog."""
import time

from harness.framework import between, check, eq, eventually, test
from harness.replication import (RawReplica, log_count, no_replicas, online_replicas, primary,
                                 primary_offset, replication, stat)

QUIET = {"repl_ping_replica_period": 3600}


# --- what time brings ------------------------------------------------------------------------------------------
@test(quick=False)
def pings(t):
    """A PING every repl-ping-replica-period seconds stands in the stream, and counts in the offset."""
    server = primary(t, repl_ping_replica_period=1)
    replica = RawReplica(t, server)
    replica.psync()
    began = time.monotonic()
    for _ in range(3):
        eq(replica.read_command(), [b"ping"])
    between(time.monotonic() - began, 1.5, 10 * t.patience, "seconds for three PINGs")
    eq(primary_offset(t.client(server)) - replica.offset in (0, 14), True, "offset")


@test(quick=False)
def silent_replica_is_dropped(t):
    """One that stops acknowledging is dropped after repl-timeout, with a line in the log; one that acknowledges stays."""
    server = primary(t, repl_timeout=1, repl_ping_replica_period=1)
    c = t.client(server)
    silent, good = RawReplica(t, server, port=7001), RawReplica(t, server, port=7002)
    for replica in (silent, good):
        replica.psync()
        replica.read_command()
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        good.read_command()
        good.ack()
    eventually(lambda: log_count(server, "Disconnecting timedout replica (streaming sync): 127.0.0.1:7001"), "no word in the log", 10, t.patience)
    eq(log_count(server, "Disconnecting timedout replica (streaming sync): 127.0.0.1:7002"), 0)
    check(silent.link.is_closed(5 * t.patience), "the silent one stays connected")
    eq(online_replicas(c), 1)


@test(quick=False)
def newlines_of_a_loading_replica(t):
    """One that loads its image for longer than repl-timeout acknowledges nothing, sends newlines and is not dropped."""
    server = primary(t, repl_timeout=1)
    replica = RawReplica(t, server)
    replica.online = lambda: None
    replica.psync()
    limit = time.monotonic() + 4
    while time.monotonic() < limit:
        replica.link.send_raw(b"\n")
        time.sleep(0.1)
    eq(log_count(server, "Disconnecting timedout replica"), 0)
    c = t.client(server)
    c("SET", "k", "v")
    check(replica.link.nothing_comes(), "the stream begins before the replica asked for it")
    RawReplica.online(replica)
    eq([w.upper() for w in replica.read_command()], [b"SELECT", b"0"])
    eq(replica.read_command(), [b"SET", b"k", b"v"])


@test(quick=False)
def one_that_stops_reading_is_dropped_alone(t):
    """Of two that share an image, the one that reads nothing is dropped after repl-timeout; the other gets all of it."""
    server = primary(t, repl_timeout=2, repl_diskless_sync_delay=60, repl_diskless_sync_max_replicas=2, rdbcompression="no")
    c = t.client(server)
    c.pipeline([("SET", "big%d" % n, t.random.randbytes(1 << 20)) for n in range(30)])
    stuck, good = RawReplica(t, server, port=7001, receive_buffer=4096), RawReplica(t, server, port=7002)
    stuck.link.send("PSYNC", "?", -1)
    eq(good.psync(), "full")
    check(len(good.image) > 30 << 20, "an image of %d bytes" % len(good.image))
    eq(log_count(server, "Disconnecting timedout replica (full sync): 127.0.0.1:7001"), 1)
    eq(log_count(server, "Disconnecting timedout replica (full sync): 127.0.0.1:7002"), 0)


def writes_until_dropped(t, server, replica, total):
    c = t.client(server)
    value = "x" * 100000
    for n in range(total // 100000):
        c("SET", "k%d" % (n % 10), value)
        if b"scheduled to be closed ASAP for overcoming of output buffer limits" in server.log():
            break
    eventually(lambda: log_count(server, "for overcoming of output buffer limits"), "the replica is not dropped", 10, t.patience)
    no_replicas(t, c)
    return c


@test
def output_limit_of_the_stream(t):
    """A replica that reads nothing is dropped at client-output-buffer-limit replica, and the memory comes back."""
    server = primary(t, client_output_buffer_limit="replica 4mb 0 0")
    c = t.client(server)
    c.pipeline([("SET", "k%d" % n, "x" * 100000) for n in range(10)])
    replica = RawReplica(t, server, receive_buffer=4096)
    replica.psync()
    before = int(server.info("memory")["used_memory"])
    writes_until_dropped(t, server, replica, 60 << 20)
    eventually(lambda: int(server.info("memory")["used_memory"]) < before + (3 << 20), "the memory does not come back", 10, t.patience)
    if t.is_gyre():
        check("client-output-buffer-limit" in server.log().decode(), "the log does not name the setting")
        check(server.resident_bytes() < (200 << 20) * t.patience, "%d bytes resident" % server.resident_bytes())
    again = RawReplica(t, server)
    eq(again.psync(), "full")
    eventually(lambda: online_replicas(c) == 1, "the next one does not come online", 10, t.patience)


@test
def output_limit_during_the_image(t):
    """The same for one that does not even read its image; the sync ends and another one works."""
    server = primary(t, client_output_buffer_limit="replica 4mb 0 0", rdbcompression="no")
    c = t.client(server)
    c.pipeline([("SET", "big%d" % n, t.random.randbytes(1 << 20)) for n in range(20)])
    replica = RawReplica(t, server, receive_buffer=4096)
    eq(replica.psync(read_image=False), "full")
    check(replica.line().startswith("$EOF:"), "no image")
    writes_until_dropped(t, server, replica, 60 << 20)
    again = RawReplica(t, server)
    eq(again.psync(), "full")
    check(len(again.image) > 20 << 20, "an image of %d bytes" % len(again.image))


@test(quick=False)
def backlog_ends(t):
    """repl-backlog-ttl 1: without replicas the backlog is freed and the id changes, so that a return is a full sync."""
    server = primary(t, repl_backlog_ttl=1)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    c("SET", "k", "v")
    replica.read_to_head(c)
    head = replica.offset
    # With a replica it stays, however long: two turns of the cron at least.
    pings = time.monotonic() + 2.5
    while time.monotonic() < pings:
        eq(replication(c)["repl_backlog_active"], "1", "with a replica it stays")
    replica.close()
    eventually(lambda: replication(c)["repl_backlog_active"] == "0", "the backlog stays", 20, t.patience)
    fields = replication(c)
    check(fields["master_replid"] != replica.id, "the id stays")
    eq((fields["master_replid2"], fields["master_repl_offset"]), ("0" * 40, str(head)))
    check(log_count(server, "Replication backlog freed after 1 seconds without connected replicas."), "no word in the log")
    again = RawReplica(t, server)
    eq(again.psync(replica.id, head + 1), "full")
    check(again.id != replica.id, "the old id")
    check(again.offset >= head, "the offset went back")


@test
def backlog_size_changes(t):
    """CONFIG SET repl-backlog-size while a replica follows: what it still keeps is still given."""
    server = primary(t, **QUIET)
    c = t.client(server)
    replica = RawReplica(t, server)
    replica.psync()
    for size in (16384, 4 << 20, 100000):
        eq(c("CONFIG", "SET", "repl-backlog-size", size), "OK")
        c.pipeline([("SET", "k", "x" * 1000)] * 500)
        replica.read_to_head(c)
        fields = replication(c)
        eq(fields["repl_backlog_size"], str(size))
        check(int(fields["repl_backlog_histlen"]) <= size + 65536 + 2048, "histlen " + fields["repl_backlog_histlen"])
    eq(stat(c, "sync_full"), 1)
