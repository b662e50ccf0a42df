"""How replicas reach a primary, and what is sent to them without a copy."""
import threading
import time

from harness.framework import check, eq, eventually, test
from harness.replication import (RawReplica, has_link, in_step, log_count, no_replicas, online_replicas, primary,
                                 primary_offset, replication, same_data, stat, stock_beside, stock_replica)
from harness.replication_writers import preload
from harness.resp_client import ConnectionClosed


# --- links -----------------------------------------------------------------------------------------------------
@test
def over_ipv6(t):
    """A stock replica that comes over IPv6 syncs and follows; INFO and the log show its address as Redis writes it."""
    server = primary(t, bind=["127.0.0.1", "::1"])
    preload(server, 500)
    replica = stock_beside(t, server, enable_debug_command="yes", replicaof=["::1", server.port])
    has_link(t, replica)
    c = t.client(server)
    c("SET", "behind", "it")
    in_step(t, server, [replica])
    same_data(t, [server, replica])
    check(replication(c)["slave0"].startswith("ip=::1,port=%d,state=online," % replica.port), replication(c)["slave0"])
    eq(c("ROLE")[2][0][:2], [b"::1", b"%d" % replica.port])
    eq(log_count(server, "Synchronization with replica [::1]:%d succeeded" % replica.port), 1)


@test
def with_a_password(t):
    """With requirepass a replica needs masterauth; one that is linked stays when the password changes."""
    server = primary(t, requirepass="let me in")
    preload(server, 500)
    replica = stock_replica(t, server)
    r = t.client(replica)
    eventually(lambda: b"NOAUTH" in replica.log(), "the replica is not refused", 20, t.patience)
    eq(replication(r)["master_link_status"], "down")
    r("CONFIG", "SET", "masterauth", "let me in")
    has_link(t, replica)
    c = t.client(server)
    c("CONFIG", "SET", "requirepass", "something else")
    server.password = "something else"
    c("SET", "behind", "it")
    in_step(t, server, [replica])
    same_data(t, [server, replica])
    eq(stat(c, "sync_full"), 1)
    eq(replication(r)["master_link_status"], "up")


@test
def without_a_listening_port(t):
    """A replica that did not say where it listens is called by its address alone."""
    server = primary(t)
    replica = RawReplica(t, server, handshake=False)
    eq(replica.link("REPLCONF", "capa", "eof", "capa", "psync2"), "OK")
    eq(replica.psync(), "full")
    c = t.client(server)
    eventually(lambda: online_replicas(c) == 1, "it does not come online", 10, t.patience)
    eq(log_count(server, "Replica 127.0.0.1:<unknown-replica-port> asks for synchronization"), 1)
    check(",port=0," in replication(c)["slave0"], replication(c)["slave0"])


@test
def the_offset_without_replicas(t):
    """Before the first replica there is no stream: writes leave master_repl_offset at 0."""
    server = primary(t)
    c = t.client(server)
    for n in range(10):
        c("SET", "k", n)
    eq((primary_offset(c), replication(c)["repl_backlog_active"]), (0, "0"))


# --- a sync that cannot keep up --------------------------------------------------------------------------------
@test(limit_s=120)
def pre_images_up_to_their_limit(t):
    """A replica that does not read its image while much is overwritten by transactions: the sync is given up with a line that
    names the setting, memory stays bounded, and the next sync works."""
    overwrite_during_a_stuck_sync(t, ("MULTI",), ("EXEC",))


@test(limit_s=120)
def pre_images_of_plain_writes(t):
    """The same with plain writes: they wait for the image, but not for one that nobody takes."""
    overwrite_during_a_stuck_sync(t)


def overwrite_during_a_stuck_sync(t, begin=None, end=None):
    server = primary(t, rdbcompression="no", client_output_buffer_limit="replica 0 0 0")
    if not t.is_gyre():
        t.skip("stock keeps the image in a child")
    limit, size, count = 4 << 20, 20000, 3000
    c = t.client(server, timeout_s=60)
    c("CONFIG", "SET", "repl-sync-pre-image-limit", limit, "repl-backlog-size", 16384)
    preload(server, count, size)
    replica = RawReplica(t, server, receive_buffer=4096)
    before = int(server.info("memory")["used_memory"])
    eq(replica.psync(read_image=False), "full")
    check(replica.line().startswith("$EOF:"), "no image")
    highest = 0
    for first in range(0, count, 100):
        writes = [("SET", "key:%d" % n, "o" * size) for n in range(first, first + 100)]
        c.pipeline([begin] + writes + [end] if begin else writes)
        # The stream is kept for the replica as well: client-output-buffer-limit bounds that.
        highest = max(highest, int(server.info("memory")["used_memory"]) - (primary_offset(c) - replica.offset))
        if log_count(server, "Full sync given up"):
            break
    eventually(lambda: log_count(server, "repl-sync-pre-image-limit"), "no word of the setting in the log", 10, t.patience)
    # Pre-images, chunks on their way (4 MB, and what the connection holds), one transaction's arguments.
    bound = before + 2 * limit + (24 << 20)
    check(highest < bound, "%d bytes used, %d before" % (highest, before))
    no_replicas(t, c)
    eventually(lambda: int(server.info("memory")["used_memory"]) < before + (3 << 20), "the memory does not come back", 10, t.patience)
    again = RawReplica(t, server)
    eq(again.psync(), "full")
    check(len(again.image) > count * size, "an image of %d bytes" % len(again.image))


