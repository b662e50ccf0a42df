"""Full syncs: shared, chained, by file and by socket, and what is left of those that fail."""
import os
import re
import subprocess
import time

from cases.traced import Trace, descriptors
from harness.framework import check, eq, eventually, test
from harness.replication import (RawReplica, has_link, in_step, key_counts, load_image, log_count, no_replicas,
                                 online_replicas, primary, replication, same_data, stat, stock_replica)
from harness.replication_writers import preload, throttle
from harness.resp_client import ConnectionClosed, encode


# --- sharing ---------------------------------------------------------------------------------------------------
@test
def two_share_one_walk_and_a_third_below(t):
    """Two replicas within repl-diskless-sync-delay share one walk; one that follows the first has the same data too."""
    server = primary(t, repl_diskless_sync_delay=5, repl_diskless_sync_max_replicas=2)
    preload(server, 3000)
    first, second = stock_replica(t, server), stock_replica(t, server)
    for replica in (first, second):
        has_link(t, replica)
    eq(log_count(server, "Starting BGSAVE for SYNC with target: replicas sockets"), 1)
    third = stock_replica(t, first)
    has_link(t, third)
    c = t.client(server)
    c.pipeline([("APPEND", "key:%d" % n, "more") for n in range(3000)])
    in_step(t, server, [first, second, third])
    same_data(t, [server, first, second, third])
    eq(stat(c, "sync_full"), 2)


@test
def two_ask_in_one_turn(t):
    """Two whose PSYNC arrives in the same turn of the loop: the second one lets the image begin before it waits for it."""
    server = primary(t, repl_diskless_sync_delay=60, repl_diskless_sync_max_replicas=2)
    preload(server, 100)
    first, second = RawReplica(t, server), RawReplica(t, server)
    busy = t.client(server)
    busy.send("DEBUG", "SLEEP", "0.2")
    time.sleep(0.05)
    first.link.send("PSYNC", "?", -1)
    eq(second.psync(), "full")
    check(first.line().startswith("+FULLRESYNC "), "the first is not answered")
    first.read_image()
    check(first.image and first.image == second.image, "images of %d and %d bytes" % (len(first.image), len(second.image)))


@test(quick=False)
def keep_alives_before_the_sync(t):
    """While a replica waits for others it gets newlines."""
    server = primary(t, repl_diskless_sync_delay=3)
    replica = RawReplica(t, server)
    eq(replica.psync(), "full")
    check(replica.keep_alives >= 1, "no newline within 3 s")


@test
def by_file(t):
    """repl-diskless-sync no, a replica without `capa eof`, and the old SYNC get the length first; the image loads elsewhere."""
    for diskless in ("no",) if t.quick else ("no", "yes"):
        server = primary(t, repl_diskless_sync=diskless)
        preload(server, 2000, databases=(0, 3))
        digest = None
        for capa, old in (((), False), (("eof",), False), ((), True)):
            replica = RawReplica(t, server, capa=capa)
            if old:
                replica.sync()
            else:
                eq(replica.psync(), "full")
            eq(replica.framing, "eof" if diskless == "yes" and capa else "length")
            loaded = load_image(t, server, replica.image)
            digest = same_data(t, [server, loaded])
            loaded.stop()
            with server.client() as c:
                c("SET", "behind", len(capa))
                eq([w.upper() for w in replica.read_command()], [b"SELECT", b"0"])
                eq(replica.read_command(), [b"SET", b"behind", b"%d" % len(capa)])
            replica.close()
        check(digest != "0" * 40, "an empty digest")
        follower = stock_replica(t, server)
        has_link(t, follower)
        in_step(t, server, [follower])
        same_data(t, [server, follower])
        if diskless == "no":
            check(b"target: disk" in server.log(), "no sync by file:\n" + server.log_tail())
            left = [name for name in os.listdir(server.folder) if "rdb" in name and name != "dump.rdb"]
            eq(left, [], "files left in dir")
        follower.stop()
        server.stop()


@test
def redis_cli_takes_an_image(t):
    """redis-cli --rdb FILE gets the image alone: the connection ends, no replica stays, the file loads."""
    cli = t.tool("redis-cli")
    server = primary(t)
    preload(server, 2000)
    path = os.path.join(t.folder, "cli.rdb")
    result = subprocess.run([cli, "-p", str(server.port), "--rdb", path], capture_output=True, timeout=60 * t.patience)
    eq(result.returncode, 0, result.stderr.decode())
    c = t.client(server)
    no_replicas(t, c)
    with open(path, "rb") as file:
        loaded = load_image(t, server, file.read())
    same_data(t, [server, loaded])