# --- without copies --------------------------------------------------------------------------------------------
@test(limit_s=120)
def nothing_is_copied_on_the_way(t):
    """A full sync and the stream behind it: no byte is copied in user space once it is in a chunk or in the journal; with
    zero-copy on they go that way on io_uring, and whether the kernel copied after all is counted."""
    server = primary(t)
    if not t.is_gyre():
        t.skip("INFO's fields of Gyre")
    preload(server, 20000, 500)
    c = t.client(server, timeout_s=60)
    eq(c("CONFIG", "SET", "zero-copy", "on"), "OK")
    large = t.random.randbytes(3 << 20)
    c.pipeline([("SET", "large:%d" % n, large) for n in range(3)])
    replica = stock_replica(t, server)
    has_link(t, replica)
    sync_bytes = stat(c, "total_net_repl_output_bytes")
    check(sync_bytes > 9 << 20, "%d bytes of image" % sync_bytes)
    before = primary_offset(c)
    for turn in range(t.size(20, quick=5)):
        c.pipeline([("SET", "key:%d" % n, "s" * 1000) for n in range(500)] + [("SET", "large:%d" % (turn % 3), large), ("APPEND", "large:0", "x" * 70000)])
    in_step(t, server, [replica])
    same_data(t, [server, replica])
    written = primary_offset(c) - before
    eventually(lambda: stat(c, "total_net_repl_output_bytes") >= sync_bytes + written, "the stream is not counted", 10, t.patience)
    eq(stat(c, "gyre_repl_copied_bytes"), 0)
    if server.info("server")["multiplexing_api"] == "epoll":
        eq(stat(c, "gyre_zero_copy_sends"), 0)
        return
    counts = {name: stat(c, "gyre_zero_copy_" + name) for name in ("sends", "bytes", "copied_bytes")}
    t.note("%d bytes to the replica, zero-copy %r" % (sync_bytes + written, counts))
    check(counts["sends"] > 0, "zero-copy on, and no such send")
    # Each send is counted with its notification, and what is not large enough for one goes in the ordinary way.
    eventually(lambda: stat(c, "gyre_zero_copy_bytes") + stat(c, "gyre_zero_copy_copied_bytes") > (sync_bytes + written) // 2,
               "only %r" % counts, 10, t.patience)


@test
def closed_by_limits(t):
    """Clients and replicas that were closed for their buffers are counted, until CONFIG RESETSTAT."""
    server = primary(t, client_output_buffer_limit="replica 4mb 0 0", repl_backlog_size=16384)
    if not t.is_gyre():
        t.skip("INFO's fields of Gyre")
    c = t.client(server)
    replica = RawReplica(t, server, receive_buffer=4096)
    replica.psync()
    eq(stat(c, "gyre_output_limit_disconnections"), 0)
    for _ in range(600):
        c("SET", "k", "x" * 100000)
        if stat(c, "gyre_output_limit_disconnections"):
            break
    eq(stat(c, "gyre_output_limit_disconnections"), 1)
    no_replicas(t, c)
    c("CONFIG", "RESETSTAT")
    eq([stat(c, name) for name in ("gyre_output_limit_disconnections", "sync_full", "total_net_repl_output_bytes")], [0, 0, 0])


# --- writers that are faster than a replica ----------------------------------------------------------------------
class SlowReader(threading.Thread):
    """Takes the stream at about `rate` bytes a second, until its end or `stop`."""

    def __init__(self, replica, rate):
        super().__init__()
        self.replica, self.rate, self.stop, self.ended = replica, rate, False, False

    def run(self):
        began, taken = time.monotonic(), 0
        try:
            while not self.stop:
                taken += len(self.replica.read_exactly(50000))
                self.replica.ack()
                time.sleep(max(0, taken / self.rate - (time.monotonic() - began)))
        except (ConnectionClosed, ConnectionResetError, BrokenPipeError, AssertionError):
            self.ended = True


@test(quick=False)
def writers_wait_for_a_replica_that_takes(t):
    """A replica that takes less than is written, but steadily, is not dropped at its limit: writers are slowed down. Without
    repl-slow-writers it is."""
    if not t.is_gyre():
        t.skip("Redis drops it")
    for slow in ("yes", "no"):
        server = t.server(save="", repl_diskless_sync_delay=0, client_output_buffer_limit="replica 32mb 0 0", repl_slow_writers=slow)
        c = t.client(server, timeout_s=60)
        replica = RawReplica(t, server)
        replica.psync()
        reader = SlowReader(replica, 12e6)
        reader.start()
        value, slowed = "x" * 10000, 0
        for _ in range(60 if slow == "yes" else 2000):
            c.pipeline([("SET", "key:%d" % n, value) for n in range(200)])
            slowed += int(replication(c)["gyre_writers_slowed"])
            if reader.ended:
                break
        eq(reader.ended, slow == "no", "dropped with repl-slow-writers " + slow)
        eq(slowed > 0, slow == "yes", "slowed down with repl-slow-writers " + slow)
        eq(log_count(server, "Writers are slowed down: replica 127.0.0.1:7777"), 1 if slow == "yes" else 0)
        reader.stop = True
        reader.join()
        replica.close()
        no_replicas(t, c)
        eventually(lambda: replication(c)["gyre_writers_slowed"] == "0", "still slowed down", 10, t.patience)
        server.stop()