@test
def image_without_keys(t):
    """REPLCONF rdb-filter-only: an image without keys; it wants capa eof, and knows only functions."""
    server = primary(t)
    preload(server, 100)
    for what in ("", "functions"):
        replica = RawReplica(t, server)
        eq(replica.link("REPLCONF", "rdb-only", 1, "rdb-filter-only", what), "OK")
        eq(replica.psync(), "full")
        check(b"key:" not in replica.image, "an image with keys")
        check(replica.link.is_closed(10 * t.patience), "the connection stays")
        loaded = load_image(t, server, replica.image)
        eq(key_counts(loaded), {})
        loaded.stop()
    no_replicas(t, t.client(server))


# --- what goes wrong -------------------------------------------------------------------------------------------
@test
def killed_in_the_middle(t):
    """A replica or a writer that dies during a sync leaves no descriptor and no replica, and the next sync works."""
    server = primary(t, rdbcompression="no")
    throttle(t, server, 500000, rdb_key_save_delay=1000)
    preload(server, 6000, 500)
    c = t.client(server)
    c("PING")  # it is accepted by now
    before = len(descriptors(server))
    for n in range(t.size(4, quick=2)):
        writer = server.client()
        replica = RawReplica(t, server)
        eq(replica.psync(read_image=False), "full")
        check(replica.line().startswith("$EOF:"), "no image")
        writer.send_raw(b"".join(encode("SET", "key:%d" % k, "w" * 100) for k in range(2000)) + encode("SET", "half", "x" * 1000)[:-300])
        if n % 2:
            writer.close()
            time.sleep(0.1)
        replica.close()
        no_replicas(t, c, 20)
        writer.close()
    eventually(lambda: len(descriptors(server)) <= before, "descriptors left: %r" % descriptors(server), 10, t.patience)
    throttle(t, server, 0, rdb_key_save_delay=0)
    if t.is_gyre():
        eventually(lambda: log_count(server, "Starting BGSAVE for SYNC") == log_count(server, "Background transfer error") +
                   log_count(server, "Background RDB transfer terminated"), "a sync without replicas goes on", 10, t.patience)
    replica = RawReplica(t, server)
    eq(replica.psync(), "full")
    loaded = load_image(t, server, replica.image)
    same_data(t, [server, loaded])
    eventually(lambda: online_replicas(c) == 1, "the replica does not come online", 10, t.patience)


@test
def shutdown_in_the_middle(t):
    """A server that is stopped while it sends an image ends at once, in order."""
    server = primary(t, rdbcompression="no")
    throttle(t, server, 500000, rdb_key_save_delay=1000)
    preload(server, 6000, 500)
    replica = RawReplica(t, server)
    eq(replica.psync(read_image=False), "full")
    waiting = RawReplica(t, server, port=7778)
    waiting.link.send("PSYNC", "?", -1)
    began = time.monotonic()
    server.stop()
    check(time.monotonic() - began < 5 * t.patience, "stopping took %.1f s" % (time.monotonic() - began))
    try:
        replica.read_image()
        check(False, "a whole image of a server that was stopped")
    except (ConnectionClosed, ConnectionResetError):
        pass


@test(quick=False)
def no_process_and_no_file(t):
    """A sync with capa eof creates no process and opens no file for writing, also with a directory one cannot write to."""
    server = primary(t)
    if not t.is_gyre():
        t.skip("stock forks")
    preload(server, 3000)
    os.chmod(server.folder, 0o555)
    replica = RawReplica(t, server)
    try:
        with Trace(t, server) as trace:
            eq(replica.psync(), "full")
            with server.client() as c:
                c("SET", "k", "v")
                replica.read_to_head(c)
    finally:
        os.chmod(server.folder, 0o755)
    for name in ("fork", "vfork", "clone", "clone3", "execve", "memfd_create", "creat"):
        eq(trace.calls[name], 0, name)
    with open(trace.path, encoding="utf-8", errors="replace") as file:
        opened = [line for line in file if re.search(r"\bopen(at)?\(", line) and re.search("O_WRONLY|O_RDWR|O_CREAT", line)]
    eq(opened, [], "opened for writing")
